//! Whether the goals that were given by flag are met.

use super::collect::Collector;
use super::report::Goal;
use crate::config::{JudgingFlags, LATENCIES};

/// What people try: each may fail.
const TRIED: [&str; 4] = ["connects", "resumes", "joins", "nexts"];

/// All goals, each with what was measured.
pub(super) fn judge(flags: &JudgingFlags, seen: &Collector) -> Vec<Goal> {
    let mut goals = Vec::new();
    for goal in &flags.max_p99_ms {
        let named = |name: &str| goal.name.as_deref().is_none_or(|wanted| wanted == name);
        for name in LATENCIES.into_iter().filter(|name| named(name)) {
            let measured = seen.latencies.get(name);
            // A latency that was asked for by name and never measured is not met.
            if measured.is_none() && goal.name.is_none() {
                continue;
            }
            let p99 = measured.map(|latencies| latencies.value_at_quantile(0.99) as f64 / 1e3);
            goals.push(Goal {
                name: format!("--max-p99-ms {name}"),
                limit: goal.millis,
                measured: p99.unwrap_or(f64::MAX),
                met: p99.is_some_and(|p99| p99 <= goal.millis),
            });
        }
    }
    if let Some(limit) = flags.max_error_rate {
        let measured = error_rate(seen);
        let name = "--max-error-rate".to_owned();
        goals.push(Goal { name, limit: limit.0, measured, met: measured <= limit.0 });
    }
    goals
}

/// The share of what people tried that failed.
fn error_rate(seen: &Collector) -> f64 {
    let count = |name: &str| seen.counts.get(name).copied().unwrap_or_default();
    let tried = TRIED.into_iter().map(count).sum::<u64>();
    let failed = seen.errors.values().sum::<u64>();
    if failed == 0 { 0.0 } else { (failed as f64 / tried.max(1) as f64).min(1.0) }
}
