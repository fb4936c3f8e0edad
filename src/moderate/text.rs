//! How things look on a terminal.

use std::io::{self, Write as _};

/// Characters that turn the direction of a text: somebody might hide words by them.
const DIRECTIONS: [std::ops::RangeInclusive<char>; 3] =
    ['\u{200e}'..='\u{200f}', '\u{202a}'..='\u{202e}', '\u{2066}'..='\u{2069}'];

/// Writes a line to standard output.
pub(super) fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
}

/// A table: each column as wide as its widest cell, with two spaces between.
pub(super) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let head = head.map(String::from);
    let lines = || std::iter::once(&head).chain(rows);
    let width = |column: usize| lines().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    lines().map(line).collect::<Vec<_>>().join("\n")
}

/// What a stranger wrote, on one line: nothing in it commands the terminal.
pub(super) fn harmless(text: &str) -> String {
    let commands = |c: char| c.is_control() || DIRECTIONS.iter().any(|range| range.contains(&c));
    let shown = |c: char| if commands(c) { c.escape_unicode().to_string() } else { c.to_string() };
    text.chars().map(shown).collect()
}

/// The beginning of that.
pub(super) fn brief(text: &str, characters: usize) -> String {
    let text = harmless(text);
    if text.chars().count() <= characters {
        return text;
    }
    text.chars().take(characters.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_write_commands_nothing() {
        let text = harmless("a\u{1b}[2Jb\r\nc\u{202e}d é\u{1f600}");
        assert_eq!(text, "a\\u{1b}[2Jb\\u{d}\\u{a}c\\u{202e}d é\u{1f600}");
        assert_eq!(brief("abcdef", 4), "abc…");
        assert_eq!(brief("abcd", 4), "abcd");
    }

    #[test]
    fn columns_are_as_wide_as_they_must_be() {
        let rows = [["1".to_owned(), "x".to_owned()], ["22".to_owned(), String::new()]];
        assert_eq!(table(["A", "BB"], &rows), "A   BB\n1   x\n22");
    }
}
