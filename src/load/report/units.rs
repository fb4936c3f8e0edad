//! Numbers with units, as people read them.

use crate::clock::UnixMillis;

/// A time in microseconds: `87 µs`, `1.24 ms`, `3.10 s`.
pub(super) fn time(us: f64) -> String {
    match us {
        _ if us < 999.5 => format!("{} µs", round(us)),
        _ if us < 999_500.0 => format!("{} ms", digits(us / 1e3)),
        _ => format!("{} s", digits(us / 1e6)),
    }
}

/// Three digits, or all before the point: `1.24`, `12.4`, `124`, `1,240`.
pub(super) fn digits(value: f64) -> String {
    match value.abs() {
        size if size < 9.995 => format!("{value:.2}"),
        size if size < 99.95 => format!("{value:.1}"),
        _ => round(value),
    }
}

/// A whole number in groups of three: `1,234,567`.
pub(super) fn count(count: u64) -> String {
    let figures = count.to_string();
    let mut text = String::new();
    for (at, figure) in figures.chars().enumerate() {
        if at > 0 && (figures.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(figure);
    }
    text
}

/// How many, without noise behind the point: `0`, `0.25`, `12.5`, `1,240`.
pub(super) fn number(value: f64) -> String {
    let text = digits(value);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Bytes in powers of 1024: `512 B`, `1.50 KiB`, `312 MiB`.
pub(super) fn bytes(bytes: f64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes;
    let mut unit = 0;
    while value >= 1023.5 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => format!("{} B", round(value)),
        _ => format!("{} {}", digits(value), UNITS[unit]),
    }
}

/// A part of one as percent: `0 %`, `0.012 %`, `12.5 %`.
pub(super) fn percent(part: f64) -> String {
    match part * 100.0 {
        percent if percent > 0.0 && percent < 0.0995 => format!("{percent:.3} %"),
        percent => format!("{} %", number(percent)),
    }
}

/// A length of time: `0.5 s`, `90 s`, `2 min`, `1 h 30 min`.
pub(super) fn length(seconds: f64) -> String {
    if seconds < 10.0 {
        return format!("{} s", number(seconds));
    }
    let whole = seconds.round() as u64;
    let parts = [(whole / 3600, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")];
    if whole < 120 {
        return format!("{whole} s");
    }
    let words =
        parts.iter().filter(|(size, _)| *size > 0).map(|(size, unit)| format!("{size} {unit}"));
    words.collect::<Vec<_>>().join(" ")
}

/// A moment of a run, in seconds since its begin: `61.3 s`.
pub(super) fn second(seconds: f64) -> String {
    match seconds.abs() {
        size if size < 1e6 => format!("{seconds:.1} s"),
        _ => format!("{} s", round(seconds)),
    }
}

/// A moment in milliseconds since 1970 as day and time, UTC.
pub(super) fn moment(ms: u64) -> String {
    UnixMillis(ms).to_string()
}

fn round(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let size = count(value.abs().round() as u64);
    if value <= -0.5 { format!("-{size}") } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_unit_that_suits_them() {
        let times = [0.0, 87.4, 999.4, 999.6, 1_240.0, 999_499.0, 999_600.0, 3_100_000.0, 3.6e9];
        let words = [
            "0 µs", "87 µs", "999 µs", "1.00 ms", "1.24 ms", "999 ms", "1.00 s", "3.10 s",
            "3,600 s",
        ];
        assert_eq!(times.map(time), words);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [0.0, 0.25, 12.5, 1240.2, 100.0].map(number),
            ["0", "0.25", "12.5", "1,240", "100"]
        );
        assert_eq!([512.0, 1536.0, 327_155_712.0].map(bytes), ["512 B", "1.50 KiB", "312 MiB"]);
        assert_eq!([0.0, 0.00012, 0.125, 1.0].map(percent), ["0 %", "0.012 %", "12.5 %", "100 %"]);
        assert_eq!(number(-3.5), "-3.5");
    }

    #[test]
    fn lengths_and_moments() {
        let lengths = [0.5, 90.0, 120.0, 125.4, 5400.0, 3601.0];
        assert_eq!(
            lengths.map(length),
            ["0.5 s", "90 s", "2 min", "2 min 5 s", "1 h 30 min", "1 h 1 s"]
        );
        let moments = [0, 951_782_400_000, 1_772_323_199_000, 4_107_542_400_000];
        assert_eq!(
            moments.map(moment),
            [
                "1970-01-01 00:00:00 UTC",
                "2000-02-29 00:00:00 UTC",
                "2026-02-28 23:59:59 UTC",
                "2100-03-01 00:00:00 UTC"
            ]
        );
    }

    #[test]
    fn what_is_no_number_does_not_upset() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for words in [time, digits, number, bytes, percent, length, second] {
                assert!(!words(value).is_empty());
            }
        }
    }
}
