//! The metrics of resumes after scripted scenes.

use serde_json::json;

use super::memory::Memory;
use super::nodes;
use super::raw::{PONG, Raw, frame};
use super::server::Server;

/// Checks how often each outcome was counted: resumed, missed, taken over and
/// refused. A session that is taken over by another node is away when it is there.
async fn assert_outcomes(server: &Server, counts: [f64; 4]) {
    let [resumed, missed, taken_over, refused] = counts;
    let taken_over_there = if nodes::several() { taken_over } else { 0.0 };
    let counts = [resumed + taken_over_there, missed, taken_over - taken_over_there, refused];
    for (outcome, count) in ["resumed", "missed", "taken_over", "refused"].iter().zip(counts) {
        let series = format!("passerby_resumes_total{{outcome=\"{outcome}\"}}");
        server.metric_becomes(&series, count).await;
    }
}

#[tokio::test]
async fn resumes_are_counted_by_outcome_and_what_they_send_again() {
    let server = Server::start(&[]);
    assert_outcomes(&server, [0.0; 4]).await;
    let (one, mut other) = server.pair().await;
    let before = one.memory();
    for line in ["one", "two", "three"] {
        other.say(line).await;
    }
    other.nothing_came().await;
    server.metric_becomes("passerby_forward_latency_seconds_count", 3.0).await;
    server.metric_becomes("passerby_sessions_away", 0.0).await;
    drop(one);
    other.expect("peerAway").await;
    server.metric_becomes("passerby_sessions_away", 1.0).await;
    other.say("never sent before").await;
    other.nothing_came().await;
    let mut one = before.resume(&server).await;
    one.hear("one").await;
    assert_outcomes(&server, [1.0, 0.0, 0.0, 0.0]).await;
    server.metric_becomes("passerby_sessions_away", 0.0).await;
    server.metric_becomes("passerby_replayed_messages_total", 3.0).await;

    let newer = one.memory().reload(&server).await;
    assert_eq!(one.closed().await, Some(4002));
    assert_outcomes(&server, [1.0, 0.0, 1.0, 0.0]).await;
    let fresh = Memory::of("nobody's").resume(&server).await;
    assert_outcomes(&server, [1.0, 0.0, 1.0, 1.0]).await;
    fresh.close(1000).await;
    newer.close(1000).await;
    other.expect("peerBack").await;
    other.expect_left("left").await;
}

#[tokio::test]
async fn a_resume_that_missed_something_is_counted_as_such() {
    let server = Server::start(&[]);
    let (mut raw, welcome) = Raw::resume(&server, "none", "").await;
    assert_outcomes(&server, [0.0, 0.0, 0.0, 1.0]).await;
    for number in 1..=1200 {
        raw.say(r#"{"type":"leave"}"#).await;
        assert_eq!(raw.numbered().await["seq"], number);
    }
    let kept = server.metric("passerby_kept_bytes").await;
    raw.send(&frame(PONG, b"1200")).await;
    server.metric_falls("passerby_kept_bytes", kept / 2.0).await;
    drop(raw);
    server.metric_becomes("passerby_sessions_away", 1.0).await;
    let token = welcome["resume"].as_str().unwrap();
    let (raw, welcome) = Raw::resume(&server, token, "1").await;
    assert_eq!(welcome["missed"], true);
    assert_outcomes(&server, [0.0, 1.0, 0.0, 1.0]).await;
    drop(raw);
}

#[tokio::test]
async fn kept_bytes_count_what_waits_for_the_absent_until_it_is_confirmed() {
    let server = Server::start(&[]);
    let (one, mut other) = server.pair().await;
    let memory = one.drop_connection();
    other.expect("peerAway").await;
    let before = server.metric("passerby_kept_bytes").await;
    let text = "x".repeat(50_000);
    other.signal(json!({"type": "createOffer", "sdp": text})).await;
    other.nothing_came().await;
    let kept = server.metric("passerby_kept_bytes").await;
    assert!(kept >= before + 50_000.0 && kept < before + 60_000.0, "{before} and then {kept}");
    let mut one = memory.resume(&server).await;
    one.expect("createOffer").await;
    let one = one.memory().resume(&server).await;
    server.metric_falls("passerby_kept_bytes", before + 10_000.0).await;
    one.close(1000).await;
    other.close(1000).await;
    server.metric_becomes("passerby_kept_bytes", 0.0).await;
}

#[tokio::test]
async fn sessions_that_were_handed_on_are_told_by_the_log_of_both_processes() {
    let mut server = Server::start_with_log(&["--drain-ms", "300"], "info");
    let _two = server.pair().await;
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
    let mut successor = server.successor_with_log(&[], "info");
    successor.metric_becomes("passerby_sessions_away", 2.0).await;
    successor.kill();
    let logs = [server.log(), successor.log()];
    // Each node tells of its own.
    let told = |log: &str| -> usize {
        let counts = log.split("sessions=").skip(1);
        counts.map(|rest| rest.split_whitespace().next().unwrap().parse::<usize>().unwrap()).sum()
    };
    assert!(logs.iter().all(|log| told(log) == 2), "{logs:?}");
}
