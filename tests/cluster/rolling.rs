//! All nodes are replaced one after another while people talk.

use std::time::Duration;

use super::crowd::until;
use super::mix::Mix;
use super::nats::NatsCluster;
use super::server::{Server, get};

const NODES: usize = 3;
const LOAD: [&str; 6] = ["--connections", "120", "--seconds", "25", "--stay-ms", "2000"];

/// A node that is replaced by one at the same address.
fn node(nats: &NatsCluster, address: Option<std::net::SocketAddr>) -> Server {
    let url = nats.url();
    let listen = address.map_or("127.0.0.1:0".to_owned(), |address| address.to_string());
    let own = ["--listen", &listen, "--cluster-url", &url, "--secret", "s"];
    Server::start(&[&own[..], &["--drain-ms", "3000", "--rematch-wait-ms", "0"]].concat())
}

#[tokio::test]
async fn three_nodes_are_replaced_and_rooms_stay() {
    let nats = NatsCluster::start();
    let mut nodes: Vec<_> = (0..NODES).map(|_| node(&nats, None)).collect();
    for node in &nodes {
        node.metric_becomes("passerby_cluster_nodes", NODES as f64).await;
    }
    let load = Mix::start(nodes.iter().map(Server::public), &LOAD);
    until(|| async { nodes[0].metric("passerby_connections").await > 20.0 }).await;
    for old in &mut nodes {
        old.signal("TERM");
        assert!(old.ended().success());
        let next = node(&nats, Some(old.public()));
        until(|| async { get(next.nodes()[0].ops, "/readyz").await.0 == 200 }).await;
        next.metric_becomes("passerby_cluster_nodes", NODES as f64).await;
        *old = next;
        // People spread over all of them again.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let load = load.end();
    load.assert_fine();
    assert!(load.count("matches") > 500 && load.count("resumes") > 100, "{}", load.counts());
    // Of a thousand rooms at most one, as where nodes are replaced every few seconds
    // one may be in motion twice.
    let (lost, rooms) = (load.count("partners_lost"), load.count("matches") / 2);
    assert!(lost * 1000 <= rooms, "{} {}", load.counts(), load.errors());
    // Pairs that were cut in half since one side dropped while they were made.
    assert!(load.count("pairs_cut") * 200 <= rooms, "{} {}", load.counts(), load.errors());
    for outcome in ["refused", "missed"] {
        for node in &nodes {
            let series = format!(r#"passerby_resumes_total{{outcome="{outcome}"}}"#);
            assert!(node.metric(&series).await < 0.5, "{outcome}");
        }
    }
}
