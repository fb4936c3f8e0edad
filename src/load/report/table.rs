//! A report as text, for the end of a run in a terminal.
//!
//! No line is wider than [`WIDTH`], and nothing that a server or a stranger wrote
//! gets to the terminal as anything but text.

mod grid;
mod sections;

use self::grid::Grid;
use super::{Report, words};

/// The most columns of a line.
const WIDTH: usize = 100;

/// The report as plain text without colours, in lines of at most 100 columns.
#[must_use]
pub fn table(report: &Report) -> String {
    let mut page = Page::default();
    sections::headline(&mut page, report);
    sections::counts(&mut page, report);
    sections::latencies(&mut page, report);
    sections::errors(&mut page, report);
    sections::webrtc(&mut page, report);
    sections::server(&mut page, report);
    sections::tester(&mut page, report);
    sections::goals(&mut page, report);
    sections::violations(&mut page, report);
    sections::warnings(&mut page, report);
    sections::verdict(&mut page, report);
    page.0
}

/// A [`table`] with colours (ECMA-48, "Select graphic rendition"), for a terminal
/// that shows them.
#[must_use]
pub fn coloured(table: &str) -> String {
    let mut text = String::with_capacity(table.len() + 512);
    for line in table.lines() {
        let heading = line.chars().next().is_some_and(char::is_alphabetic);
        let colour = match line.trim_start().chars().next() {
            Some('✓') => "32",
            Some('✗') => "31",
            Some('!') => "33",
            _ if heading => "1",
            _ => "0",
        };
        text.push_str(&format!("\u{1b}[{colour}m{line}\u{1b}[0m\n"));
    }
    text
}

/// The text so far.
#[derive(Default)]
struct Page(String);

impl Page {
    /// Begins a section.
    fn heading(&mut self, words: &str) {
        self.line("");
        self.line(words);
    }

    /// Rows in columns, indented.
    fn grid(&mut self, grid: &Grid) {
        for line in grid.lines(WIDTH - 2) {
            self.line(&format!("  {line}"));
        }
    }

    /// A line of our own words.
    fn line(&mut self, line: &str) {
        self.0.push_str(&cut(line.trim_end(), WIDTH));
        self.0.push('\n');
    }

    /// Words of any length: `first` begins the first line, the others stand below
    /// where its words begin.
    fn paragraph(&mut self, first: &str, text: &str) {
        let indent = first.chars().count();
        let text = words::visible(text);
        for (at, line) in wrapped(&text, WIDTH - indent).into_iter().enumerate() {
            let begin = if at == 0 { first.to_owned() } else { " ".repeat(indent) };
            self.line(&format!("{begin}{line}"));
        }
    }
}

/// Lines of at most so many characters, broken at spaces where there are some.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text.trim();
    while let Some((end, _)) = rest.char_indices().nth(width) {
        // A space right behind the line is a break as well.
        let behind = end + rest[end..].chars().next().map_or(0, char::len_utf8);
        let at = rest[..behind].rfind(' ').filter(|at| *at > 0).unwrap_or(end);
        lines.push(rest[..at].trim_end().to_owned());
        rest = rest[at..].trim_start();
    }
    lines.push(rest.to_owned());
    lines
}

/// At most so many characters; an ellipsis says that there were more.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_break_at_spaces_or_else_anywhere() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("äöüäöü ab", 4), ["äöüä", "öü", "ab"]);
        assert_eq!(wrapped("", 4), [""]);
    }

    #[test]
    fn colours_are_outside_of_the_text() {
        let text = coloured("Goals\n  ✓ met\n  ✗ missed\n");
        assert_eq!(
            text,
            "\u{1b}[1mGoals\u{1b}[0m\n\u{1b}[32m  ✓ met\u{1b}[0m\n\
             \u{1b}[31m  ✗ missed\u{1b}[0m\n"
        );
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_no_word_is_lost(text in "[a-zäé ]{0,200}", width in 1..40_usize) {
            let lines = wrapped(&text, width);
            prop_assert!(lines.iter().all(|line| line.chars().count() <= width), "{lines:?}");
            let without_spaces = |text: &str| text.replace(' ', "");
            prop_assert_eq!(without_spaces(&lines.concat()), without_spaces(&text));
        }
    }
}
