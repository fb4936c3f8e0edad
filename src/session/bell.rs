//! Wakes the one task that serves a connection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;

/// A bell that keeps one ring until it is heard. Only one task listens.
#[derive(Debug, Default)]
pub struct Bell {
    rung: AtomicBool,
    waker: AtomicWaker,
}

impl Bell {
    /// Whether the listener is told already.
    pub fn rings(&self) -> bool {
        self.rung.load(Ordering::Acquire)
    }

    /// Tells the listener to look again.
    pub fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.waker.wake();
        }
    }

    /// A look alone leaves the place in memory to those who ring.
    fn heard(&self) -> bool {
        self.rings() && self.rung.swap(false, Ordering::AcqRel)
    }

    /// Ready once for the rings since it was last ready.
    pub fn poll_heard(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.heard() {
            return Poll::Ready(());
        }
        self.waker.register(cx.waker());
        // A ring between the look and the registration woke nobody.
        if self.heard() { Poll::Ready(()) } else { Poll::Pending }
    }
}
