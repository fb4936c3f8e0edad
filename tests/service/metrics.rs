//! The metrics after a scripted scene.

use std::collections::{HashMap, HashSet};

use passerby::exchange::letter::Letter;
use serde_json::json;

use super::server::{Server, get};

/// All values that a label may have.
const LABELS: [(&str, &[&str]); 12] = [
    ("mode", &["video", "text"]),
    ("by", &["interest", "language", "any", "reports"]),
    (
        "limit",
        &[
            "connect",
            "credentials",
            "report_address",
            "erasure",
            "wait",
            "signal",
            "line",
            "report",
            "message",
            "picture",
            "block",
        ],
    ),
    ("type", &["createOffer", "createAnswer", "addIceCandidate", "chat", "typing"]),
    (
        "reason",
        &[
            // Of reports.
            "nudity",
            "minor",
            "harassment",
            "spam",
            "violence",
            "other",
            // Of what the relay refuses.
            "credentials",
            "expired",
            "other_user",
            "session_quota",
            "capacity",
            "peer",
            "permission",
            "unauthenticated",
            "bandwidth",
            "congestion",
            "bad_request",
            "connections",
            // Of proposals that another node refuses.
            "gone",
            "busy",
            "apart",
            "apart_for_good",
            "unanswered",
            // Of what the store lost.
            "memory_full",
            "queue_full",
            "unsaved",
            "unreadable",
        ],
    ),
    ("scope", &["node", "cluster"]),
    ("kind", &Letter::KINDS),
    ("transport", &["udp", "tcp", "tls"]),
    ("direction", &["to_peer", "from_peer"]),
    (
        "code",
        &[
            "1000",
            "1001",
            "1002",
            "1007",
            "1008",
            "1009",
            "1013",
            "4001",
            "4002",
            "none",
            "other",
            "bad_message",
            "not_in_room",
            "too_large",
            "unavailable",
            "rate_limited",
            "banned",
        ],
    ),
    (
        "outcome",
        &[
            // Of resumes.
            "resumed",
            "missed",
            "taken_over",
            "refused",
            // Of sessions that are to change nodes.
            "fetched",
            "adopted",
            "recovered",
            "unreachable",
            "given",
            "placed",
            "unplaced",
            // Of writes to the store.
            "kept",
            "away",
        ],
    ),
    ("le", &[]),
];

/// Two in text over an interest, two in video over a language and then over
/// nothing; one who leaves unpaired.
async fn play(server: &Server) {
    let [mut one, mut other] = [server.client().await, server.client().await];
    for person in [&mut one, &mut other] {
        person.wants(json!({"mode": "text", "interests": ["tea"]})).await;
    }
    one.matched().await;
    other.matched().await;
    for text in ["one", "two", "three"] {
        one.say(text).await;
        other.hear(text).await;
    }
    one.signal(json!({"type": "report", "reason": "other"})).await;
    one.expect("reported").await;
    one.close(1000).await;
    other.expect_left("left").await;
    other.say("too late").await;
    other.nothing_came().await;
    other.send_text("?").await;
    other.expect_error("bad_message").await;
    other.close(4321).await;

    let [mut one, mut other] = [server.client().await, server.client().await];
    for person in [&mut one, &mut other] {
        person.wants(json!({"languages": ["en"]})).await;
    }
    one.matched().await;
    other.matched().await;
    one.signal(json!({"type": "createOffer", "sdp": "o"})).await;
    other.expect("createOffer").await;
    other.signal(json!({"type": "createAnswer", "sdp": "a"})).await;
    one.expect("createAnswer").await;
    one.signal(json!({"type": "addIceCandidate", "candidate": null})).await;
    other.expect("addIceCandidate").await;
    other.signal(json!({"type": "typing", "active": true})).await;
    one.expect("typing").await;
    one.next().await;
    one.expect("waiting").await;
    other.expect_left("next").await;
    other.close(1000).await;
    one.send(json!({"type": "leave"})).await;
    one.expect("idle").await;
    one.drop_connection();
}

#[tokio::test]
async fn each_metric_is_right_after_a_scripted_scene() {
    let server = Server::start(&[]);
    play(&server).await;
    let (_one, _other) = server.pair().await;
    let mut waiting = server.client().await;
    waiting.join().await;
    waiting.expect("waiting").await;
    for (series, value) in [
        ("pairing_latency_seconds_count{by=\"interest\",mode=\"text\"}", 2.0),
        ("pairing_latency_seconds_count{by=\"language\",mode=\"video\"}", 2.0),
        ("pairing_latency_seconds_count{by=\"any\",mode=\"video\"}", 2.0),
        ("pairing_latency_seconds_bucket{by=\"any\",mode=\"video\",le=\"+Inf\"}", 2.0),
        ("unpaired_wait_seconds_count{mode=\"video\"}", 1.0),
        ("unpaired_wait_seconds_count{mode=\"text\"}", 0.0),
        ("connections", 3.0),
        ("waiting{mode=\"video\"}", 1.0),
        ("waiting{mode=\"text\"}", 0.0),
        ("rooms", 1.0),
        ("pairs_total{mode=\"video\"}", 2.0),
        ("pairs_total{mode=\"text\"}", 1.0),
        ("nexts_total", 1.0),
        ("signals_total{type=\"chat\"}", 3.0),
        ("signals_total{type=\"createOffer\"}", 1.0),
        ("signals_total{type=\"createAnswer\"}", 1.0),
        ("signals_total{type=\"addIceCandidate\"}", 1.0),
        ("signals_total{type=\"typing\"}", 1.0),
        ("forward_latency_seconds_count", 7.0),
        ("stale_signals_total", 1.0),
        ("reports_total{reason=\"other\"}", 1.0),
        ("closes_total{code=\"1000\"}", 2.0),
        ("closes_total{code=\"other\"}", 1.0),
        ("closes_total{code=\"none\"}", 1.0),
        ("errors_total{code=\"bad_message\"}", 1.0),
        ("errors_total{code=\"not_in_room\"}", 1.0),
    ] {
        server.metric_becomes(&format!("passerby_{series}"), value).await;
    }
}

#[tokio::test]
async fn the_pairing_latency_is_measured_from_100_us_to_60_s() {
    let server = Server::start(&[]);
    let _two = server.pair().await;
    server.metric_becomes("passerby_pairing_latency_seconds_count", 2.0).await;
    let (_, text) = get(server.nodes()[0].ops, "/metrics").await;
    for bound in ["0.0001", "60"] {
        let bucket = format!("le=\"{bound}\"}}");
        let mut buckets = text.lines().filter(|line| line.contains(&bucket));
        let name = "passerby_pairing_latency_seconds_bucket{by=\"any\",mode=\"video\"";
        assert!(buckets.any(|line| line.starts_with(name)), "{text}");
    }
}

#[tokio::test]
async fn the_text_is_well_formed_and_its_labels_are_bounded() {
    let server = Server::start(&[]);
    play(&server).await;
    for node in server.nodes() {
        assert_well_formed(&get(node.ops, "/metrics").await);
    }
}

fn assert_well_formed((status, answer): &(u16, String)) {
    let (head, text) = answer.split_once("\r\n\r\n").unwrap();
    assert!(*status == 200 && head.contains("text/plain; version=0.0.4"), "{head}");
    let known: HashMap<_, _> = LABELS.into();
    let (mut helped, mut typed) = (HashSet::new(), HashSet::new());
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, words) = help.split_once(' ').expect("help has words");
            assert!(!words.is_empty() && helped.insert(name), "{line}");
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert!(helped.contains(name) && typed.insert(name), "{line}");
        } else {
            let (series, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|s| name.strip_suffix(s));
            let family = family.filter(|family| typed.contains(family)).unwrap_or(name);
            assert!(name.starts_with("passerby_") && typed.contains(family), "{line}");
            for label in labels.trim_end_matches('}').split(',').filter(|l| !l.is_empty()) {
                let (label, value) = label.split_once('=').unwrap();
                let values = known.get(label).unwrap_or_else(|| panic!("a new label: {line}"));
                let value = value.trim_matches('"');
                assert!(label == "le" || values.contains(&value), "a new value: {line}");
            }
        }
    }
    assert_eq!(helped, typed);
}
