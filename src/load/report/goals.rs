//! Goals and whether they are met; a run and a merge judge alike.

use super::summary::total;
use super::{Figures, Goal, Report};

/// The flag of the most errors, as a part of all that was tried.
const MAX_ERROR_RATE: &str = "--max-error-rate";

impl Report {
    /// How many errors there were.
    #[must_use]
    pub fn error_count(&self) -> u64 {
        total(self.errors.values().copied())
    }

    /// Errors as a part of all that was tried: of the errors, and of the actions
    /// that ended well and were measured. 0 where nothing was tried.
    #[must_use]
    pub fn error_rate(&self) -> f64 {
        let errors = self.error_count() as f64;
        let done: f64 = self.latencies.values().map(|latency| latency.figures.count as f64).sum();
        if errors == 0.0 { 0.0 } else { errors / (errors + done) }
    }

    /// What a goal of this name measures: `--max-error-rate`, or
    /// `--max-p99-ms match` and its like with `p50`, `p90`, `p999`, `mean` and
    /// `max`, in milliseconds. `None` for other names, and for latencies that
    /// were not measured.
    #[must_use]
    pub fn measured(&self, goal: &str) -> Option<f64> {
        if goal == MAX_ERROR_RATE {
            return Some(self.error_rate());
        }
        let (flag, latency) = goal.split_once(' ')?;
        let figure = flag.strip_prefix("--max-")?.strip_suffix("-ms")?;
        let figures = self.latencies.get(latency).map(|latency| latency.figures)?;
        let measured = figure_us(&figures, figure).filter(|_| figures.count > 0)?;
        Some(measured / 1000.0)
    }

    /// Whether a goal was missed or a promise broken: what ends with exit code 1.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.violation_count > 0 || self.goals.iter().any(|goal| !goal.met)
    }
}

impl Goal {
    /// A goal and whether `measured` meets it.
    #[must_use]
    pub fn at_most(name: String, limit: f64, measured: f64) -> Self {
        Self { name, limit, measured, met: measured <= limit }
    }

    /// A limit or a measured figure of this goal with its unit, as people read it.
    pub(super) fn words(&self, value: f64) -> String {
        if self.name == MAX_ERROR_RATE {
            return super::units::percent(value);
        }
        let in_ms = self.name.split(' ').next().is_some_and(|flag| flag.ends_with("-ms"));
        if in_ms { super::units::time(value * 1000.0) } else { super::units::number(value) }
    }
}

fn figure_us(figures: &Figures, name: &str) -> Option<f64> {
    Some(match name {
        "mean" => figures.mean,
        "p50" => figures.p50 as f64,
        "p90" => figures.p90 as f64,
        "p99" => figures.p99 as f64,
        "p999" => figures.p999 as f64,
        "max" => figures.max as f64,
        _ => return None,
    })
}
