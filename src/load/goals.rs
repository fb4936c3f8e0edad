//! The goals that were given by flag, held against a report.

use super::report::{Goal, Report};
use crate::config::{JudgingFlags, LATENCIES};

/// All goals, each with what was measured.
pub(super) fn judge(flags: &JudgingFlags, report: &Report) -> Vec<Goal> {
    let mut goals = Vec::new();
    for goal in &flags.max_p99_ms {
        let named = |name: &str| goal.name.as_deref().is_none_or(|wanted| wanted == name);
        for latency in LATENCIES.into_iter().filter(|name| named(name)) {
            let name = format!("--max-p99-ms {latency}");
            match report.measured(&name) {
                Some(measured) => goals.push(Goal::at_most(name, goal.millis, measured)),
                // A latency that was asked for by name and never measured is not met.
                None if goal.name.is_some() => {
                    goals.push(Goal::at_most(name, goal.millis, f64::MAX));
                }
                None => (),
            }
        }
    }
    if let Some(limit) = flags.max_error_rate {
        let name = "--max-error-rate".to_owned();
        goals.push(Goal::at_most(name, limit.0, report.error_rate()));
    }
    goals
}
