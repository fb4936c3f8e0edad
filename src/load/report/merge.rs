//! Joins the reports of several machines, or of several workers of one, that ran
//! the same scenario against the same service at the same time.
//!
//! The order of the reports does not matter, and merged ones can be merged again,
//! save for the rounding of sums of fractions. Times are aligned by the machines'
//! clocks, to a second.

mod parts;
mod series;

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use thiserror::Error;

use self::parts::{add_all, added, at_once, joined, together};
use super::{Goal, HistogramError, Latency, Report, Tester, Violation, WebRtc};

/// At most so many violations are kept with their messages; all are counted.
pub const VIOLATIONS_KEPT: usize = 100;

const OTHER_SEEDS: &str = "The runs had different seeds; this report names the lowest.";

/// Why reports can't be joined.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum MergeError {
    /// There are none.
    #[error("there is no report to merge")]
    Nothing,
    /// They are of different scenarios, whose figures mean different things.
    #[error("reports of different scenarios can't be merged: `{first}` and `{other}`")]
    Scenarios {
        /// The first report's scenario.
        first: String,
        /// One that differs.
        other: String,
    },
    /// A histogram can't be read.
    #[error("report {report} can't be merged: of its latency `{latency}`, {source}")]
    Histogram {
        /// Which of the reports, from 1.
        report: usize,
        /// The latency's name.
        latency: String,
        /// What is wrong with it.
        source: HistogramError,
    },
}

/// Joins reports: counts, errors, load, connections and histograms are added,
/// seconds aligned, goals judged anew. Of what can't be added, the worst is kept:
/// a second's latencies, a goal that the merged figures don't tell.
///
/// # Errors
/// Where there is no report, the scenarios differ, or a histogram is damaged.
pub fn merge(reports: Vec<Report>) -> Result<Report, MergeError> {
    let histograms = histograms(&reports)?;
    let mut reports = reports.into_iter();
    let mut merged = reports.next().ok_or(MergeError::Nothing)?;
    // Alone, it must still be on the seconds of the clock for a merge to come.
    merged.series = series::aligned(&merged, merged.started_ms);
    merged.violations = violations(&merged, merged.started_ms);
    for report in reports {
        join(&mut merged, report)?;
    }
    merged.violations.truncate(VIOLATIONS_KEPT);
    merged.latencies =
        histograms.iter().map(|(name, histogram)| (name.clone(), Latency::of(histogram))).collect();
    judge(&mut merged);
    Ok(merged)
}

/// Joins all but the latencies.
fn join(merged: &mut Report, report: Report) -> Result<(), MergeError> {
    if merged.scenario != report.scenario {
        let (first, other) = (merged.scenario.clone(), report.scenario);
        return Err(MergeError::Scenarios { first, other });
    }
    let started_ms = merged.started_ms.min(report.started_ms);
    merged.series = series::merged([&*merged, &report], started_ms);
    merged.violations = [violations(merged, started_ms), violations(&report, started_ms)].concat();
    merged.violations.sort_by(by_time);
    merged.violation_count = merged.violation_count.saturating_add(report.violation_count);
    merged.seconds = (merged.ended_ms().max(report.ended_ms()) - started_ms) as f64 / 1000.0;
    merged.started_ms = started_ms;

    merged.warnings = together(&merged.warnings, &report.warnings);
    if merged.seed != report.seed {
        merged.warnings = together(&merged.warnings, &[OTHER_SEEDS.to_owned()]);
    }
    merged.seed = merged.seed.min(report.seed);
    merged.version = joined(&merged.version, &report.version);
    merged.cut_short = at_once(merged.cut_short.take(), report.cut_short, |a, b| joined(&a, &b));
    merged.load = merged.load.with(report.load);
    add_all(&mut merged.counts, report.counts);
    add_all(&mut merged.errors, report.errors);
    merged.goals = goals(&merged.goals, &report.goals);
    merged.tester = merged.tester.with(&report.tester);
    merged.webrtc = at_once(merged.webrtc.take(), report.webrtc, WebRtc::with);
    Ok(())
}

impl Report {
    fn ended_ms(&self) -> u64 {
        self.started_ms.saturating_add(milliseconds(self.seconds))
    }
}

impl Tester {
    /// Of two testers: what they used together, and the worse of what held either up.
    fn with(&self, other: &Self) -> Self {
        Self {
            cpu_seconds: self.cpu_seconds + other.cpu_seconds,
            peak_share: self.peak_share.max(other.peak_share),
            memory_bytes: self.memory_bytes.saturating_add(other.memory_bytes),
            late_ms: self.late_ms.max(other.late_ms),
        }
    }
}

impl WebRtc {
    fn with(mut self, other: Self) -> Self {
        add_all(&mut self.failed, other.failed);
        Self {
            pairs: added(self.pairs, other.pairs),
            connected: added(self.connected, other.connected),
            failed: self.failed,
            relayed: self.relayed || other.relayed,
        }
    }
}

/// The latencies of all reports, by name.
fn histograms(reports: &[Report]) -> Result<BTreeMap<String, Histogram<u64>>, MergeError> {
    let mut merged: BTreeMap<String, Histogram<u64>> = BTreeMap::new();
    for (at, report) in reports.iter().enumerate() {
        for (name, latency) in &report.latencies {
            let damaged = |source| MergeError::Histogram {
                report: at + 1,
                latency: super::words::visible(name),
                source,
            };
            let read = latency.read().map_err(damaged)?;
            let sum = merged.entry(name.clone()).or_insert_with(super::histogram);
            sum.add(&read).expect("histograms that are read have the same bounds");
        }
    }
    Ok(merged)
}

/// The violations of a report, by when they were after `started_ms`.
fn violations(report: &Report, started_ms: u64) -> Vec<Violation> {
    let before = report.started_ms - started_ms;
    let moved = report.violations.iter().map(|violation| Violation {
        at: milliseconds(violation.at).saturating_add(before) as f64 / 1000.0,
        ..violation.clone()
    });
    let mut moved: Vec<_> = moved.collect();
    moved.sort_by(by_time);
    moved
}

/// The oldest first; of one moment, in an order that does not depend on whose they are.
fn by_time(a: &Violation, b: &Violation) -> std::cmp::Ordering {
    let rest = |v: &Violation| (v.rule.clone(), v.words.clone(), v.messages.clone());
    a.at.total_cmp(&b.at).then_with(|| rest(a).cmp(&rest(b)))
}

/// The goals of both; of two alike, the stricter, by the worse figure.
fn goals(ours: &[Goal], theirs: &[Goal]) -> Vec<Goal> {
    let mut goals: BTreeMap<String, Goal> = BTreeMap::new();
    for goal in ours.iter().chain(theirs) {
        let known = goals.get(&goal.name).unwrap_or(goal);
        let limit = known.limit.min(goal.limit);
        let worse = Goal::at_most(goal.name.clone(), limit, known.measured.max(goal.measured));
        let met = worse.met && known.met && goal.met;
        goals.insert(goal.name.clone(), Goal { met, ..worse });
    }
    goals.into_values().collect()
}

/// Judges goals by the merged figures, where those tell.
fn judge(merged: &mut Report) {
    let judged = |goal: &Goal| match merged.measured(&goal.name) {
        Some(measured) => Goal::at_most(goal.name.clone(), goal.limit, measured),
        None => goal.clone(),
    };
    merged.goals = merged.goals.iter().map(judged).collect();
}

fn milliseconds(seconds: f64) -> u64 {
    // Casts of what is too large, negative or no number saturate.
    (seconds * 1000.0).round() as u64
}
