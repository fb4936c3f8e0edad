//! Keeps the people of a node that stood still waiting until it knows what became of
//! them meanwhile. Whoever acts for them asks here first.
//!
//! It is shut as soon as the node has not looked for too long, also where that is not
//! noticed yet: of a process that goes on after a stop, any thread may be first.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::{Clock, Moment};

/// Shut and opened by the node's office.
#[derive(Debug)]
pub struct Gate {
    still: Duration,
    /// When the node looked last, in microseconds of the clock.
    looked: AtomicU64,
    shut: AtomicBool,
    /// Nobody is paired.
    pairs_nobody: AtomicBool,
    /// Who waits: a few for each connection.
    waiting: Mutex<Vec<Waker>>,
}

impl Gate {
    /// An open one; who does not look for longer than `still` stands still.
    #[must_use]
    pub fn new(now: Moment, still: Duration) -> Self {
        Self {
            still,
            looked: AtomicU64::new(now.micros()),
            shut: AtomicBool::new(false),
            pairs_nobody: AtomicBool::new(false),
            waiting: Mutex::default(),
        }
    }

    /// Whether the node has not looked for too long.
    pub(super) fn stood_still(&self, now: Moment) -> bool {
        now - Moment::from_micros(self.looked.load(Ordering::Acquire)) > self.still
    }

    /// The node looks, and has shut it where it had stood still.
    pub(super) fn looked(&self, now: Moment) {
        self.looked.fetch_max(now.micros(), Ordering::AcqRel);
        if !self.shut.load(Ordering::Acquire) {
            self.wake();
        }
    }

    /// Nobody passes from now on.
    pub(super) fn shut(&self) {
        self.pairs_nobody.store(true, Ordering::Release);
        self.shut.store(true, Ordering::Release);
    }

    /// Clients pass: what they sent meanwhile is read, and who went is not paired.
    pub(super) fn open(&self) {
        self.shut.store(false, Ordering::Release);
        self.wake();
    }

    /// Everybody passes.
    pub(super) fn open_to_pairs(&self) {
        self.pairs_nobody.store(false, Ordering::Release);
    }

    /// Whether nobody passes.
    #[must_use]
    pub fn is_shut(&self, now: Moment) -> bool {
        // In this order: it is shut before it is noted that the node looked.
        self.stood_still(now) || self.shut.load(Ordering::Acquire)
    }

    /// Whether nobody is to be paired.
    #[must_use]
    pub fn pairs_nobody(&self, now: Moment) -> bool {
        self.is_shut(now) || self.pairs_nobody.load(Ordering::Acquire)
    }

    /// Ready where one may pass.
    pub fn poll_open(&self, cx: &Context<'_>, now: Moment) -> Poll<()> {
        if !self.is_shut(now) {
            return Poll::Ready(());
        }
        self.waiting.lock().push(cx.waker().clone());
        // It may have been opened before it was known who waits.
        if self.is_shut(now) { Poll::Pending } else { Poll::Ready(()) }
    }

    /// Returns when one may pass.
    pub async fn opened(&self, clock: &Clock) {
        poll_fn(|cx| self.poll_open(cx, clock.now())).await;
    }

    fn wake(&self) {
        let waiting = std::mem::take(&mut *self.waiting.lock());
        waiting.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_shut_before_anybody_has_noticed_and_until_it_is_opened() {
        let at = |millis: u64| Moment::from_micros(millis * 1000);
        let gate = Gate::new(at(0), Duration::from_millis(1500));
        let cx = Context::from_waker(Waker::noop());
        assert!(gate.poll_open(&cx, at(1500)).is_ready() && !gate.stood_still(at(1500)));
        assert!(gate.poll_open(&cx, at(1501)).is_pending(), "nobody has looked");
        gate.shut();
        assert!(gate.stood_still(at(1502)));
        gate.looked(at(1502));
        assert!(!gate.stood_still(at(1503)));
        assert!(gate.is_shut(at(1503)) && gate.waiting.lock().len() == 1);
        gate.open();
        assert!(!gate.is_shut(at(1504)) && gate.waiting.lock().is_empty());
        assert!(gate.pairs_nobody(at(1504)));
        gate.open_to_pairs();
        assert!(!gate.pairs_nobody(at(1504)));
    }
}
