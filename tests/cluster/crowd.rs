//! Nodes of one service.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::client::Client;
use super::nats::NatsServer;
use super::server::{DEADLINE, Server, get};

/// Flags that all nodes have.
const FLAGS: [&str; 4] = ["--secret", "the same on all nodes", "--drain-ms", "2000"];

/// Some nodes and the NATS between them.
pub struct Crowd {
    pub nats: NatsServer,
    pub nodes: Vec<Server>,
    flags: Vec<String>,
}

impl Crowd {
    /// So many, which know each other.
    pub async fn start(count: usize, flags: &[&str]) -> Self {
        let nats = NatsServer::start();
        let flags = FLAGS.iter().chain(flags).map(ToString::to_string).collect();
        let mut crowd = Self { nats, nodes: Vec::new(), flags };
        for _ in 0..count {
            let node = crowd.another();
            crowd.nodes.push(node);
        }
        crowd.all_meet().await;
        crowd
    }

    /// One more node.
    pub fn another(&self) -> Server {
        let url = self.nats.url();
        let own = ["--cluster-url", &url];
        let flags: Vec<_> = own.into_iter().chain(self.flags.iter().map(String::as_str)).collect();
        Server::start(&flags)
    }

    /// Waits until each node knows all others, and who holds the shared pool.
    pub async fn all_meet(&self) {
        for node in &self.nodes {
            node.metric_becomes("passerby_cluster_nodes", self.nodes.len() as f64).await;
        }
        until(|| async {
            let mut leases = 0.0;
            for node in &self.nodes {
                leases += node.metric("passerby_leases").await;
            }
            leases >= 2.0
        })
        .await;
        for node in &self.nodes {
            // Each has heard of both leases.
            until(|| async { node.metric("passerby_lease_changes_total").await >= 2.0 }).await;
        }
    }

    /// Two clients in one room, each on another node.
    pub async fn pair(&self) -> (Client, Client) {
        self.pair_on(0, 1).await
    }

    /// Two clients in one room on these nodes.
    pub async fn pair_on(&self, one: usize, other: usize) -> (Client, Client) {
        let mut first = self.nodes[one].client().await;
        let mut second = self.nodes[other].client().await;
        first.join().await;
        second.join().await;
        first.matched().await;
        second.matched().await;
        assert_eq!(first.room, second.room);
        (first, second)
    }

    /// What a node says of the whole service.
    pub async fn stats(&self, node: usize) -> Value {
        let (_, answer) = get(self.nodes[node].public(), "/api/v1/stats").await;
        serde_json::from_str(answer.lines().last().unwrap()).unwrap()
    }
}

/// Waits for something.
pub async fn until<F: Future<Output = bool>>(condition: impl Fn() -> F) {
    let begun = Instant::now();
    while !condition().await {
        assert!(begun.elapsed() < DEADLINE, "it does not come about");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The next `matched` of either.
pub async fn either_matched(one: &mut Client, other: &mut Client) -> Value {
    tokio::select! { matched = one.matched() => matched, matched = other.matched() => matched }
}

/// Takes messages up to what the partner says, which is this.
pub async fn hear_after_news(client: &mut Client, text: &str) {
    loop {
        let message = client.receive().await;
        match message["type"].as_str().unwrap() {
            "chat" => return assert_eq!(message["text"], text),
            "peerAway" | "peerBack" | "online" => (),
            other => panic!("{other} came"),
        }
    }
}

/// Each hears what the other says.
pub async fn talk(one: &mut Client, other: &mut Client, word: &str) {
    one.say(word).await;
    other.hear(word).await;
    other.say(word).await;
    one.hear(word).await;
}
