//! Sees to it that what is to be kept is kept, without anybody waiting for the store.
//!
//! One task writes entries to the store in their order. While the store is away they
//! wait in a queue on the disk, from which they are written when it is back, before
//! newer ones. The task also brings the tables up to date and deletes what was kept
//! long enough.

mod attempt;
mod disk;
mod pending;
mod queue;
mod shelf;
mod task;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::Instant;

use self::pending::{Erasing, Place};
use super::{Entry, ReportRecord};
use crate::clock::UnixMillis;
use crate::metrics::{Dropped, Metrics};
use crate::store::{Retention, Store};

/// Entries that may wait in memory. What comes when as many do is refused.
const MAX_WAITING: usize = 4096;
/// Their bytes, most of which are pictures; the same.
const MAX_WAITING_BYTES: usize = 32 * 1024 * 1024;
/// The last part of both is for reports and bans: what costs nothing to ask for is
/// refused first.
const RESERVED: usize = 4;
/// How often the log says at most that too much waits.
const SAYS_EVERY: Duration = Duration::from_secs(60);
/// The most bytes of the queue on the disk. What comes when it is full is lost.
pub const MAX_QUEUE_BYTES: u64 = 64 * 1024 * 1024;
/// How often what was kept long enough is deleted.
pub const PURGE_EVERY: Duration = Duration::from_secs(60 * 60);

/// Files entries. Copies are of the same task.
#[derive(Clone, Debug)]
pub struct Keeper {
    entries: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
    erasing: Erasing,
    /// When the log said last that too much waits.
    said: Arc<Mutex<Option<Instant>>>,
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

/// Too much waits to be kept, or an erasure of the same device does: this entry is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too much waits to be stored")]
pub struct Full;

/// An entry with its share of the memory.
#[derive(Clone, Debug)]
struct Waiting {
    entry: Arc<Entry>,
    _share: Arc<(OwnedSemaphorePermit, Option<Place>)>,
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
        let (erasing, said) = (Erasing::default(), Arc::default());
        Self { entries, room, erasing, said, stop: Arc::new(stop), metrics }
    }

    /// Takes an entry that is to be kept. It never waits.
    ///
    /// # Errors
    /// Where too much waits already, or the keeper was closed; of an erasure also where
    /// one of the same device waits.
    pub fn file(&self, entry: Entry) -> Result<(), Full> {
        let place = match &entry {
            Entry::Erase { device, .. } => Some(self.erasing.begin(*device).ok_or(Full)?),
            _ => None,
        };
        self.try_file(entry, place).inspect_err(|Full| self.refused())
    }

    fn try_file(&self, entry: Entry, place: Option<Place>) -> Result<(), Full> {
        if !goes_first(&entry) && self.is_nearly_full() {
            return Err(Full);
        }
        let share = self.room.clone().try_acquire_many_owned(weight(&entry)).map_err(|_| Full)?;
        let waiting = Waiting { entry: Arc::new(entry), _share: Arc::new((share, place)) };
        self.entries.try_send(waiting).map_err(|_| Full)
    }

    /// Whether only the reserve is left.
    fn is_nearly_full(&self) -> bool {
        self.entries.capacity() <= MAX_WAITING / RESERVED
            || self.room.available_permits() <= MAX_WAITING_BYTES / RESERVED
    }

    fn refused(&self) {
        self.metrics.store.dropped(Dropped::MemoryFull);
        let (mut said, now) = (self.said.lock(), Instant::now());
        if said.is_none_or(|said| now - said >= SAYS_EVERY) && !self.entries.is_closed() {
            *said = Some(now);
            tracing::error!("too much waits in memory for the store: some of what comes is lost");
        }
    }

    /// Takes no more, writes what can be written within `limit`, and leaves the rest
    /// in the queue on the disk. Returns when all that is done.
    pub async fn close(&self, limit: Duration) {
        self.stop.send_replace(Some(Instant::now() + limit));
        self.stop.closed().await;
    }
}

/// Whether an entry may take the reserve.
const fn goes_first(entry: &Entry) -> bool {
    matches!(entry, Entry::Report(_) | Entry::Ban(_))
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
