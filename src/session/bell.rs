//! Wakes the one task that serves a connection, or does its writing for it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;

use super::handle::Session;

/// A way to a client that others than its task can write to.
pub trait Wire: fmt::Debug + Send + Sync {
    /// Sends what waits in `session`'s outbox; whether its task has nothing left
    /// to do about it.
    fn carry(&self, session: &Session) -> bool;
}

/// A bell that keeps one ring until it is heard. Only one task listens.
#[derive(Debug, Default)]
pub struct Bell {
    rung: AtomicBool,
    waker: AtomicWaker,
    wire: Option<Arc<dyn Wire>>,
}

impl Bell {
    /// The bell of a task whose client is at the end of `wire`.
    #[must_use]
    pub fn at(wire: Arc<dyn Wire>) -> Self {
        Self { wire: Some(wire), ..Self::default() }
    }

    /// Sends what waits in `session`'s outbox from here, or tells the listener to.
    pub fn carry(&self, session: &Session) {
        let carried = self.wire.as_ref().is_some_and(|wire| wire.carry(session));
        if !carried {
            self.ring();
        }
    }

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

    /// Ready once for the rings since it was last ready.
    pub fn poll_heard(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.heard() {
            return Poll::Ready(());
        }
        self.waker.register(cx.waker());
        // A ring between the look and the registration woke nobody.
        if self.heard() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// A look alone leaves the place in memory to those who ring.
    fn heard(&self) -> bool {
        self.rings() && self.rung.swap(false, Ordering::AcqRel)
    }
}
