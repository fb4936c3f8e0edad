//! What only a NATS can do: it is not there yet, forgets, refuses, or serves others.

use std::time::Duration;

use bytes::Bytes;
use passerby::cluster::nats::{WrongAddress, join};
use passerby::cluster::{Away, DEADLINE};
use passerby::ids::NodeId;
use tokio::time::{Instant, sleep, timeout};

use crate::cut_off::is_away;
use crate::logs::Log;
use crate::nats::NatsServer;
use crate::node::{Node, PATIENCE, bytes, entry};
use crate::world::{Kind, LONG, World, prefix};

async fn node(url: &str, prefix: &str) -> Node {
    let id = NodeId::random();
    let (cluster, events) = join(url, prefix, id, LONG).await.unwrap();
    Node::new(id, cluster, events)
}

#[tokio::test]
async fn a_server_may_come_later() {
    let mut server = NatsServer::start();
    server.kill();
    let mut one = node(&server.url(), &prefix()).await;
    is_away(&one).await;
    server.run();
    one.reached().await;
    one.put("node.1", "one").await;
    one.hear(&entry("node.1", Some("one"))).await;
}

#[tokio::test]
async fn a_server_that_lost_all_is_used_anew() {
    let mut world = World::new(Kind::Nats, LONG);
    let (mut one, mut other) = (world.node().await, world.node().await);
    one.put("node.1", "forgotten").await;
    world.nats().server.restart_empty();
    for node in [&mut one, &mut other] {
        node.lost().await;
        node.reached().await;
    }
    assert!(other.create("node.1", "new").await.is_some(), "the old one is forgotten");
    one.hear(&entry("node.1", Some("new"))).await;
    one.send(&other, "hello").await;
    assert_eq!(other.message().await, "hello");
}

#[tokio::test]
async fn a_bucket_that_was_deleted_is_made_anew() {
    let mut world = World::new(Kind::Nats, LONG);
    let mut one = world.node().await;
    one.put("node.1", "deleted with the bucket").await;
    let nats = world.nats();
    let client = async_nats::connect(nats.server.url()).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    jetstream.delete_stream(format!("KV_{}", nats.prefix())).await.unwrap();
    one.lost().await;
    one.reached().await;
    assert!(one.create("node.1", "new").await.is_some());
    one.hear(&entry("node.1", Some("new"))).await;
}

#[tokio::test]
async fn a_network_that_stalls_is_noticed() {
    let mut world = World::new(Kind::Nats, LONG);
    let (mut one, other) = (world.node().await, world.node().await);
    world.stall(&one);
    let asked = Instant::now();
    assert_eq!(one.cluster.put("node.1", bytes("")).await, Err(Away));
    assert!(asked.elapsed() < DEADLINE * 3 / 2);
    one.lost().await;
    world.mend(&one);
    one.reached().await;
    other.send(&one, "hello").await;
    assert_eq!(one.message().await, "hello");
}

#[tokio::test]
async fn services_on_one_server_do_not_meet() {
    let server = NatsServer::start();
    let (prefix, other_prefix) = (prefix(), prefix());
    let (mut one, mut peer) =
        (node(&server.url(), &prefix).await, node(&server.url(), &prefix).await);
    let mut stranger = node(&server.url(), &other_prefix).await;
    for node in [&mut one, &mut peer, &mut stranger] {
        node.reached().await;
    }
    stranger.send(&one, "not heard").await;
    stranger.cluster.send_to_all(bytes("not heard")).await.unwrap();
    assert!(stranger.create("lease", "strange").await.is_some());
    assert!(one.create("lease", "own").await.is_some());
    peer.send(&one, "last").await;
    assert_eq!(one.messages_until("last").await, Vec::<Bytes>::new());
    peer.hear(&entry("lease", Some("own"))).await;
}

#[tokio::test]
async fn credentials_are_shown_and_never_logged() {
    let (log, _guard) = Log::start();
    let server = NatsServer::start_with(&["-js", "-user", "me", "-pass", "pa@ss"]);
    let url = format!("nats://me:pa%40ss@{}", server.address());
    node(&url, &prefix()).await.reached().await;
    let server = NatsServer::start_with(&["-js", "-auth", "to-ken"]);
    let url = format!("nats://to-ken@{}", server.address());
    node(&url, &prefix()).await.reached().await;
    let text = log.text();
    for secret in ["pa@ss", "pa%40ss", "to-ken"] {
        assert_eq!(text.lines().find(|line| line.contains(secret)), None);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_server_is_said_once() {
    let refusing = NatsServer::start_with(&["-js", "-user", "me", "-pass", "right"]);
    let url = format!("nats://me:wrong-one@{}", refusing.address());
    let complaint = "it refuses the user, password or token";
    is_complained_of_once(&url, complaint, "attempting connection").await;
    let poor = NatsServer::start_with(&[]);
    is_complained_of_once(&poor.url(), "JetStream is not enabled", "JetStream request sent").await;
}

async fn is_complained_of_once(url: &str, complaint: &str, again: &str) {
    let (log, _guard) = Log::start();
    let one = node(url, &prefix()).await;
    let tries = || log.text().matches(again).count();
    let tried = async {
        while tries() < 4 {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, tried).await.expect("it is tried again");
    assert_eq!(one.cluster.put("any", bytes("")).await, Err(Away));
    let warnings = log.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains(complaint) && !warnings[0].contains("wrong-one"), "{warnings:?}");
}

#[tokio::test]
async fn an_address_that_is_wrong_is_refused_at_once() {
    let wrong = |url: &'static str, prefix: &'static str| async move {
        join(url, prefix, NodeId::random(), LONG).await.err()
    };
    assert_eq!(wrong("http://127.0.0.1", "test").await, Some(WrongAddress::Malformed));
    assert_eq!(wrong("nats://127.0.0.1", "a.b").await, Some(WrongAddress::Prefix));
    assert_eq!(wrong("nats://127.0.0.1", "").await, Some(WrongAddress::Prefix));
}
