//! Wakes the one task that serves a connection, or does its writing for it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

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
    waker: Mutex<Option<Waker>>,
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
            let waker = self.waker.lock().clone();
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    /// Whether it rang since this was last asked. A look alone changes nothing in
    /// memory, which threads that ring share.
    pub fn heard(&self) -> bool {
        self.rings() && self.rung.swap(false, Ordering::AcqRel)
    }
}

/// The one who listens to a bell. As long as its task stays the same it changes nothing
/// at the bell but to take note of a ring.
#[derive(Debug)]
pub struct Listener {
    bell: Arc<Bell>,
    /// The waker that the bell has.
    waker: Option<Waker>,
}

impl Listener {
    /// The one who listens to `bell` from now on.
    #[must_use]
    pub fn to(bell: Arc<Bell>) -> Self {
        Self { bell, waker: None }
    }

    /// Ready once for the rings since it was last ready.
    pub fn poll_heard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.bell.heard() {
            return Poll::Ready(());
        }
        if self.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            return Poll::Pending;
        }
        self.waker = Some(cx.waker().clone());
        self.bell.waker.lock().clone_from(&self.waker);
        // A ring between the look and the registration woke nobody.
        if self.bell.heard() { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// The waker would keep the memory of a task that has ended for as long as the bell is
/// there.
impl Drop for Listener {
    fn drop(&mut self) {
        self.bell.waker.lock().take();
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const ROUNDS: usize = 20_000;

    #[tokio::test]
    async fn every_ring_is_heard_however_it_meets_the_listener() {
        let (bell, heard) = (Arc::new(Bell::default()), Arc::new(AtomicUsize::new(0)));
        let mut listener = Listener::to(bell.clone());
        let count = heard.clone();
        let ringer = std::thread::spawn(move || {
            for round in 0..ROUNDS {
                while count.load(Ordering::Acquire) < round {
                    std::thread::yield_now();
                }
                bell.ring();
            }
        });
        let mut noop = Context::from_waker(Waker::noop());
        for round in 1..=ROUNDS {
            // Now and then it was another task that looked last.
            let other = round % 3 == 0 && listener.poll_heard(&mut noop).is_ready();
            if !other {
                let ring = poll_fn(|cx| listener.poll_heard(cx));
                timeout(Duration::from_secs(10), ring).await.expect("a lost ring");
            }
            heard.store(round, Ordering::Release);
        }
        ringer.join().unwrap();
        let bell = listener.bell.clone();
        drop(listener);
        assert!(bell.waker.lock().is_none(), "the task's memory is let go");
    }
}
