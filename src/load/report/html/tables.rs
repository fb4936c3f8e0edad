//! The tables of the page.

use super::super::{Figures, Report};
use super::markup::{facts, table, text};
use super::{summary, units, words};

/// Each goal, what was measured, and whether that is good enough.
pub(super) fn goals(report: &Report) -> String {
    let goal = |goal: &super::super::Goal| {
        let verdict = if goal.met {
            "<span class=\"met\">✓ met</span>"
        } else {
            "<span class=\"missed\">✗ missed</span>"
        };
        let [measured, limit] = [goal.measured, goal.limit].map(|value| text(&goal.words(value)));
        vec![text(&goal.name), limit, measured, verdict.to_owned()]
    };
    let rows: Vec<_> = report.goals.iter().map(goal).collect();
    table("Goals and what was measured", &["Goal", "at most", "measured", ""], &rows)
}

/// All latencies, ours and the server's.
pub(super) fn latencies(report: &Report) -> String {
    let row = |name: String, figures: &Figures| {
        let Figures { count, mean, p50, p90, p99, p999, max } = *figures;
        let times = [p50, p90, p99, p999, max].map(|us| units::time(us as f64));
        let cells = [units::count(count), units::time(mean)].into_iter().chain(times);
        [name].into_iter().chain(cells).map(|cell| text(&cell)).collect()
    };
    let latencies = words::in_order(&report.latencies).into_iter();
    let rows: Vec<_> =
        latencies.map(|(name, latency)| row(words::spoken(name), &latency.figures)).collect();
    table("Latencies", &["", "count", "mean", "p50", "p90", "p99", "p99.9", "max"], &rows)
}

/// What was counted, and what went wrong.
pub(super) fn counts_and_errors(report: &Report) -> String {
    let counts = summary::counts(report).into_iter().map(|(name, count, rate)| {
        vec![words::spoken(name), units::count(count), format!("{}/s", units::digits(rate))]
    });
    let errors = report.errors.iter().map(|(kind, count)| vec![text(kind), units::count(*count)]);
    let counts = table("Counts", &["", "in all", "rate"], &counts.map(escaped).collect::<Vec<_>>());
    let errors = table("Errors", &["", "in all"], &errors.collect::<Vec<_>>());
    format!("<div class=\"beside-each-other\">{counts}{errors}</div>")
}

/// How the real peers fared.
pub(super) fn webrtc(report: &Report) -> String {
    let Some(webrtc) = &report.webrtc else { return String::new() };
    let way = if webrtc.relayed { "through the relay" } else { "direct or by STUN" };
    let about = [
        ("Pairs", units::count(webrtc.pairs)),
        ("Connected and echoed", units::count(webrtc.connected)),
        ("Way", way.to_owned()),
    ];
    let failed = webrtc.failed.iter().map(|(why, count)| vec![text(why), units::count(*count)]);
    let failed = table("Why others did not connect", &["", "pairs"], &failed.collect::<Vec<_>>());
    owned(&about) + &failed
}

/// What the tester used itself.
pub(super) fn tester(report: &Report) -> String {
    let tester = &report.tester;
    owned(&[
        ("CPU", format!("{} s", units::digits(tester.cpu_seconds))),
        ("Of its cores, at its busiest", units::percent(tester.peak_share)),
        ("Memory, at most", units::bytes(tester.memory_bytes as f64)),
        ("Its timers were late by, at most", units::time(tester.late_ms * 1000.0)),
    ])
}

/// What was asked for.
pub(super) fn settings(report: &Report) -> String {
    let load = &report.load;
    let rate = load.rate.map(|rate| ("Rate", format!("{} a second", units::number(rate))));
    let about = [
        ("Scenario", report.scenario.clone()),
        ("Targets", load.targets.join(", ")),
        ("Connections", units::count(load.connections)),
        ("Workers", load.workers.to_string()),
        ("Seed", report.seed.to_string()),
        ("Version", report.version.clone()),
    ];
    let settings = load.settings.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let all: Vec<_> = about.into_iter().chain(rate).chain(settings).collect();
    owned(&all)
}

fn owned(about: &[(&str, String)]) -> String {
    facts(&about.iter().map(|(name, fact)| ((*name).to_owned(), text(fact))).collect::<Vec<_>>())
}

fn escaped(row: Vec<String>) -> Vec<String> {
    row.iter().map(|cell| text(cell)).collect()
}
