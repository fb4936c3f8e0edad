//! Nodes that the cluster can't reach, and those that don't listen.

use bytes::Bytes;
use passerby::cluster::{Away, DEADLINE, Event};
use tokio::time::Instant;

use crate::node::{Node, bytes, entry};
use crate::world::{Kind, LONG, World};

/// Each call answers that the cluster is away, in time.
pub async fn is_away(node: &Node) {
    let revision = node.cluster.create("any", bytes("")).await;
    assert_eq!(revision, Err(Away));
    assert_eq!(node.cluster.put("any", bytes("")).await, Err(Away));
    assert_eq!(node.cluster.send(node.id, bytes("lost")).await, Err(Away));
    assert_eq!(node.cluster.send_to_all(bytes("lost")).await, Err(Away));
}

pub async fn a_node_that_is_cut_off_is_away(kind: Kind) {
    let mut world = World::new(kind, LONG);
    let (mut one, mut other) = (world.node().await, world.node().await);
    let revision = one.put("node.1", "one").await;
    world.cut(&one);
    let asked = Instant::now();
    let _ = one.cluster.put("node.1", bytes("either way")).await;
    assert!(asked.elapsed() < DEADLINE * 3 / 2);
    one.lost().await;
    is_away(&one).await;
    assert_eq!(one.cluster.update("node.1", bytes(""), revision).await, Err(Away));
    assert_eq!(one.cluster.delete("node.1", revision).await, Err(Away));
    other.send(&one, "not heard").await;
    world.mend(&one);
    one.reached().await;
    other.send(&one, "last").await;
    assert_eq!(one.messages_until("last").await, Vec::<Bytes>::new());
    one.send(&other, "last").await;
    assert_eq!(other.messages_until("last").await, Vec::<Bytes>::new());
}

pub async fn a_node_that_is_back_hears_all_entries_anew(kind: Kind) {
    let mut world = World::new(kind, LONG);
    let (mut one, mut other) = (world.node().await, world.node().await);
    one.put("node.1", "as before").await;
    let deleted = one.put("node.2", "deleted").await;
    world.cut(&one);
    one.lost().await;
    other.put("node.3", "new").await;
    other.delete("node.2", deleted).await;
    world.mend(&one);
    one.reached().await;
    other.put("last", "").await;
    let mut told = Vec::new();
    loop {
        match one.next().await.unwrap() {
            Event::Entry { key, .. } if key == "last" => break,
            Event::Entry { value: None, .. } => (),
            event => told.push(event),
        }
    }
    told.sort_by_key(|event| format!("{event:?}"));
    assert_eq!(told, [entry("node.1", Some("as before")), entry("node.3", Some("new"))]);
    one.send(&other, "hello").await;
    assert_eq!(other.message().await, "hello");
    other.cluster.send_to_all(bytes("all")).await.unwrap();
    assert_eq!(one.message().await, "all");
}

pub async fn a_node_that_does_not_listen_is_told_that_something_was_lost(kind: Kind) {
    const FLOOD: usize = 10_000;
    let mut world = World::new(kind, LONG);
    let (one, mut other) = (world.node().await, world.node().await);
    one.put("node.1", "one").await;
    for number in 0..FLOOD {
        one.cluster.send(other.id, Bytes::from(number.to_string())).await.unwrap();
    }
    other.lost().await;
    other.reached().await;
    other.hear(&entry("node.1", Some("one"))).await;
    one.send(&other, "last").await;
    other.hear(&Event::Message(bytes("last"))).await;
}

pub async fn a_node_that_left_hears_nothing(kind: Kind) {
    let mut world = World::new(kind, LONG);
    let (one, mut other) = (world.node().await, world.node().await);
    one.put("node.1", "stays").await;
    let mut one = one.leave();
    while one.recv().await.is_some() {}
    assert_eq!(other.create("node.1", "other").await, None, "its entry stands");
    other.put("last", "").await;
    other.hear(&entry("last", Some(""))).await;
}
