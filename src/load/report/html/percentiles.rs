//! Latencies by percentile, on the axis that HdrHistogram's plotter made usual:
//! each further nine takes as much room as the one before.

use super::super::{Latency, Report};
use super::axis::{Scale, Unit};
use super::chart::{COLOURS, Chart, Line};
use super::{units, words};

/// Points between two nines.
const EACH_NINE: usize = 24;
/// As far as any run can tell: one in a million.
const NINES: f64 = 6.0;

/// All latencies by percentile; nothing where none was measured.
pub(super) fn chart(report: &Report) -> String {
    let latencies = words::in_order(&report.latencies).into_iter();
    let measured: Vec<_> = latencies.filter(|(_, latency)| latency.figures.count > 0).collect();
    let most = measured.iter().map(|(_, latency)| latency.figures.count).max().unwrap_or(0);
    let places = end(most).ceil() as usize + 1;
    let line = |((name, latency), class): (&(&str, &Latency), &&'static str)| {
        line(name, class, latency, places)
    };
    let lines: Vec<Line> = measured.iter().zip(COLOURS.iter().cycle()).filter_map(line).collect();
    let values = || lines.iter().flat_map(|line| line.values.iter().flatten().copied());
    let highest = values().fold(0.0, f64::max);
    let scale = Scale::suited(values().fold(highest, f64::min), highest, Unit::Time);
    let chart = Chart {
        title: "Latency by percentile".into(),
        note: "How long the slowest part took. Each step to the right is ten times rarer.".into(),
        unit: Unit::Time,
        scale,
        places: (0..=places).map(|at| at as f64 / places as f64).collect(),
        place_words: (0..=places).map(|at| words_of(quantile(at))).collect(),
        ticks: ticks(places),
        lines,
        tall: true,
    };
    chart.markup()
}

/// `None` where the histogram can't be read; the figures still stand in the table.
fn line(name: &str, class: &'static str, latency: &Latency, places: usize) -> Option<Line> {
    let histogram = latency.read().ok()?;
    let end = end(histogram.len());
    let value = |at: usize| {
        let told = at as f64 <= end + 1.0;
        told.then(|| histogram.value_at_quantile(quantile(at)) as f64)
    };
    let values = (0..=places).map(value).collect();
    Some(Line { name: words::spoken(name), class, values })
}

/// The place beyond which there is only the longest of so many.
fn end(count: u64) -> f64 {
    (count.max(100) as f64).log10().min(NINES) * EACH_NINE as f64
}

fn quantile(at: usize) -> f64 {
    1.0 - 10_f64.powf(-(at as f64) / EACH_NINE as f64)
}

fn words_of(quantile: f64) -> String {
    match quantile * 100.0 {
        percent if percent < 99.0 => format!("{} % within", units::number(percent)),
        percent => format!("{percent:.4} % within"),
    }
}

/// The half, and each nine; where all of them begin needs no name.
fn ticks(places: usize) -> Vec<(f64, String)> {
    let place = |nines: f64| nines * EACH_NINE as f64 / places as f64;
    let name = |nines: usize| match nines {
        1 => "90%".to_owned(),
        2 => "99%".to_owned(),
        more => format!("99.{}%", "9".repeat(more - 2)),
    };
    let nines = (1..=places / EACH_NINE).map(|nines| (place(nines as f64), name(nines)));
    [(place(2_f64.log10()), "50%".to_owned())].into_iter().chain(nines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_nine_takes_as_much_room() {
        assert_eq!(quantile(0), 0.0);
        assert!((quantile(EACH_NINE) - 0.9).abs() < 1e-12);
        assert!((quantile(3 * EACH_NINE) - 0.999).abs() < 1e-12);
        let names: Vec<_> = ticks(4 * EACH_NINE + 3).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["50%", "90%", "99%", "99.9%", "99.99%"]);
    }
}
