//! One trace from `join` over `matched` to the first answer.

use serde_json::json;

use super::client::Client;
use super::collector::{Collector, Trace, attribute};
use super::crowd::Crowd;
use super::nodes::Node;
use super::server::Server;

/// What nobody may find in a trace.
const SDP: &str = "triceratops-sdp";

/// Offer and answer go to and fro, twice; both are in one room.
async fn negotiate(one: &mut Client, other: &mut Client) {
    if one.role == "answerer" {
        std::mem::swap(one, other);
    }
    for _ in 0..2 {
        one.signal(json!({"type": "createOffer", "sdp": SDP})).await;
        other.expect("createOffer").await;
        other.signal(json!({"type": "createAnswer", "sdp": SDP})).await;
        one.expect("createAnswer").await;
    }
    // Who is polite may offer as well: this answer is not the first.
    other.signal(json!({"type": "createOffer", "sdp": SDP})).await;
    one.expect("createOffer").await;
    one.signal(json!({"type": "createAnswer", "sdp": SDP})).await;
    other.expect("createAnswer").await;
}

/// The order of what `Trace` has of one pair, wherever the two are.
fn is_sane(trace: &Trace, scope: &str) {
    assert_eq!(trace.parent("pairing"), None);
    for child in ["signal", "wait answerer", "wait offerer"] {
        assert_eq!(trace.parent(child), Some("pairing"));
    }
    for name in ["pairing", "wait offerer", "wait answerer"] {
        let attributes = &trace.get(name).span.attributes;
        assert_eq!(attribute(attributes, "passerby.mode"), Some("video"));
        assert_eq!(attribute(attributes, "passerby.matched_by"), Some("any"));
        assert_eq!(attribute(attributes, "passerby.scope"), Some(scope));
    }
    for name in trace.names() {
        let span = &trace.get(name).span;
        assert!(span.start_time_unix_nano <= span.end_time_unix_nano, "{name} ends");
        // How long the other node's side had waited is known as of a message's coming.
        let known = scope == "node" || name != "wait answerer";
        let first = trace.get("pairing").span.start_time_unix_nano;
        assert!(!known || first <= span.start_time_unix_nano, "{name} begins within the whole");
    }
    let (signal, wait) = (&trace.get("signal").span, &trace.get("wait answerer").span);
    assert!(wait.end_time_unix_nano <= signal.end_time_unix_nano, "an answer follows");
}

/// A trace tells nothing of who it is about.
fn is_discreet(trace: &Trace, people: [&Client; 2]) {
    let private = people.iter().flat_map(|person| {
        let session = person.welcome["session"].as_str().unwrap();
        let token = person.token();
        let bare = [session, &person.room].map(|id| id.replace('-', ""));
        [session.to_owned(), token.to_owned(), person.room.clone()].into_iter().chain(bare)
    });
    for text in private.chain([SDP.to_owned(), "127.0.0.1".to_owned()]) {
        for name in trace.names() {
            let sent = trace.get(name);
            let id: String = sent.span.trace_id.iter().map(|byte| format!("{byte:02x}")).collect();
            let told = format!("{sent:?} {id}");
            assert!(!told.contains(&text), "{text} in {told}");
        }
    }
}

/// What the trace of a pair has on one node, and on two.
const ALONE: [&str; 4] = ["pairing", "signal", "wait answerer", "wait offerer"];
const ACROSS: [&str; 6] = ["pairing", "propose", "seat", "signal", "wait answerer", "wait offerer"];

/// What a trace of two nodes has beside.
fn is_of_two_nodes(trace: &Trace) {
    assert_eq!(trace.names(), ACROSS);
    is_sane(trace, "cluster");
    assert_eq!(trace.parent("propose"), Some("pairing"));
    assert_eq!(trace.parent("seat"), Some("propose"));
    let node = |name| &trace.get(name).node;
    assert_ne!(node("wait offerer"), node("wait answerer"));
    assert_eq!(node("pairing"), node("wait offerer"));
    assert_eq!(node("seat"), node("wait offerer"));
    assert_eq!(node("signal"), node("wait answerer"));
}

#[tokio::test]
async fn a_pair_of_one_node_has_one_trace() {
    let collector = Collector::start().await;
    let server = Server::start(&["--otlp-endpoint", &collector.url, "--node-name", "lone"]);
    let (mut one, mut other) = server.pair().await;
    negotiate(&mut one, &mut other).await;
    let trace = collector.trace(ALONE.len()).await;
    assert_eq!(trace.names(), ALONE);
    is_sane(&trace, "node");
    is_discreet(&trace, [&one, &other]);
    assert_eq!(trace.get("pairing").node, "lone");
}

#[tokio::test]
async fn a_pair_of_two_nodes_of_one_process_has_one_trace() {
    let collector = Collector::start().await;
    let flags = ["--otlp-endpoint", &collector.url, "--cluster-url", "memory:2"];
    let mut server = Server::start(&flags);
    let second = Node { public: server.turn(), ops: server.turn() };
    [server.nodes()[0], second].iter().for_each(|node| node.meets(2));
    let mut one = Client::connect(server.public()).await;
    let mut other = Client::connect(second.public).await;
    one.join().await;
    other.join().await;
    one.matched().await;
    other.matched().await;
    negotiate(&mut one, &mut other).await;
    let trace = collector.trace(ACROSS.len()).await;
    is_of_two_nodes(&trace);
    is_discreet(&trace, [&one, &other]);
}

#[tokio::test]
async fn a_pair_of_two_processes_has_one_trace() {
    let collector = Collector::start().await;
    let crowd = Crowd::start(2, &["--otlp-endpoint", &collector.url]).await;
    let (mut one, mut other) = crowd.pair().await;
    negotiate(&mut one, &mut other).await;
    is_of_two_nodes(&collector.trace(ACROSS.len()).await);
}
