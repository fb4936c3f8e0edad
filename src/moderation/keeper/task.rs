//! The task of a keeper.
//!
//! The order of entries is: the queue on the disk, then what is in hand, then what
//! waits in memory. While the store is away or the queue is not empty, what comes is
//! put into the queue; else it is taken in hand and written at once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, OptionFuture};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::attempt::{Outcome, Plan, Source, attempt};
use super::shelf::Shelf;
use super::{KeeperOptions, Waiting};
use crate::metrics::{Dropped, Metrics, Written};
use crate::store::{Purged, Store, StoreError};

/// Entries taken at once.
const BATCH: usize = 64;
/// The first and the longest pause before a store that is away is tried again.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How often a store that nothing is written to is asked whether it is there.
const PROBE_EVERY: Duration = Duration::from_secs(10);
/// After so long a purge that failed is tried again.
const PURGE_AGAIN: Duration = Duration::from_secs(60);

/// Writes what is filed.
pub(super) struct Task {
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    options: KeeperOptions,
    inbox: mpsc::Receiver<Waiting>,
    /// Whether nothing comes out of it any more.
    drained: bool,
    shelf: Shelf,
    /// At most [`BATCH`] entries; nothing more is taken until it is empty.
    hand: VecDeque<Waiting>,
    attempt: Option<BoxFuture<'static, Outcome>>,
    /// Set while the store is away: the next pause.
    away: Option<Duration>,
    migrated: bool,
    probe_at: Instant,
    purge: Option<BoxFuture<'static, Result<Purged, StoreError>>>,
    purge_at: Instant,
    stop: watch::Receiver<Option<Instant>>,
    /// Set when it is to end: until then.
    deadline: Option<Instant>,
}

enum Event {
    Tried(Outcome),
    Came(Vec<Waiting>),
    PurgeDue,
    Purged(Result<Purged, StoreError>),
    ProbeDue,
    Stop,
    Deadline,
}

impl Task {
    pub(super) fn new(
        store: Arc<dyn Store>,
        metrics: Arc<Metrics>,
        options: KeeperOptions,
        inbox: mpsc::Receiver<Waiting>,
        stop: watch::Receiver<Option<Instant>>,
    ) -> Self {
        let shelf = Shelf::new(options.queue.clone(), options.queue_bytes, metrics.clone());
        let now = Instant::now();
        Self {
            store,
            metrics,
            options,
            inbox,
            drained: false,
            shelf,
            hand: VecDeque::new(),
            attempt: None,
            away: None,
            migrated: false,
            probe_at: now,
            purge: None,
            purge_at: now,
            stop,
            deadline: None,
        }
    }

    pub(super) async fn run(mut self) {
        self.begin().await;
        while !self.is_over() {
            match self.next().await {
                Event::Tried(outcome) => self.tried(outcome).await,
                Event::Came(entries) => self.came(entries).await,
                Event::PurgeDue => self.start_purge(),
                Event::Purged(outcome) => self.purged(outcome),
                Event::ProbeDue => (),
                Event::Stop => self.stop(),
                Event::Deadline => break,
            }
            self.begin().await;
        }
        self.put_away().await;
    }

    async fn next(&mut self) -> Event {
        let (idle, up) = (self.attempt.is_none(), self.away.is_none());
        let waits_on_disk = !up || self.shelf.entries() > 0;
        let taking = !self.drained && self.hand.is_empty() && (idle || waits_on_disk);
        let purging = up && self.migrated && self.purge.is_none() && self.deadline.is_none();
        let mut came = Vec::new();
        let deadline = self.deadline.unwrap_or(self.purge_at);
        tokio::select! {
            Some(outcome) = OptionFuture::from(self.attempt.as_mut()) => Event::Tried(outcome),
            Some(outcome) = OptionFuture::from(self.purge.as_mut()) => Event::Purged(outcome),
            _ = self.inbox.recv_many(&mut came, BATCH), if taking => Event::Came(came),
            _ = self.stop.changed(), if self.deadline.is_none() => Event::Stop,
            () = sleep_until(deadline), if self.deadline.is_some() => Event::Deadline,
            () = sleep_until(self.purge_at), if purging => Event::PurgeDue,
            () = sleep_until(self.probe_at), if idle => Event::ProbeDue,
        }
    }

    /// Begins the next attempt, where there is a reason for one.
    async fn begin(&mut self) {
        if self.attempt.is_some() || (self.deadline.is_some() && self.away.is_some()) {
            return;
        }
        let queued = self.shelf.front().await;
        let source = if queued.is_some() { Source::Queue } else { Source::Hand };
        let entry = queued.or_else(|| self.hand.front().map(|waiting| waiting.entry.clone()));
        let (migrate, due) = (!self.migrated || self.away.is_some(), Instant::now());
        if entry.is_none() && !migrate && due < self.probe_at {
            return;
        }
        let source = if entry.is_some() { source } else { Source::Nowhere };
        let pause = self.away.unwrap_or_default();
        let plan = Plan { pause, migrate, entry, source };
        self.attempt = Some(Box::pin(attempt(self.store.clone(), plan)));
    }

    async fn tried(&mut self, outcome: Outcome) {
        self.attempt = None;
        self.probe_at = Instant::now() + PROBE_EVERY;
        let written = match &outcome.result {
            Ok(()) => Written::Kept,
            Err(StoreError::Refused(_)) => Written::Refused,
            Err(StoreError::Away(_)) => Written::Away,
        };
        if outcome.source != Source::Nowhere {
            self.metrics.store.wrote(written, outcome.took);
        }
        match outcome.result {
            Err(StoreError::Away(why)) => return self.lost(&why).await,
            Err(StoreError::Refused(why)) => {
                tracing::error!(kind = outcome.kind, why, "the store refuses an entry: it is lost");
            }
            Ok(()) => (),
        }
        self.reached();
        match outcome.source {
            Source::Queue => self.shelf.take().await,
            Source::Hand => drop(self.hand.pop_front()),
            Source::Nowhere => (),
        }
    }

    /// The store is away.
    async fn lost(&mut self, why: &str) {
        if self.away.is_none() {
            let queue = self.options.queue.display();
            tracing::error!(
                why, %queue,
                "the store is away; people are paired all the same, and what is to be kept waits \
                 in the queue; see to the database of --database-url"
            );
        }
        self.metrics.store.up.set(0);
        let longer = |pause: Duration| (pause * 2).min(LONGEST_PAUSE);
        self.away = Some(self.away.map_or(FIRST_PAUSE, longer));
        self.shelf.put(&mut self.hand).await;
    }

    /// The store is there.
    fn reached(&mut self) {
        if self.away.take().is_some() {
            let entries = self.shelf.entries();
            tracing::info!(entries, "the store is back; what waited is written");
        }
        self.migrated = true;
        self.metrics.store.up.set(1);
    }

    async fn came(&mut self, entries: Vec<Waiting>) {
        self.drained = entries.is_empty();
        self.hand.extend(entries);
        if self.away.is_some() || self.shelf.entries() > 0 {
            self.shelf.put(&mut self.hand).await;
        }
    }

    fn start_purge(&mut self) {
        let (store, retention) = (self.store.clone(), self.options.retention);
        let now = (self.options.now)();
        self.purge = Some(Box::pin(async move { store.purge(now, retention).await }));
    }

    fn purged(&mut self, outcome: Result<Purged, StoreError>) {
        self.purge = None;
        let again = if outcome.is_ok() { self.options.purge_every } else { PURGE_AGAIN };
        self.purge_at = Instant::now() + again;
        match outcome {
            Ok(purged) if purged != Purged::default() => {
                let Purged { reports, bans, separations } = purged;
                tracing::info!(reports, bans, separations, "deleted what was kept long enough");
            }
            Ok(_) => (),
            Err(error) => tracing::warn!(%error, "what was kept long enough is not deleted yet"),
        }
    }

    fn stop(&mut self) {
        self.inbox.close();
        // Nobody holds the keeper any more where no time was given.
        self.deadline = Some(self.stop.borrow().unwrap_or_else(Instant::now));
    }

    /// Whether nothing is left to be done, or nothing can be.
    fn is_over(&self) -> bool {
        let nothing_left = self.drained && self.hand.is_empty() && self.shelf.entries() == 0;
        let nothing_can_be = self.away.is_some();
        self.deadline.is_some() && (nothing_can_be || (nothing_left && self.attempt.is_none()))
    }

    /// What is left goes to the disk. What was being written is still there or in hand.
    async fn put_away(mut self) {
        self.attempt = None;
        self.inbox.close();
        while let Ok(waiting) = self.inbox.try_recv() {
            self.hand.push_back(waiting);
        }
        self.shelf.put(&mut self.hand).await;
        let unsaved = self.hand.len();
        if unsaved > 0 {
            tracing::error!(unsaved, "what was to be kept is lost: the store's queue fails");
        }
        (0..unsaved).for_each(|_| self.metrics.store.dropped(Dropped::Unsaved));
        let entries = self.shelf.entries();
        if entries > 0 {
            tracing::warn!(entries, "entries wait in the store's queue for the next start");
        }
    }
}
