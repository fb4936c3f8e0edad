//! Entries: who writes them, who hears of them, and how they end.

use std::time::Duration;

use passerby::cluster::Event;
use tokio::time::{Instant, sleep, timeout};

use crate::node::{Node, PATIENCE, bytes, entry};
use crate::world::{Kind, LONG, World};

/// A time to live that a test waits for.
const SHORT: Duration = Duration::from_millis(1500);

pub async fn one_is_created_once(kind: Kind) {
    let mut world = World::new(kind, LONG);
    let (one, other) = (world.node().await, world.node().await);
    let first = one.create("pool.video.0", "one").await.expect("it did not stand");
    assert_eq!(other.create("pool.video.0", "other").await, None);
    assert_eq!(one.create("pool.video.0", "one").await, None);
    assert!(other.create("pool.video.1", "other").await.unwrap() > first);
    other.put("pool.video.0", "").await;
    assert_eq!(one.create("pool.video.0", "one").await, None, "an empty value stands");
}

pub async fn one_is_updated_only_at_its_revision(kind: Kind) {
    let mut world = World::new(kind, LONG);
    let (one, other) = (world.node().await, world.node().await);
    let first = one.create("lease", "one").await.unwrap();
    let second = one.update("lease", "still one", first).await.expect("at its revision");
    assert!(second > first);
    assert_eq!(other.update("lease", "other", first).await, None);
    assert!(one.update("lease", "one again", second).await.is_some());
    assert_eq!(one.update("nothing", "one", first).await, None);
}

pub async fn one_is_put_whatever_stands_there(kind: Kind) {
    let mut world = World::new(kind, LONG);
    let (one, other) = (world.node().await, world.node().await);
    let first = one.put("node.1", "one").await;
    let second = other.put("node.1", "other").await;
    assert!(second > first);
    assert_eq!(one.update("node.1", "one", first).await, None);
    assert!(one.update("node.1", "one", second).await.is_some());
}

pub async fn one_is_deleted_only_at_its_revision(kind: Kind) {
    let mut world = World::new(kind, LONG);
    let (one, other) = (world.node().await, world.node().await);
    let first = one.create("lease", "one").await.unwrap();
    let second = one.update("lease", "one", first).await.unwrap();
    other.delete("lease", first).await;
    assert_eq!(other.create("lease", "other").await, None, "it was left");
    one.delete("lease", second).await;
    assert_eq!(one.update("lease", "one", second).await, None);
    one.delete("lease", second).await;
    let third = other.create("lease", "other").await.expect("it was deleted");
    assert!(third > second);
    one.delete("lease", second).await;
    assert!(other.update("lease", "other", third).await.is_some());
}

pub async fn one_of_many_wins(kind: Kind) {
    const MANY: usize = 4;
    let mut world = World::new(kind, LONG);
    let mut nodes = Vec::new();
    for _ in 0..MANY {
        nodes.push(world.node().await);
    }
    let created = nodes.iter().map(|node| node.create("lease", "mine"));
    let mut won = futures_util::future::join_all(created).await.into_iter().flatten();
    let revision = won.next().expect("one wins");
    assert_eq!(won.next(), None);
    let updated = nodes.iter().map(|node| node.update("lease", "mine", revision));
    let mut won = futures_util::future::join_all(updated).await.into_iter().flatten();
    let revision = won.next().expect("one wins");
    assert_eq!(won.next(), None);
    nodes[0].delete("lease", revision).await;
    let created = nodes.iter().map(|node| node.create("lease", "mine"));
    let won = futures_util::future::join_all(created).await.into_iter().flatten();
    assert_eq!(won.count(), 1, "after it was deleted");
}

pub async fn one_runs_out_unless_it_is_written_again(kind: Kind) {
    let mut world = World::new(kind, SHORT);
    let (one, other) = (world.node().await, world.node().await);
    let abandoned = one.create("abandoned", "one").await.unwrap();
    let mut kept = one.create("kept", "one").await.unwrap();
    let begun = Instant::now();
    while other.create("abandoned", "other").await.is_none() {
        assert!(begun.elapsed() < PATIENCE, "it does not run out");
        kept = one.update("kept", "one", kept).await.expect("it was written in time");
        sleep(SHORT / 15).await;
    }
    assert!(begun.elapsed() > SHORT / 2, "it ran out too early");
    assert_eq!(other.create("kept", "other").await, None);
    assert_eq!(one.update("abandoned", "one", abandoned).await, None);
    until_gone(&one, "kept", kept).await;
}

/// An entry that runs out can't be updated then.
async fn until_gone(node: &Node, key: &str, revision: passerby::cluster::Revision) {
    let gone = async {
        while node.create(key, "new").await.is_none() {
            sleep(SHORT / 15).await;
        }
    };
    timeout(PATIENCE, gone).await.expect("it does not run out");
    assert_eq!(node.update(key, "late", revision).await, None);
}

pub async fn all_are_told_of_changes(kind: Kind) {
    let mut world = World::new(kind, LONG);
    let (mut one, mut other) = (world.node().await, world.node().await);
    let first = one.create("node.1", "a").await.unwrap();
    let second = one.update("node.1", "b", first).await.unwrap();
    assert_eq!(other.update("node.1", "refused", first).await, None);
    assert_eq!(other.create("node.1", "refused").await, None);
    one.delete("node.1", second).await;
    other.put("node.1", "").await;
    let states = [Some("a"), Some("b"), None, Some("")].map(|value| entry("node.1", value));
    for node in [&mut one, &mut other] {
        // An older state may be passed over where a newer one was there before it was
        // told; the last is told for sure, and none again or too late.
        let mut left = &states[..];
        while !left.is_empty() {
            let told = node.next().await.expect("the last one is told");
            let at = left.iter().position(|state| *state == told);
            left = &left[at.unwrap_or_else(|| panic!("{told:?} of {left:?}")) + 1..];
        }
    }
}

pub async fn a_newcomer_is_told_of_those_that_stand(kind: Kind) {
    let mut world = World::new(kind, LONG);
    let one = world.node().await;
    one.put("node.1", "old").await;
    one.put("node.1", "new").await;
    one.put("node.2", "other").await;
    let gone = one.put("node.3", "deleted").await;
    one.delete("node.3", gone).await;
    let mut newcomer = world.node().await;
    one.cluster.put("last", bytes("")).await.unwrap();
    let mut told = Vec::new();
    loop {
        match newcomer.next().await.unwrap() {
            Event::Entry { key, .. } if key == "last" => break,
            // That one was deleted may be told.
            Event::Entry { value: None, .. } => (),
            event => told.push(event),
        }
    }
    told.sort_by_key(|event| format!("{event:?}"));
    assert_eq!(told, [entry("node.1", Some("new")), entry("node.2", Some("other"))]);
}
