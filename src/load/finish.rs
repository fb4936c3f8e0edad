//! Where results go: progress while it runs, then the report.

use std::fs;

use super::report::{Point, Report, Violation};
use crate::config::OutputFlags;

/// Shows a second that went by.
pub(super) fn progress(flags: &OutputFlags, point: &Point, seconds: f64) {
    // SEAM report: the progress bar (indicatif) takes its place here.
    if !flags.quiet && (point.at as u64).is_multiple_of(5) {
        let count = |name: &str| point.counts.get(name).copied().unwrap_or_default();
        eprintln!(
            "{:>4.0} of {seconds:.0} s: {} connected, {} matches, {} signals, {} errors a second",
            point.at,
            point.connections,
            count("matches"),
            count("signals_received"),
            count("errors")
        );
    }
}

/// Shows a violation at once.
pub(super) fn violation(violation: &Violation) {
    eprintln!("VIOLATION at {:.3} s: {}: {}", violation.at, violation.rule, violation.words);
    for message in &violation.messages {
        eprintln!("    {message}");
    }
}

/// Shows the report and writes the files that were asked for.
///
/// # Errors
/// A file that can't be written, in words.
pub(super) fn report(flags: &OutputFlags, report: &Report) -> Result<(), String> {
    // SEAM report: the table takes its place here.
    if !flags.quiet {
        println!("{} for {:.1} s, seed {}", report.scenario, report.seconds, report.seed);
        println!("counts: {:?}", report.counts);
        println!("errors: {:?}", report.errors);
        for (name, latency) in &report.latencies {
            println!("{name} (us): {:?}", latency.figures);
        }
        println!("tester: {:?}", report.tester);
    }
    for goal in report.goals.iter().filter(|goal| !goal.met) {
        eprintln!("goal missed: {}: {} is over {}", goal.name, goal.measured, goal.limit);
    }
    if let Some(why) = &report.cut_short {
        eprintln!("cut short: {why}");
    }
    for warning in &report.warnings {
        eprintln!("warning: {warning}");
    }
    if let Some(path) = &flags.json {
        let json = serde_json::to_vec_pretty(report).map_err(|error| error.to_string())?;
        fs::write(path, json).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    if let Some(path) = &flags.html {
        // SEAM report: the page with charts takes its place here.
        return Err(format!("{}: the page is not built yet", path.display()));
    }
    Ok(())
}
