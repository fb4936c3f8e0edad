//! Sees to it that what is to be kept is kept, without anybody waiting for the store.
//!
//! One task writes entries to the store in their order. While the store is away they
//! wait in a queue on the disk, from which they are written when it is back, before
//! newer ones. The task also brings the tables up to date and deletes what was kept
//! long enough.

mod attempt;
mod disk;
mod queue;
mod shelf;
mod task;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::Instant;

use super::{Entry, ReportRecord};
use crate::clock::UnixMillis;
use crate::metrics::{Dropped, Metrics};
use crate::store::{Retention, Store};

/// Entries that may wait in memory. What comes when as many do is refused.
const MAX_WAITING: usize = 4096;
/// Their bytes, most of which are pictures; the same.
const MAX_WAITING_BYTES: usize = 32 * 1024 * 1024;
/// The most bytes of the queue on the disk. What comes when it is full is lost.
pub const MAX_QUEUE_BYTES: u64 = 64 * 1024 * 1024;
/// How often what was kept long enough is deleted.
pub const PURGE_EVERY: Duration = Duration::from_secs(60 * 60);

/// Files entries. Copies are of the same task.
#[derive(Clone, Debug)]
pub struct Keeper {
    entries: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
    stop: Arc<watch::Sender<Option<Instant>>>,
    metrics: Arc<Metrics>,
}

/// How a keeper works.
#[derive(Clone, Debug)]
pub struct KeeperOptions {
    /// The queue on the disk. The file is made when it is first needed.
    pub queue: PathBuf,
    /// Its most bytes.
    pub queue_bytes: u64,
    /// How long reports are kept.
    pub retention: Retention,
    /// How often is looked for what was kept long enough; at the start as well.
    pub purge_every: Duration,
    /// The present.
    pub now: fn() -> UnixMillis,
}

/// Too much waits to be kept: this entry is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too much waits to be stored")]
pub struct Full;

/// An entry with its share of the memory.
#[derive(Clone, Debug)]
struct Waiting {
    entry: Arc<Entry>,
    _share: Arc<OwnedSemaphorePermit>,
}

impl Keeper {
    /// Starts one on `store`, on the runtime that this is called in.
    #[must_use]
    pub fn start(store: Arc<dyn Store>, metrics: Arc<Metrics>, options: KeeperOptions) -> Self {
        let (entries, inbox) = mpsc::channel(MAX_WAITING);
        let (stop, stopped) = watch::channel(None);
        let task = task::Task::new(store, metrics.clone(), options, inbox, stopped);
        tokio::spawn(task.run());
        let room = Arc::new(Semaphore::new(MAX_WAITING_BYTES));
        Self { entries, room, stop: Arc::new(stop), metrics }
    }

    /// Takes an entry that is to be kept. It never waits.
    ///
    /// # Errors
    /// Where too much waits already, or the keeper was closed.
    pub fn file(&self, entry: Entry) -> Result<(), Full> {
        self.try_file(entry).inspect_err(|Full| self.metrics.store.dropped(Dropped::MemoryFull))
    }

    fn try_file(&self, entry: Entry) -> Result<(), Full> {
        let share = self.room.clone().try_acquire_many_owned(weight(&entry)).map_err(|_| Full)?;
        let waiting = Waiting { entry: Arc::new(entry), _share: Arc::new(share) };
        self.entries.try_send(waiting).map_err(|_| Full)
    }

    /// Takes no more, writes what can be written within `limit`, and leaves the rest
    /// in the queue on the disk. Returns when all that is done.
    pub async fn close(&self, limit: Duration) {
        self.stop.send_replace(Some(Instant::now() + limit));
        self.stop.closed().await;
    }
}

/// About how many bytes an entry takes in memory.
fn weight(entry: &Entry) -> u32 {
    /// What each takes, whatever it says.
    const OWN: usize = 512;
    let more = match entry {
        Entry::Report(report) => words(report),
        Entry::Picture(picture) => picture.bytes.len(),
        Entry::Ban(ban) => ban.reason.len() + ban.appeal.as_ref().map_or(0, String::len),
        Entry::Separation(_) | Entry::Erase { .. } => 0,
    };
    // One that is larger than all the memory is refused.
    u32::try_from(OWN + more).unwrap_or(u32::MAX)
}

fn words(report: &ReportRecord) -> usize {
    let lines = report.lines.iter().map(|line| size_of_val(line) + line.text.len());
    report.details.as_ref().map_or(0, String::len) + lines.sum::<usize>()
}
