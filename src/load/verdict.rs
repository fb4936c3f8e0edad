//! Why a run ends.

use super::collect::Collector;
use super::ending::Ending;
use super::measure::TURNED_AWAY;

/// How long a run goes on without anybody ever welcomed, in seconds.
const NEVER_REACHED_S: f64 = 4.0;
/// How long a run goes on after nobody is connected any more, in seconds.
const GONE_S: usize = 8;

/// Why it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The time is up.
    Over,
    /// A signal came.
    Interrupted,
    /// No target was ever reached.
    Unreached,
    /// The targets were there, and are gone.
    Gone,
    /// The service can't be tested.
    Hopeless,
    /// This machine lacks something.
    Exhausted,
    /// The crews could not be started.
    NoCrew,
}

/// Whether a run makes no sense any more, `at` seconds since its begin.
pub(super) fn reach(seen: &Collector, at: f64) -> Option<Verdict> {
    if seen.exhausted.is_some() {
        return Some(Verdict::Exhausted);
    }
    if seen.hopeless.is_some() {
        return Some(Verdict::Hopeless);
    }
    if !seen.counts.contains_key("welcomes") {
        let tried = !seen.errors.is_empty() && at > NEVER_REACHED_S;
        return tried.then_some(Verdict::Unreached);
    }
    let last = seen.series.len().checked_sub(GONE_S).map(|from| &seen.series[from..])?;
    let nobody = last.iter().all(|point| point.connections == 0);
    let some = |count| last.iter().any(|point| point.counts.contains_key(count));
    // Who asks people to come later is there.
    (nobody && some("errors") && !some(TURNED_AWAY)).then_some(Verdict::Gone)
}

impl Verdict {
    /// What it comes to: a run whose time was up before it was known that nobody
    /// can be reached has shown just that.
    pub(super) fn after(self, seen: &Collector) -> Self {
        let never = !seen.counts.contains_key("welcomes") && !seen.errors.is_empty();
        if self == Self::Over && never { Self::Unreached } else { self }
    }

    /// Why it was cut short, if it was.
    pub(super) fn words(self, seen: &Collector) -> Option<String> {
        match self {
            Self::Over => None,
            Self::Interrupted => Some("interrupted".to_owned()),
            Self::Unreached => Some(format!("no target can be reached: {}", most(seen))),
            Self::Gone => Some(format!("the targets are gone: {}", most(seen))),
            Self::Hopeless => {
                seen.hopeless.as_ref().map(|why| format!("it can't be tested: {why}"))
            }
            Self::Exhausted => seen.exhausted.clone(),
            Self::NoCrew => Some("the crews are gone".to_owned()),
        }
    }

    /// What the exit code says, where no promise was broken.
    pub(super) const fn ending(self, missed: bool) -> Ending {
        match self {
            Self::Unreached | Self::Gone | Self::Hopeless => Ending::Unreached,
            Self::Exhausted | Self::NoCrew => Ending::Exhausted,
            Self::Over | Self::Interrupted if missed => Ending::Failed,
            Self::Over | Self::Interrupted => Ending::Fine,
        }
    }
}

/// The errors there were, the most frequent first.
fn most(seen: &Collector) -> String {
    let mut errors: Vec<_> = seen.errors.iter().collect();
    errors.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let shown = errors.iter().take(3).map(|(words, count)| format!("{words} ({count})"));
    shown.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::report::Point;

    fn seen(connections: &[u64]) -> Collector {
        let mut seen = Collector::default();
        seen.errors.insert("refused".to_owned(), 7);
        seen.errors.insert("timed out".to_owned(), 9);
        if !connections.is_empty() {
            seen.counts.insert("welcomes".to_owned(), 1);
        }
        seen.series.extend(connections.iter().map(|connections| Point {
            connections: *connections,
            counts: [("errors".to_owned(), 1)].into(),
            ..Point::default()
        }));
        seen
    }

    #[test]
    fn a_run_ends_where_nobody_can_be_reached() {
        assert_eq!(reach(&seen(&[]), 1.0), None, "not at once");
        assert_eq!(reach(&seen(&[]), 5.0), Some(Verdict::Unreached));
        let words = Verdict::Unreached.words(&seen(&[])).unwrap();
        assert_eq!(words, "no target can be reached: timed out (9), refused (7)");
        assert_eq!(reach(&Collector::default(), 5.0), None, "nor before anybody tried");
    }

    #[test]
    fn a_short_run_that_reached_nobody_says_so() {
        assert_eq!(Verdict::Over.after(&seen(&[])), Verdict::Unreached);
        assert_eq!(Verdict::Over.after(&seen(&[1])), Verdict::Over);
        assert_eq!(Verdict::Interrupted.after(&seen(&[])), Verdict::Interrupted);
    }

    #[test]
    fn a_run_ends_where_the_targets_are_gone() {
        assert_eq!(reach(&seen(&[5, 0, 0, 0, 0, 0, 0, 0]), 8.0), None);
        assert_eq!(reach(&seen(&[5, 0, 0, 0, 0, 0, 0, 0, 0]), 9.0), Some(Verdict::Gone));
        assert_eq!(Verdict::Gone.ending(false), Ending::Unreached);
    }

    #[test]
    fn a_run_goes_on_where_people_are_asked_to_come_later() {
        let mut seen = seen(&[5, 0, 0, 0, 0, 0, 0, 0, 0]);
        seen.series[4].counts.insert(TURNED_AWAY.to_owned(), 3);
        assert_eq!(reach(&seen, 9.0), None);
    }
}
