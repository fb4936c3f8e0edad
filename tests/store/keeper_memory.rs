//! What waits in the memory of a keeper: not without bound, and not the same for all.

use passerby::clock::UnixMillis;
use passerby::metrics::Dropped;
use passerby::moderation::Entry;
use passerby::moderation::keeper::Full;

use crate::fake_store::FakeStore;
use crate::keeper::{Desk, entries};
use crate::logs::Log;
use crate::samples::{Wrapped, device, picture, report};
use crate::world::NOW;

/// One whose store does not answer, with an entry on its way there.
async fn stalled() -> (Desk, Entry) {
    let desk = Desk::new(FakeStore::new());
    let first = entries(0, 1).remove(0);
    desk.file(std::slice::from_ref(&first));
    desk.kept(1).await;
    desk.store.stall().await;
    (desk, first)
}

/// Files until one is refused; what was taken.
fn fill(desk: &Desk, entries: impl Iterator<Item = Entry>) -> Vec<Entry> {
    entries.take_while(|entry| desk.keeper.file(entry.clone()).is_ok()).collect()
}

fn reports(from: u64) -> impl Iterator<Item = Entry> {
    (from..).map(|n| Wrapped::from(&report(UnixMillis(NOW.0 + n))).0)
}

#[tokio::test(start_paused = true)]
async fn what_is_too_much_for_the_memory_is_refused_at_once() {
    let (log, _guard) = Log::start();
    let (desk, first) = stalled().await;
    let taken = fill(&desk, reports(0));
    assert!((4_000..4_200).contains(&taken.len()), "{}", taken.len());
    assert_eq!(desk.metrics.store.dropped_by(Dropped::MemoryFull), 1);
    assert_eq!(desk.keeper.file(first.clone()), Err(Full));
    assert_eq!(desk.metrics.store.dropped_by(Dropped::MemoryFull), 2);
    assert_eq!(log.text().matches("too much waits in memory").count(), 1);
    desk.store.go_on();
    desk.kept(taken.len() + 1).await;
    assert_eq!(desk.store.kept(), [vec![first], taken].concat());
    desk.file(&entries(0, 1));
}

#[tokio::test(start_paused = true)]
async fn what_anybody_may_ask_for_leaves_room_for_reports() {
    let (desk, _) = stalled().await;
    let erasures = (0..).map(|n| Entry::Erase { device: device(n), at: NOW });
    let taken = fill(&desk, erasures);
    assert!((3_000..3_200).contains(&taken.len()), "{}", taken.len());
    assert_eq!(desk.keeper.file(entries(0, 1).remove(0)), Err(Full));
    let taken = fill(&desk, reports(0));
    assert!(taken.len() >= 1_000, "{}", taken.len());
}

#[tokio::test(start_paused = true)]
async fn of_a_device_one_erasure_waits() {
    let (desk, _) = stalled().await;
    let erase = |number| desk.keeper.file(Entry::Erase { device: device(number), at: NOW });
    assert_eq!(erase(1), Ok(()));
    assert_eq!([erase(1), erase(2)], [Err(Full), Ok(())]);
    assert_eq!(desk.metrics.store.dropped_by(Dropped::MemoryFull), 0, "nothing is lost");
    desk.store.go_on();
    desk.kept(3).await;
    assert_eq!(erase(1), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn pictures_fill_the_memory_before_they_are_many() {
    let (desk, _) = stalled().await;
    let large = Wrapped::from(&picture(report(NOW).id, vec![0; 256 * 1024])).0;
    let taken = fill(&desk, std::iter::repeat_with(|| large.clone()));
    assert!((70..=100).contains(&taken.len()), "{}", taken.len());
    assert!(fill(&desk, reports(0).take(1_000)).len() == 1_000, "there is room for reports");
    desk.store.go_on();
    desk.kept(taken.len() + 1_001).await;
    desk.file(&[large]);
}
