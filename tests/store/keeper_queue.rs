//! The queue of a keeper: what is in it survives, and what is broken harms nothing else.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use passerby::metrics::Dropped;
use passerby::moderation::Entry;

use crate::keeper::{Desk, away, entries};
use crate::logs::Log;
use crate::samples::{Wrapped, ban, line, picture, report};
use crate::world::{Folder, NOW, until};

/// A keeper with so much in its queue, and where that is.
async fn waiting(entries: &[Entry]) -> (Desk, PathBuf) {
    let desk = Desk::new(away());
    desk.file(entries);
    desk.queued(entries.len().try_into().unwrap()).await;
    let path = desk.folder.path().join("a.pending");
    (desk, path)
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_entry_survives() {
    let mut full = report(NOW);
    full.details = Some("\u{1f600}\0'\"".to_owned());
    full.lines = (0..50).map(|_| line(&"\u{1f600}".repeat(2000), true)).collect();
    let mut all = vec![
        Wrapped::from(&full).0,
        Wrapped::from(&picture(full.id, (0..=255).cycle().take(256 * 1024).collect())).0,
        Wrapped::from(&ban(NOW, None)).0,
        Entry::Erase { device: full.reported.device, at: NOW },
    ];
    all.extend(entries(0, 1));
    let (desk, path) = waiting(&all).await;
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    let next = desk.restarted().await;
    next.kept(all.len()).await;
    assert_eq!(next.store.kept(), all);
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_process_left_goes_first() {
    let all = entries(0, 30);
    let (desk, _) = waiting(&all[..20]).await;
    let next = desk.restarted().await;
    next.file(&all[20..]);
    next.kept(30).await;
    assert_eq!(next.store.kept(), all);
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_a_crash_cut_short_is_passed_over() {
    for cut in [1, 20, 60] {
        let all = entries(0, 10);
        let (desk, path) = waiting(&all).await;
        desk.keeper.close(Duration::ZERO).await;
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(file.metadata().unwrap().len() - cut).unwrap();
        drop(file);
        let next = desk.restarted().await;
        let more = entries(10, 5);
        next.file(&more);
        next.kept(14).await;
        assert_eq!(next.store.kept(), [&all[..9], &more].concat());
        next.queued(0).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_was_changed_is_lost_and_no_other() {
    let all = entries(0, 3);
    let (desk, path) = waiting(&all).await;
    desk.keeper.close(Duration::ZERO).await;
    let mut bytes = std::fs::read(&path).unwrap();
    // In its last number, so that it is still an entry, of another time.
    let third = bytes.len() * 2 / 3;
    bytes[third - 1] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let next = desk.restarted().await;
    next.kept(2).await;
    next.queued(0).await;
    assert_eq!(next.store.kept(), [all[0].clone(), all[2].clone()]);
    assert_eq!(next.metrics.store.dropped_by(Dropped::Unreadable), 1);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_keeps_what_it_has() {
    let (log, _guard) = Log::start();
    let all = entries(0, 100);
    let desk = Desk::with(away(), Folder::new(), |options| options.queue_bytes = 2000);
    desk.file(&all);
    let lost = || desk.metrics.store.dropped_by(Dropped::QueueFull);
    until("it is full", || async { lost() > 0 && desk.metrics.store.queued.get() > 0 }).await;
    until("all are there", || async {
        desk.metrics.store.queued.get().cast_unsigned() + lost() == 100
    })
    .await;
    let kept = usize::try_from(desk.metrics.store.queued.get()).unwrap();
    assert!(kept > 5 && desk.metrics.store.queued_bytes.get() <= 2000);
    desk.store.set_away(false);
    desk.kept(kept).await;
    assert_eq!(desk.store.kept(), all[..kept]);
    assert_eq!(log.text().matches("the store's queue is full").count(), 1);
    // There is room again.
    desk.queued(0).await;
    desk.store.set_away(true);
    desk.file(&all[..3]);
    desk.queued(3).await;
}

#[tokio::test(start_paused = true)]
async fn where_the_disk_fails_they_wait_in_memory() {
    let (log, _guard) = Log::start();
    let all = entries(0, 200);
    let desk = Desk::with(away(), Folder::new(), |options| {
        options.queue = options.queue.with_file_name("missing").join("a.pending");
    });
    desk.file(&all[..100]);
    until("it was tried", || async { desk.store.calls() > 5 }).await;
    desk.file(&all[100..]);
    desk.store.set_away(false);
    desk.kept(200).await;
    assert_eq!(desk.store.kept(), all);
    assert_eq!(log.text().matches("the store's queue fails").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_the_disk_fails_at_the_end_the_loss_is_counted() {
    let desk = Desk::with(away(), Folder::new(), |options| {
        options.queue = options.queue.with_file_name("missing").join("a.pending");
    });
    desk.file(&entries(0, 100));
    desk.keeper.close(Duration::ZERO).await;
    assert_eq!(desk.metrics.store.dropped_by(Dropped::Unsaved), 100);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_no_queue_is_not_touched() {
    let folder = Folder::new();
    let path = folder.path().join("a.pending");
    std::fs::write(&path, "somebody's diary").unwrap();
    let desk = Desk::with(away(), folder, |_| ());
    desk.file(&entries(0, 10));
    until("it was tried", || async { desk.store.calls() > 5 }).await;
    desk.store.set_away(false);
    desk.kept(10).await;
    assert_eq!(std::fs::read_to_string(path).unwrap(), "somebody's diary");
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_another_process_has_is_left_to_it() {
    let all = entries(0, 20);
    let (first, path) = waiting(&all[..10]).await;
    let second = Desk::with(away(), Folder::new(), |options| options.queue = path.clone());
    second.file(&all[10..]);
    until("it was tried", || async { second.store.calls() > 5 }).await;
    second.store.set_away(false);
    second.kept(10).await;
    assert_eq!(second.store.kept(), all[10..]);
    first.store.set_away(false);
    first.kept(10).await;
    assert_eq!(first.store.kept(), all[..10]);
}
