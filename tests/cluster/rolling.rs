//! All nodes are replaced one after another while people talk.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::crowd::until;
use super::folder::Folder;
use super::nats::NatsCluster;
use super::server::{Server, get};

const PEOPLE: &str = "120";
const SECONDS: &str = "25";
const NODES: usize = 3;

/// A node that is replaced by one at the same address.
fn node(nats: &NatsCluster, address: Option<std::net::SocketAddr>) -> Server {
    let url = nats.url();
    let listen = address.map_or("127.0.0.1:0".to_owned(), |address| address.to_string());
    let own = ["--listen", &listen, "--cluster-url", &url, "--secret", "s"];
    Server::start(&[&own[..], &["--drain-ms", "3000", "--rematch-wait-ms", "0"]].concat())
}

fn mix(nodes: &[Server], folder: &Folder) -> Child {
    let mut load = Command::new(env!("CARGO_BIN_EXE_passerby"));
    load.args(["load", "mix", "--quiet", "--connections", PEOPLE, "--seconds", SECONDS]);
    load.args(["--stay-ms", "2000", "--json", "report.json"]).current_dir(folder.path());
    for node in nodes {
        load.args(["--target", &format!("ws://{}/ws", node.public())]);
    }
    load.stdout(Stdio::null()).spawn().unwrap()
}

#[tokio::test]
async fn three_nodes_are_replaced_and_rooms_stay() {
    let nats = NatsCluster::start();
    let mut nodes: Vec<_> = (0..NODES).map(|_| node(&nats, None)).collect();
    for node in &nodes {
        node.metric_becomes("passerby_cluster_nodes", NODES as f64).await;
    }
    let folder = Folder::new();
    let mut load = mix(&nodes, &folder);
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
    let status = load.wait().unwrap();
    let report = std::fs::read(folder.path().join("report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    assert!(status.success(), "{}", report["violations"]);
    assert_eq!(report["violationCount"], 0);
    let count = |name: &str| report["counts"][name].as_u64().unwrap_or(0);
    assert!(count("matches") > 500 && count("resumes") > 100, "{}", report["counts"]);
    // Of a thousand rooms at most one, as where nodes are replaced every few seconds
    // one may be in motion twice.
    let (lost, rooms) = (count("partners_lost"), count("matches") / 2);
    assert!(lost * 1000 <= rooms, "{} {}", report["counts"], report["errors"]);
    for outcome in ["refused", "missed"] {
        for node in &nodes {
            let series = format!(r#"passerby_resumes_total{{outcome="{outcome}"}}"#);
            assert!(node.metric(&series).await < 0.5, "{outcome}");
        }
    }
}
