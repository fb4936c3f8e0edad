//! The report, from what was collected.

use std::collections::BTreeMap;

use super::collect::Collector;
use super::goals::judge;
use super::leak;
use super::plan::{Plan, Scenario};
use super::report::{Latency, Load, Report, WebRtc};
use crate::config::LoadFlags;

/// The share of its machine's cores from which on the tester is the bottleneck.
const BUSY: f64 = 0.85;
/// Timers that are so late falsify latencies.
const LATE_MS: f64 = 100.0;

/// Puts the report together.
pub(super) fn assemble(
    flags: &LoadFlags,
    plan: &Plan,
    workers: u32,
    seconds: f64,
    cut_short: Option<String>,
    mut seen: Collector,
) -> Report {
    let mut goals = Vec::new();
    if plan.scenario == Scenario::Soak {
        match leak::check(&seen.series) {
            Ok(leaks) => goals.extend(leaks),
            Err(why) => seen.warn(why.to_owned()),
        }
    }
    weigh(&mut seen);
    let mut report = Report {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: plan.scenario.name().to_owned(),
        seed: plan.seed,
        started_ms: plan.start_us / 1000,
        seconds,
        cut_short,
        load: load(flags, plan, workers),
        latencies: seen
            .latencies
            .iter()
            .map(|(name, of)| (name.clone(), Latency::of(of)))
            .collect(),
        counts: seen.counts,
        errors: seen.errors,
        series: seen.series,
        violations: seen.violations,
        violation_count: seen.violation_count,
        goals,
        tester: seen.tester,
        webrtc: (flags.people.webrtc > 0)
            .then_some(WebRtc { relayed: flags.people.webrtc_relay, ..seen.webrtc }),
        warnings: seen.warnings,
    };
    let judged = judge(&flags.judging, &report);
    report.goals.splice(0..0, judged);
    report
}

/// Whether the tester itself was the bottleneck, and whom its people met.
fn weigh(seen: &mut Collector) {
    let cores = std::thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
    let used = |point: &super::report::Point| point.tester_cores / cores;
    seen.tester.peak_share = seen.series.iter().map(used).fold(0.0, f64::max).min(1.0);
    let busy = seen.series.iter().filter(|point| used(point) > BUSY).count();
    if busy * 10 > seen.series.len() {
        seen.warn(format!(
            "the tester was the bottleneck: in {busy} of {} seconds it used more than {:.0} % of {cores} cores",
            seen.series.len(),
            BUSY * 100.0
        ));
    }
    if seen.tester.late_ms > LATE_MS {
        let late = seen.tester.late_ms;
        seen.warn(format!("the tester's own timers were up to {late:.0} ms late: the highest latencies may be its own"));
    }
    let strangers = seen.strangers();
    if strangers > 0 {
        seen.warn(format!(
            "{strangers} rooms had a side that was nobody of this run, or not told yet at its end"
        ));
    }
}

fn load(flags: &LoadFlags, plan: &Plan, workers: u32) -> Load {
    let settings = &plan.settings;
    let pairs = [
        ("window", settings.window.to_string()),
        ("mode", settings.mode.map_or("by scenario", crate::protocol::Mode::name).to_owned()),
        ("stay", format!("{} ms", settings.stay.as_millis())),
        ("interests", settings.interests.to_string()),
        ("text", settings.text.to_string()),
        ("skip", settings.skip.to_string()),
        ("drop", settings.drop.to_string()),
        ("storm", format!("{} ms", settings.storm.as_millis())),
        ("connect rate", plan.connect_rate.to_string()),
    ];
    let shown: &[&str] = match plan.scenario {
        Scenario::Idle | Scenario::Pair => &["connect rate"],
        Scenario::Relay => &["connect rate", "window"],
        Scenario::Churn | Scenario::Call => &["connect rate", "stay", "mode"],
        Scenario::Storm => &["connect rate", "storm", "mode"],
        Scenario::Mix | Scenario::Soak => {
            &["connect rate", "mode", "stay", "interests", "text", "skip", "drop"]
        }
    };
    let shown = pairs.into_iter().filter(|(name, _)| shown.contains(name));
    let settings: BTreeMap<_, _> = shown.map(|(name, value)| (name.to_owned(), value)).collect();
    Load {
        targets: flags.target.iter().map(ToString::to_string).collect(),
        connections: plan.total.into(),
        rate: plan.settings.rate,
        settings,
        workers,
    }
}
