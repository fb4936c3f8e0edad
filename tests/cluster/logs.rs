//! What the log keeps to itself of what nodes say to each other.

use serde_json::json;

use super::crowd::talk;
use super::nats::NatsServer;
use super::server::Server;

const CHAT: &str = "quetzalcoatlus-chat";
const SDP: &str = "triceratops-sdp";
const SECRET: &str = "pterodactyl-secret";
/// In a candidate.
const ADDRESS: &str = "198.51.100.72";

#[tokio::test]
async fn nothing_that_people_say_is_logged_between_nodes() {
    let nats = NatsServer::start();
    let flags = ["--cluster-url", &nats.url(), "--secret", SECRET];
    let mut nodes = [(); 2].map(|()| Server::start_with_log(&flags, "trace,async_nats=trace"));
    for node in &nodes {
        node.metric_becomes("passerby_cluster_nodes", 2.0).await;
    }
    let (mut one, mut other) = (nodes[0].client().await, nodes[1].client().await);
    one.join().await;
    other.join().await;
    one.matched().await;
    other.matched().await;
    talk(&mut one, &mut other, CHAT).await;
    if one.role == "answerer" {
        std::mem::swap(&mut one, &mut other);
    }
    one.signal(json!({"type": "createOffer", "sdp": SDP})).await;
    other.expect("createOffer").await;
    let candidate = format!("candidate:1 1 udp 1 {ADDRESS} 9 typ host");
    one.signal(json!({"type": "addIceCandidate", "candidate": {"candidate": candidate}})).await;
    other.expect("addIceCandidate").await;
    let private = [one.token(), other.token(), CHAT, SDP, SECRET, ADDRESS].map(str::to_owned);
    nodes.iter_mut().for_each(|node| node.signal("TERM"));
    for mut node in nodes {
        assert!(node.ended().success());
        let log = node.log();
        assert!(log.contains("stopping"), "it logs: {log:?}");
        for text in &private {
            assert!(!log.contains(text), "{text} in the log: {log}");
        }
    }
}
