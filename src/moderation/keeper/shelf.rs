//! The queue on the disk as the task uses it: off the threads that serve people, with
//! its metrics, and with one line of the log a trouble.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::Waiting;
use super::queue::{Front, Put, Queue};
use crate::metrics::{Dropped, Metrics};
use crate::moderation::Entry;

/// Entries that share one wait for the disk.
const BATCH: usize = 64;

/// A queue that may be out of order.
pub(super) struct Shelf {
    path: PathBuf,
    limit: u64,
    metrics: Arc<Metrics>,
    /// None where it could not be opened, which is tried again each time.
    queue: Option<Queue>,
    /// Whether the log says already that the disk fails, or that it is full.
    failing: bool,
    full: bool,
}

impl Shelf {
    pub(super) fn new(path: PathBuf, limit: u64, metrics: Arc<Metrics>) -> Self {
        Self { path, limit, metrics, queue: None, failing: false, full: false }
    }

    /// How many entries are known to wait.
    pub(super) fn entries(&self) -> u64 {
        self.queue.as_ref().map_or(0, Queue::entries)
    }

    /// Puts behind what is in `hand`. What is safe then, or lost because there is no
    /// room, is gone from there; where the disk fails it stays.
    pub(super) async fn put(&mut self, hand: &mut VecDeque<Waiting>) {
        while !hand.is_empty() {
            let waiting = hand.iter().take(BATCH).cloned().collect::<Vec<_>>();
            let Ok(Put { safe, full }) = self.work(move |queue| queue.put(&waiting)).await else {
                return;
            };
            hand.drain(..safe);
            if full {
                hand.pop_front();
                self.lost_one();
            }
        }
    }

    /// What is at the front, past what can't be read.
    pub(super) async fn front(&mut self) -> Option<Arc<Entry>> {
        if self.queue.as_ref().is_some_and(|queue| queue.entries() == 0) {
            return None;
        }
        loop {
            match self.work(|queue| queue.front()).await.ok().flatten()? {
                Front::Entry(entry) => return Some(Arc::from(entry)),
                Front::Unreadable => {
                    tracing::error!("an entry of the store's queue can't be read: it is lost");
                    self.metrics.store.dropped(Dropped::Unreadable);
                    self.take().await;
                }
            }
        }
    }

    /// Takes what is at the front.
    pub(super) async fn take(&mut self) {
        // Where that fails it is written again later, which changes nothing.
        if self.work(Queue::take).await.is_err() {
            self.queue = None;
        }
        self.full &= self.entries() > 0;
    }

    fn lost_one(&mut self) {
        self.metrics.store.dropped(Dropped::QueueFull);
        if !self.full {
            let path = self.path.display();
            tracing::error!(%path, "the store's queue is full: what comes now is lost");
        }
        self.full = true;
    }

    async fn work<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Queue) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let (path, limit, queue) = (self.path.clone(), self.limit, self.queue.take());
        let done = tokio::task::spawn_blocking(move || {
            let mut queue = queue.map_or_else(|| Queue::open(&path, limit), Ok)?;
            let result = work(&mut queue);
            Ok((queue, result))
        });
        let result = match done.await.unwrap_or_else(|error| Err(io::Error::other(error))) {
            Ok((queue, result)) => {
                self.queue = Some(queue);
                result
            }
            Err(error) => Err(error),
        };
        self.note(result.as_ref().err());
        result
    }

    fn note(&mut self, error: Option<&io::Error>) {
        if let Some(error) = error.filter(|_| !self.failing) {
            let path = self.path.display();
            tracing::error!(%path, %error, "the store's queue fails: what waits is in memory alone");
        }
        self.failing = error.is_some();
        let bytes = self.queue.as_ref().map_or(0, Queue::bytes);
        self.metrics.store.queued.set(self.entries().cast_signed());
        self.metrics.store.queued_bytes.set(bytes.cast_signed());
    }
}

impl AsRef<Entry> for Waiting {
    fn as_ref(&self) -> &Entry {
        &self.entry
    }
}
