//! Questions to the database that may be given up anywhere.
//!
//! A connection that is given back starts a task, and sqlx panics where there is no
//! runtime. Whoever asked may be dropped together with it, at the end of a process.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// A question that is dropped within the runtime that it was asked in.
pub(super) struct InRuntime<F> {
    runtime: Handle,
    question: Option<Pin<Box<F>>>,
}

impl<F> InRuntime<F> {
    /// One that is asked in the present runtime.
    pub(super) fn new(question: F) -> Self {
        Self { runtime: Handle::current(), question: Some(Box::pin(question)) }
    }
}

impl<F: Future> Future for InRuntime<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let question = self.question.as_mut().expect("it is there until this is dropped");
        question.as_mut().poll(cx)
    }
}

impl<F> Drop for InRuntime<F> {
    fn drop(&mut self) {
        let _within = self.runtime.enter();
        self.question = None;
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::runtime::Builder;

    use super::*;
    use crate::clock::UnixMillis;
    use crate::store::{DatabaseUrl, open};

    /// Asks something that is given up after so many looks, by when the runtime is gone;
    /// whether there was no answer yet.
    fn given_up_after(looks: usize) -> bool {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let store = open(&DatabaseUrl::Memory);
        runtime.block_on(store.migrate()).unwrap();
        let mut bans = store.bans(0, UnixMillis(0), 10);
        let mut seen = 0;
        let unanswered = runtime.block_on(poll_fn(|cx| {
            seen += 1;
            match bans.as_mut().poll(cx) {
                Poll::Ready(_) => Poll::Ready(false),
                Poll::Pending if seen == looks => Poll::Ready(true),
                Poll::Pending => Poll::Pending,
            }
        }));
        drop(runtime);
        unanswered
    }

    #[test]
    fn whoever_asks_may_be_dropped_after_the_runtime() {
        assert!(given_up_after(1));
        // How soon the answer comes is up to the database's thread.
        let with_a_connection = (0..200).any(|_| given_up_after(2));
        assert!(with_a_connection, "it was given up while it had a connection, too");
    }
}
