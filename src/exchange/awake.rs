//! Whether this node stood still: its process was stopped or starved, and what others
//! said meanwhile is unread. Pure: time comes in.

use std::time::Duration;

use crate::clock::Moment;

/// What came meanwhile is read within this; whoever still means it says it again after.
const DROWSY: Duration = Duration::from_secs(1);

/// Notes when the node does something, which it does all the time.
#[derive(Debug)]
pub(super) struct Awake {
    still: Duration,
    looked: Moment,
    woke: Option<Moment>,
}

impl Awake {
    /// It is awake at `now`; who does nothing for longer than `still` stands still.
    #[must_use]
    pub(super) const fn new(now: Moment, still: Duration) -> Self {
        Self { still, looked: now, woke: None }
    }

    /// It does something. Whether it had stood still before.
    pub(super) fn look(&mut self, now: Moment) -> bool {
        let still = now - std::mem::replace(&mut self.looked, now) > self.still;
        if still {
            self.woke = Some(now);
        }
        still
    }

    /// Whether what comes in now may be as old as the time for which it stood still.
    #[must_use]
    pub(super) fn drowsy(&self, now: Moment) -> bool {
        self.woke.is_some_and(|woke| now - woke < DROWSY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_when_a_node_wakes_up_may_be_old() {
        let at = |millis: u64| Moment::from_micros(millis * 1000);
        let mut awake = Awake::new(at(0), Duration::from_millis(1500));
        assert!(!awake.look(at(20)) && !awake.look(at(1520)) && !awake.drowsy(at(1520)));
        assert!(awake.look(at(3021)) && awake.drowsy(at(3021)));
        assert!(!awake.look(at(3041)) && awake.drowsy(at(4020)) && !awake.drowsy(at(4021)));
    }
}
