//! One attempt to bring something to the store.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::clock::UnixMillis;
use crate::moderation::Entry;
use crate::store::{Revision, Store, StoreError};

/// Where what is brought comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The front of the queue on the disk.
    Queue,
    /// The first in hand.
    Hand,
    /// Nowhere: the store is only asked whether it is there.
    Nowhere,
}

/// What is to be done.
#[derive(Debug)]
pub(super) struct Plan {
    /// Before that, nothing is done for so long.
    pub(super) pause: Duration,
    /// Whether the tables are brought up to date first.
    pub(super) migrate: bool,
    /// What is written.
    pub(super) entry: Option<Arc<Entry>>,
    /// From where that is.
    pub(super) source: Source,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) source: Source,
    /// What kind of entry it was.
    pub(super) kind: &'static str,
    pub(super) result: Result<(), StoreError>,
    /// How long the store took.
    pub(super) took: Duration,
}

/// Does it.
pub(super) async fn attempt(store: Arc<dyn Store>, plan: Plan) -> Outcome {
    sleep(plan.pause).await;
    let begun = Instant::now();
    let result = bring(&*store, &plan).await;
    let kind = plan.entry.as_deref().map_or("nothing", kind);
    Outcome { source: plan.source, kind, result, took: begun.elapsed() }
}

async fn bring(store: &dyn Store, plan: &Plan) -> Result<(), StoreError> {
    if plan.migrate {
        // Whatever is wrong with the tables, it is not the entry.
        store.migrate().await.map_err(|error| match error {
            StoreError::Away(why) | StoreError::Refused(why) => StoreError::Away(why),
        })?;
    }
    match &plan.entry {
        Some(entry) => store.write(entry).await,
        None => store.bans(Revision::MAX, UnixMillis(0), 1).await.map(drop),
    }
}

const fn kind(entry: &Entry) -> &'static str {
    match entry {
        Entry::Report(_) => "report",
        Entry::Picture(_) => "picture",
        Entry::Ban(_) => "ban",
        Entry::Separation(_) => "separation",
        Entry::Erase { .. } => "erasure",
    }
}
