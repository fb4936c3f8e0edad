//! Where results go: progress while it runs, then the report.

use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use super::collect::Collector;
use super::report::{Bar, Point, Progress, Report, Violation, coloured, html, table, write};
use crate::config::OutputFlags;

/// How far a run is: the last whole second, and all before it.
pub(super) fn progress(seen: &Collector, point: &Point, total: Duration) -> Progress {
    Progress {
        elapsed: Duration::from_secs_f64(point.at),
        total: Some(total),
        connections: point.connections,
        matched: seen.counts.get("matches").copied().unwrap_or_default(),
        rate: actions(point),
        p99: point.latencies.get("match").map(|sample| sample.p99),
        errors: seen.errors.values().sum(),
        violations: seen.violation_count,
    }
}

/// Shows a violation at once.
pub(super) fn violation(bar: &Bar, violation: &Violation) {
    let Violation { rule, words, messages, at } = violation;
    bar.tell(&format!("VIOLATION at {at:.3} s: {rule}: {words}"));
    messages.iter().for_each(|message| bar.tell(&format!("    {message}")));
}

/// Shows the report and writes the files that were asked for.
///
/// # Errors
/// A file that can't be written, in words.
pub(super) fn report(flags: &OutputFlags, report: &Report) -> Result<(), String> {
    if !flags.quiet || report.failed() || report.cut_short.is_some() {
        let text = table(report);
        let terminal = std::io::stdout().is_terminal();
        let text = if terminal { coloured(&text) } else { text };
        // Who reads no further, as `head`, wants no more.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }
    tell(report);
    if let Some(path) = &flags.json {
        write(report, path).map_err(|error| error.to_string())?;
    }
    if let Some(path) = &flags.html {
        fs::write(path, html(report)).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// Why it ends otherwise than well, and what a reader should not miss, for who
/// looks at standard error alone.
fn tell(report: &Report) {
    for warning in &report.warnings {
        eprintln!("warning: {warning}");
    }
    for goal in report.goals.iter().filter(|goal| !goal.met) {
        eprintln!("goal missed: {}: {} is over {}", goal.name, goal.measured, goal.limit);
    }
    if let Some(why) = &report.cut_short {
        eprintln!("cut short: {why}");
    }
}

/// What was done in a second, of the kind that the scenario is about.
fn actions(point: &Point) -> f64 {
    let count = |name: &str| point.counts.get(name).copied().unwrap_or_default();
    ["signals_received", "calls", "nexts", "matches", "resumes", "connects"]
        .into_iter()
        .map(count)
        .find(|count| *count > 0)
        .unwrap_or_default() as f64
}
