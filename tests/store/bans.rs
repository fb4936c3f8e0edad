//! Bans, and the order in which they are read.

use std::collections::BTreeSet;

use passerby::clock::UnixMillis;
use passerby::moderation::{Ban, BanTarget};
use passerby::store::{Revision, Store};
use tokio::task::JoinSet;

use crate::samples::{Wrapped, address, ban, ban_for, device, keep, report};
use crate::world::{DAY, Kind, NOW, World, refused};

/// All bans after a revision.
async fn after(store: &dyn Store, revision: Revision) -> Vec<(Revision, Ban)> {
    store.bans(revision, NOW, 1000).await.unwrap()
}

pub async fn what_is_banned_comes_back_as_it_was(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let both = BanTarget { device: Some(device(3)), address: Some(address(4)) };
    let reports = [report(NOW).id, report(NOW).id, report(NOW).id];
    let appeal = Some("write to '; DROP TABLE bans; --".to_owned());
    let full = Ban { target: both, appeal, ..ban_for(&reports, NOW, Some(NOW + DAY)) };
    let by_address = BanTarget { device: None, address: Some(address(4)) };
    let bans = [full, Ban { target: by_address, ..ban(NOW, None) }, ban(NOW, None)];
    for ban in &bans {
        keep(&*store, ban).await;
    }
    let read = after(&*store, 0).await.into_iter().map(|(_, ban)| ban);
    assert_eq!(read.collect::<Vec<_>>(), bans);
}

pub async fn are_read_in_the_order_in_which_they_were_written(kind: Kind) {
    let (world, store) = World::new(kind).await;
    let other = world.another();
    let bans = [3, 1, 2].map(|at| ban(UnixMillis(NOW.0 + at), None));
    keep(&*store, &bans[0]).await;
    keep(&*other, &bans[1]).await;
    keep(&*store, &bans[2]).await;
    let mut read = 0;
    for ban in &bans {
        let next = store.bans(read, NOW, 1).await.unwrap();
        assert!(next[0].0 > read);
        assert_eq!(next, [(next[0].0, ban.clone())]);
        read = next[0].0;
    }
    assert_eq!(after(&*store, read).await, []);
}

pub async fn are_replaced_by_what_is_newer(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let first = ban_for(&[report(NOW).id], NOW, None);
    keep(&*store, &first).await;
    keep(&*store, &ban(NOW, None)).await;
    let read = after(&*store, 0).await[1].0;
    let lifted = Ban { at: NOW + DAY, until: Some(NOW + DAY), reports: vec![], ..first.clone() };
    let older = Ban { at: NOW.before(DAY), reason: "older".to_owned(), ..first.clone() };
    keep(&*store, &lifted).await;
    let changed = after(&*store, read).await;
    assert_eq!(changed, [(changed[0].0, lifted.clone())]);
    for again in [&lifted, &first, &older] {
        keep(&*store, again).await;
    }
    assert_eq!(after(&*store, changed[0].0).await, [], "nothing changed since");
    assert_eq!(after(&*store, 0).await.len(), 2);
}

pub async fn those_that_ended_are_left_out_at_the_start(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let ended = ban(NOW.before(DAY), Some(NOW.before(DAY)));
    let running = ban(NOW, Some(NOW + DAY));
    keep(&*store, &running).await;
    keep(&*store, &ended).await;
    let start = after(&*store, 0).await;
    assert_eq!(start, [(start[0].0, running)]);
    let then = after(&*store, start[0].0).await;
    assert_eq!(then, [(then[0].0, ended)], "who read before hears of the end");
}

pub async fn of_nobody_are_refused(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let target = BanTarget { device: None, address: None };
    let nobody = Ban { target, reason: "row contents".to_owned(), ..ban(NOW, None) };
    let why = refused(store.write(&Wrapped::from(&nobody).0).await);
    assert!(!why.contains("contents"), "{why}");
    keep(&*store, &ban(NOW, None)).await;
    assert_eq!(after(&*store, 0).await.len(), 1);
}

/// Writers of several processes, whose transactions end in any order, and a reader who
/// goes on from the greatest revision that it saw.
pub async fn none_is_missed_by_who_reads_while_many_write(kind: Kind) {
    const WRITERS: usize = 4;
    const EACH: usize = 25;
    let (world, store) = World::new(kind).await;
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let store = world.another();
        writers.spawn(async move {
            for _ in 0..EACH {
                keep(&*store, &ban(NOW, None)).await;
            }
        });
    }
    let (mut read, mut seen, mut end) = (0, BTreeSet::new(), false);
    loop {
        for (revision, ban) in after(&*store, read).await {
            assert!(revision > read);
            read = revision;
            seen.insert(ban.id);
        }
        if end {
            break;
        }
        while let Some(done) = writers.try_join_next() {
            done.unwrap();
        }
        end = writers.is_empty();
    }
    assert_eq!(seen.len(), WRITERS * EACH);
}
