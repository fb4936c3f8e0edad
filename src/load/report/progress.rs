//! Progress of a run: words, and where they go.
//!
//! On a terminal there is a bar that is drawn again in place; elsewhere, as in the
//! log of a CI job, there is a line now and then.

mod bar;

use std::time::Duration;

pub use self::bar::Bar;
use super::{units, words};

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Since the begin.
    pub elapsed: Duration,
    /// How long it will take, where that is known.
    pub total: Option<Duration>,
    /// Open connections.
    pub connections: u64,
    /// Matches so far.
    pub matched: u64,
    /// Actions in the last second; of what, the scenario says.
    pub rate: f64,
    /// The 99th percentile of the last second's matches, in microseconds; `None`
    /// where there were none.
    pub p99: Option<u64>,
    /// Errors so far.
    pub errors: u64,
    /// Violations so far.
    pub violations: u64,
}

impl Progress {
    /// What happens, in one line without the time: `4,980 connected · 12,400
    /// matched · 812/s · p99 4.10 ms · 3 errors`.
    #[must_use]
    pub fn words(&self) -> String {
        let mut parts = vec![
            format!("{} connected", units::count(self.connections)),
            format!("{} matched", units::count(self.matched)),
            format!("{}/s", units::number(self.rate)),
        ];
        parts.extend(self.p99.map(|us| format!("p99 {}", units::time(us as f64))));
        for (count, noun) in [(self.errors, "error"), (self.violations, "violation")] {
            if count > 0 {
                parts.push(words::counted(count, noun));
            }
        }
        parts.join(" · ")
    }

    /// All of it as a line of a log: `35 s of 120 s · ...`.
    #[must_use]
    pub fn line(&self) -> String {
        let total = self.total.map(|total| format!(" of {} s", total.as_secs()));
        let elapsed = self.elapsed.as_secs();
        format!("{elapsed} s{} · {}", total.unwrap_or_default(), self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_there_is() {
        let mut progress = Progress {
            elapsed: Duration::from_millis(35_900),
            total: Some(Duration::from_secs(120)),
            connections: 4980,
            matched: 12_400,
            rate: 812.4,
            p99: Some(4_100),
            errors: 3,
            violations: 1,
        };
        assert_eq!(
            progress.line(),
            "35 s of 120 s · 4,980 connected · 12,400 matched · 812/s · p99 4.10 ms · 3 errors \
             · 1 violation"
        );
        progress = Progress { connections: 5, ..Progress::default() };
        assert_eq!(progress.line(), "0 s · 5 connected · 0 matched · 0/s");
    }
}
