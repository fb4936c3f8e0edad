//! Whether this node has just gone on after it stood still: its process was stopped or
//! starved, and what others said meanwhile is unread. Pure: time comes in.

use std::time::Duration;

use crate::clock::Moment;

/// What came meanwhile is read within this; whoever still means it says it again after.
const DROWSY: Duration = Duration::from_secs(1);

/// When it last did.
#[derive(Debug, Default)]
pub(super) struct Awake {
    woke: Option<Moment>,
}

impl Awake {
    /// It goes on.
    pub(super) fn wake(&mut self, now: Moment) {
        self.woke = Some(now);
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
        let mut awake = Awake::default();
        assert!(!awake.drowsy(at(20)));
        awake.wake(at(3021));
        assert!(awake.drowsy(at(3021)) && awake.drowsy(at(4020)) && !awake.drowsy(at(4021)));
    }
}
