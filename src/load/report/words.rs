//! The words of a report: what its names mean to people, and what strangers
//! wrote made safe to show.

/// The names of counts and latencies in the order in which things happen;
/// others come after them.
const ORDER: [&str; 13] = [
    "connects",
    "connect",
    "joins",
    "matches",
    "match",
    "nexts",
    "next",
    "resumes",
    "resume",
    "signals_sent",
    "signals_received",
    "relay",
    "call",
];

/// Where a name stands among others.
pub(super) fn place(name: &str) -> (usize, &str) {
    (ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len()), name)
}

/// The entries of a map by name, in the order in which things happen.
pub(super) fn in_order<'a, V>(
    entries: impl IntoIterator<Item = (&'a String, V)>,
) -> Vec<(&'a str, V)> {
    let mut entries: Vec<_> = entries.into_iter().map(|(name, v)| (name.as_str(), v)).collect();
    entries.sort_by(|(a, _), (b, _)| place(a).cmp(&place(b)));
    entries
}

/// A name as words: `signals_sent` is `signals sent`.
pub(super) fn spoken(name: &str) -> String {
    visible(&name.replace('_', " "))
}

/// One of what a name counts: `matches` is `match`.
pub(super) fn singular(name: &str) -> String {
    match name {
        "matches" => "match".into(),
        "signals_received" => "signal".into(),
        _ => spoken(name.strip_suffix('s').unwrap_or(name)),
    }
}

/// A count with its noun: `1 violation`, `2 violations`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", super::units::count(count))
}

/// Text with what would steer a terminal or hide itself written out: control
/// characters, and those that change the direction of what follows (Unicode's
/// report 36, "Bidirectional text spoofing").
pub(super) fn visible(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{ffff}')
    };
    text.chars().fold(String::with_capacity(text.len()), |mut shown, c| {
        match steers(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
        shown
    })
}

/// At most so many characters of a text, and a word on how long it was.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            format!("{} … ({} bytes)", &text[..end], super::units::count(text.len() as u64))
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_order_of_a_visit() {
        let names = ["zebras", "call", "match", "connect", "apples"].map(String::from);
        let ordered = in_order(names.iter().map(|name| (name, ())));
        let ordered: Vec<_> = ordered.into_iter().map(|(name, ())| name).collect();
        assert_eq!(ordered, ["connect", "match", "call", "apples", "zebras"]);
    }

    #[test]
    fn nothing_steers_a_terminal() {
        let hostile = "a\u{1b}[2Jb\r\n\u{202e}c\u{0}\u{9b}é✓";
        assert_eq!(visible(hostile), "a\\u{1b}[2Jb\\r\\n\\u{202e}c\\u{0}\\u{9b}é✓");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(shortened("ééé", 2), "éé … (6 bytes)");
        assert_eq!(shortened("ééé", 3), "ééé");
    }

    #[test]
    fn one_of_many() {
        assert_eq!(
            ["matches", "calls", "signals_received"].map(singular),
            ["match", "call", "signal"]
        );
        assert_eq!([counted(1, "error"), counted(2000, "error")], ["1 error", "2,000 errors"]);
    }
}
