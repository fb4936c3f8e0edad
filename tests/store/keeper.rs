//! The task that writes to a store, with one that a test can send away, in time that
//! passes by itself.

use std::sync::Arc;
use std::time::Duration;

use passerby::clock::UnixMillis;
use passerby::metrics::{Metrics, Written};
use passerby::moderation::Entry;
use passerby::moderation::keeper::{Full, Keeper, KeeperOptions, MAX_QUEUE_BYTES, PURGE_EVERY};
use passerby::store::{Purged, Store};
use tokio::time::sleep;

use crate::fake_store::FakeStore;
use crate::logs::Log;
use crate::samples::{RETENTION, Wrapped, report, separation};
use crate::world::{Folder, NOW, until};

const SOON: Duration = Duration::from_secs(60);

/// A keeper, its store and its queue.
pub struct Desk {
    pub store: Arc<FakeStore>,
    pub metrics: Arc<Metrics>,
    pub keeper: Keeper,
    pub folder: Folder,
}

/// Options with a queue in a folder.
pub fn options(folder: &Folder) -> KeeperOptions {
    KeeperOptions {
        queue: folder.path().join("a.pending"),
        queue_bytes: MAX_QUEUE_BYTES,
        retention: RETENTION,
        purge_every: PURGE_EVERY,
        now: || NOW,
    }
}

impl Desk {
    pub fn new(store: Arc<FakeStore>) -> Self {
        Self::with(store, Folder::new(), |_| ())
    }

    pub fn with(
        store: Arc<FakeStore>,
        folder: Folder,
        change: impl FnOnce(&mut KeeperOptions),
    ) -> Self {
        let (metrics, mut options) = (Arc::new(Metrics::new()), options(&folder));
        change(&mut options);
        let keeper = Keeper::start(store.clone() as Arc<dyn Store>, metrics.clone(), options);
        Self { store, metrics, keeper, folder }
    }

    pub fn file(&self, entries: &[Entry]) {
        for entry in entries {
            self.keeper.file(entry.clone()).unwrap();
        }
    }

    /// Waits until so many entries are on the disk.
    pub async fn queued(&self, count: i64) {
        until("the queue", || async { self.metrics.store.queued.get() == count }).await;
    }

    /// Waits until the store took so many.
    pub async fn kept(&self, count: usize) {
        until("the store", || async { self.store.kept().len() >= count }).await;
    }

    /// Ends it, and starts another on the same file with a store that is there.
    pub async fn restarted(self) -> Self {
        self.keeper.close(Duration::ZERO).await;
        let Self { folder, .. } = self;
        Self::with(FakeStore::new(), folder, |_| ())
    }
}

/// So many entries, each another.
pub fn entries(from: u64, count: u64) -> Vec<Entry> {
    (from..from + count).map(|n| separation(1, 2, UnixMillis(NOW.0 + n))).collect()
}

/// A store that is away.
pub fn away() -> Arc<FakeStore> {
    let store = FakeStore::new();
    store.set_away(true);
    store
}

#[tokio::test(start_paused = true)]
async fn entries_are_written_in_their_order() {
    let desk = Desk::new(FakeStore::new());
    let entries = entries(0, 500);
    desk.file(&entries);
    desk.kept(500).await;
    assert_eq!(desk.store.kept(), entries);
    assert_eq!(desk.metrics.store.writes(Written::Kept), 500);
    assert_eq!(desk.metrics.store.up.get(), 1);
    assert!(!desk.folder.path().join("a.pending").exists(), "no queue was needed");
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_away_they_wait_on_the_disk_and_go_before_newer_ones() {
    let desk = Desk::new(FakeStore::new());
    let entries = entries(0, 300);
    desk.file(&entries[..10]);
    desk.kept(10).await;
    desk.store.set_away(true);
    desk.file(&entries[10..200]);
    desk.queued(190).await;
    assert_eq!(desk.metrics.store.up.get(), 0);
    assert!(desk.metrics.store.queued_bytes.get() > 190);
    desk.store.set_away(false);
    desk.file(&entries[200..]);
    desk.kept(300).await;
    assert_eq!(desk.store.kept(), entries);
    desk.queued(0).await;
    assert_eq!(desk.metrics.store.up.get(), 1);
    assert_eq!(std::fs::metadata(desk.folder.path().join("a.pending")).unwrap().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_was_never_there_gets_its_tables_first() {
    let desk = Desk::new(away());
    let entries = entries(0, 3);
    desk.file(&entries);
    desk.queued(3).await;
    assert_eq!(desk.store.migrated(), 0);
    desk.store.set_away(false);
    desk.kept(3).await;
    assert_eq!(desk.store.kept(), entries);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_nothing_is_written_to_is_missed_too() {
    let desk = Desk::new(FakeStore::new());
    until("it is up", || async { desk.metrics.store.up.get() == 1 }).await;
    desk.store.set_away(true);
    until("it is missed", || async { desk.metrics.store.up.get() == 0 }).await;
    let migrated = desk.store.migrated();
    desk.store.set_away(false);
    until("it is up", || async { desk.metrics.store.up.get() == 1 }).await;
    assert!(desk.store.migrated() > migrated, "it may be another, without tables");
}

#[tokio::test(start_paused = true)]
async fn one_that_is_refused_blocks_no_other() {
    let (log, _guard) = Log::start();
    let desk = Desk::new(FakeStore::new());
    let [bad, good] = [0, 1].map(|at| Wrapped::from(&report(UnixMillis(NOW.0 + at))).0);
    desk.store.refuse(bad.clone());
    desk.file(&[bad.clone(), good.clone()]);
    desk.kept(1).await;
    // From the queue as well.
    desk.store.set_away(true);
    desk.file(&[bad, good.clone()]);
    desk.queued(2).await;
    desk.store.set_away(false);
    desk.kept(2).await;
    assert_eq!(desk.store.kept(), [good.clone(), good]);
    assert_eq!(desk.metrics.store.writes(Written::Refused), 2);
    let text = log.text();
    assert_eq!(text.matches("the store refuses an entry").count(), 2);
    assert!(text.contains("kind=\"report\"") && !text.contains("was rude"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn the_log_says_once_that_the_store_went_and_once_that_it_is_back() {
    let (log, _guard) = Log::start();
    let desk = Desk::new(away());
    desk.file(&entries(0, 100));
    desk.queued(100).await;
    let before = desk.store.calls();
    sleep(SOON).await;
    // 0.2, 0.4, 0.8, 1.6, 3.2 and then every 5 seconds.
    assert!((10..=20).contains(&(desk.store.calls() - before)), "{}", desk.store.calls());
    desk.store.set_away(false);
    desk.kept(100).await;
    desk.queued(0).await;
    let text = log.text();
    assert_eq!(text.matches("the store is away").count(), 1, "{text}");
    assert!(text.contains("--database-url") && text.contains("a.pending"), "{text}");
    assert_eq!(text.matches("the store is back").count(), 1, "{text}");
}

#[tokio::test(start_paused = true)]
async fn what_was_kept_long_enough_is_deleted_at_the_start_and_each_hour() {
    let (log, _guard) = Log::start();
    let desk = Desk::new(away());
    sleep(SOON).await;
    assert_eq!(desk.store.purged(), [], "nobody is there");
    desk.store.purges(Purged { reports: 3, bans: 2, separations: 1 });
    desk.store.set_away(false);
    until("the first", || async { desk.store.purged().len() == 1 }).await;
    sleep(PURGE_EVERY + SOON).await;
    assert_eq!(desk.store.purged(), [(NOW, RETENTION); 2]);
    let text = log.text();
    let lines = text.lines().filter(|line| line.contains("deleted what")).collect::<Vec<_>>();
    assert_eq!(lines.len(), 1, "nothing was deleted the second time: {lines:?}");
    assert!(lines[0].contains("reports=3 bans=2 separations=1"), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn one_that_is_closed_writes_what_can_be_written() {
    let desk = Desk::new(FakeStore::new());
    let entries = entries(0, 1000);
    desk.file(&entries);
    desk.keeper.close(SOON).await;
    assert_eq!(desk.store.kept(), entries);
    assert_eq!(desk.keeper.file(entries[0].clone()), Err(Full));
    // A second time it is closed already.
    desk.keeper.close(SOON).await;
}

#[tokio::test(start_paused = true)]
async fn one_that_is_closed_leaves_the_rest_to_the_next() {
    let desk = Desk::new(FakeStore::new());
    let entries = entries(0, 1000);
    desk.file(&entries[..1]);
    desk.kept(1).await;
    desk.store.stall().await;
    desk.file(&entries[1..]);
    desk.keeper.close(SOON).await;
    assert_eq!(desk.metrics.store.queued.get(), 999);
    let next = desk.restarted().await;
    next.kept(999).await;
    assert_eq!(next.store.kept(), entries[1..]);
}

#[tokio::test(start_paused = true)]
async fn one_that_nobody_holds_any_more_leaves_what_it_has() {
    let Desk { store, metrics, keeper, folder } = Desk::new(FakeStore::new());
    store.stall().await;
    keeper.file(entries(0, 1).remove(0)).unwrap();
    drop(keeper);
    until("it is on the disk", || async { metrics.store.queued.get() == 1 }).await;
    drop(folder);
}
