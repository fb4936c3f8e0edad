//! The table at the end of a run.

use passerby::load::report::{coloured, table};

use crate::fixture;

#[test]
fn the_table_says_what_there_is() {
    let text = table(&fixture::mix());
    for words in [
        "mix, 5,000 connections for 2 min",
        "ws://127.0.0.1:8080/ws, ws://127.0.0.1:8081/ws",
        "seed 7",
        "p99.9",
        "pairing (the server's)",
        "timed out",
        "✓ --max-p99-ms match 100 ms:",
        "a match",
        "a connection",
        "✓ 0 violations, 2 goals met",
    ] {
        assert!(text.contains(words), "{words} is missing in\n{text}");
    }
    // Where somebody wants to look at it.
    if std::env::var_os("PASSERBY_SHOW").is_some() {
        println!("{text}\n{}", coloured(&table(&fixture::hostile())));
    }
}

#[test]
fn no_line_is_wider_than_a_hundred_columns_and_nothing_steers_the_terminal() {
    for report in [fixture::mix(), fixture::hostile()] {
        let text = table(&report);
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
        assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text}");
        assert!(text.ends_with('\n'));
    }
}

#[test]
fn what_went_wrong_is_told_with_its_messages() {
    let text = table(&fixture::hostile());
    for words in [
        "! Cut short: the targets were gone",
        "✗ --max-p99-ms relay 1.00 ms: 2.75 ms",
        "✗ two to a room, at 61.2 s: Person 12 was matched",
        "88 got {\"type\":\"matched\"",
        "and 410 more\n",
        "! The tester was the bottleneck",
        "16 of 20 pairs connected and echoed, through the relay",
        "✗ 412 violations, 2 goals missed",
    ] {
        assert!(text.contains(words), "{words} is missing in\n{text}");
    }
}

#[test]
fn an_empty_report_has_a_table_too() {
    assert!(table(&fixture::bare()).contains("✓ 0 violations"));
}
