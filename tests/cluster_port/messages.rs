//! Messages between nodes.

use bytes::Bytes;
use passerby::cluster::{Away, MAX_MESSAGE_BYTES};
use passerby::ids::NodeId;

use crate::node::bytes;
use crate::world::{Kind, LONG, World};

pub async fn one_reaches_the_node_that_it_is_for(kind: Kind) {
    let mut world = World::new(kind, LONG);
    let (mut one, mut other, mut third) =
        (world.node().await, world.node().await, world.node().await);
    one.send(&other, "for the other").await;
    one.send(&one, "for me").await;
    one.cluster.send(NodeId::random(), bytes("for nobody")).await.unwrap();
    one.send(&third, "last").await;
    assert_eq!(other.message().await, "for the other");
    assert_eq!(one.message().await, "for me");
    assert_eq!(third.messages_until("last").await, Vec::<Bytes>::new());
}

pub async fn one_reaches_every_other_node(kind: Kind) {
    let mut world = World::new(kind, LONG);
    let (mut one, mut other, mut third) =
        (world.node().await, world.node().await, world.node().await);
    one.cluster.send_to_all(bytes("from one")).await.unwrap();
    other.cluster.send_to_all(bytes("from the other")).await.unwrap();
    assert_eq!(one.message().await, "from the other");
    assert_eq!(other.message().await, "from one");
    let mut both = [third.message().await, third.message().await];
    both.sort();
    assert_eq!(both, ["from one", "from the other"]);
}

pub async fn they_keep_their_order(kind: Kind) {
    const MANY: usize = 500;
    let mut world = World::new(kind, LONG);
    let (one, mut other) = (world.node().await, world.node().await);
    // Some are cut in parts.
    let message = |number: usize| {
        let times = if number.is_multiple_of(50) { 100_000 } else { 100 };
        Bytes::from(format!("{number:03}").repeat(times))
    };
    for number in 0..MANY {
        one.cluster.send(other.id, message(number)).await.unwrap();
    }
    for number in 0..MANY {
        assert!(other.message().await == message(number), "message {number}");
    }
    for number in 0..MANY {
        one.cluster.send_to_all(message(number)).await.unwrap();
    }
    for number in 0..MANY {
        assert!(other.message().await == message(number), "message {number} to all");
    }
}

pub async fn large_ones_arrive_whole(kind: Kind) {
    let mut world = World::new(kind, LONG);
    let (one, mut other) = (world.node().await, world.node().await);
    for length in [0, 3_000_000, MAX_MESSAGE_BYTES] {
        let message = (0..length).map(|at| (at % 251) as u8).collect::<Bytes>();
        one.cluster.send(other.id, message.clone()).await.unwrap();
        assert!(other.message().await == message, "of {length} bytes");
    }
    let too_large = Bytes::from(vec![0; MAX_MESSAGE_BYTES + 1]);
    assert_eq!(one.cluster.send(other.id, too_large.clone()).await, Err(Away));
    assert_eq!(one.cluster.send_to_all(too_large).await, Err(Away));
    one.send(&other, "last").await;
    assert_eq!(other.messages_until("last").await, Vec::<Bytes>::new());
}
