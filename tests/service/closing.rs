//! How a client's end looks from the other side, and that nothing stays behind.

use futures_util::future::join_all;

use super::raw::{CLOSE, Raw, TEXT, frame};
use super::server::Server;

/// For tests that wait for the end of it.
const SHORT_GRACE: [&str; 2] = ["--grace-ms", "300"];

async fn assert_all_gone(server: &Server) {
    server.metric_becomes("passerby_connections", 0.0).await;
    server.metric_becomes("passerby_sessions_away", 0.0).await;
    server.metric_becomes("passerby_kept_bytes", 0.0).await;
    server.metric_becomes("passerby_rooms", 0.0).await;
    server.metric_becomes("passerby_waiting{mode=\"video\"}", 0.0).await;
    server.metric_becomes("passerby_waiting{mode=\"text\"}", 0.0).await;
}

#[tokio::test]
async fn rule_6_a_close_with_1000_is_a_leave_and_every_other_end_a_drop() {
    let server = Server::start(&SHORT_GRACE);
    let (one, mut other) = server.pair().await;
    one.close(1000).await;
    other.expect_left("left").await;
    other.close(1000).await;
    for code in [1001, 4000, 3000] {
        let (one, mut other) = server.pair().await;
        one.close(code).await;
        other.expect("peerAway").await;
        other.expect_left("disconnected").await;
        other.close(1000).await;
    }
    let (one, mut other) = server.pair().await;
    one.drop_connection();
    other.expect("peerAway").await;
    other.expect_left("disconnected").await;
    other.close(1000).await;
    assert_all_gone(&server).await;
}

#[tokio::test]
async fn a_close_is_answered_with_its_code() {
    let server = Server::start(&[]);
    for code in [1000_u16, 1001, 3000, 4999] {
        let mut raw = Raw::connect(server.public()).await;
        let reason = [&code.to_be_bytes()[..], b"because"].concat();
        raw.send(&frame(CLOSE, &reason)).await;
        assert_eq!(raw.closed().await, Some(code));
    }
    let mut raw = Raw::connect(server.public()).await;
    raw.send(&frame(CLOSE, b"")).await;
    assert_eq!(raw.frame().await, Some((CLOSE, Vec::new())), "no code for none");
}

#[tokio::test]
async fn what_was_sent_before_a_close_counts_and_what_comes_after_does_not() {
    let server = Server::start(&[]);
    let mut raw = Raw::connect(server.public()).await;
    let bytes = [
        frame(TEXT, br#"{"type":"leave"}"#),
        frame(CLOSE, &1000_u16.to_be_bytes()),
        frame(TEXT, br#"{"type":"join"}"#),
    ];
    raw.send(&bytes.concat()).await;
    assert_eq!(raw.closed().await, Some(1000));
    assert_all_gone(&server).await;
}

#[tokio::test]
async fn rule_1_a_room_is_gone_when_both_are_and_the_gauges_are_at_zero() {
    let server = Server::start(&SHORT_GRACE);
    let (one, mut other) = server.pair().await;
    let mut waiting = server.client().await;
    waiting.wants(serde_json::json!({"mode": "text"})).await;
    waiting.expect("waiting").await;
    server.metric_becomes("passerby_rooms", 1.0).await;
    server.metric_becomes("passerby_waiting{mode=\"text\"}", 1.0).await;
    one.drop_connection();
    other.expect("peerAway").await;
    server.metric_becomes("passerby_rooms", 1.0).await;
    other.expect_left("disconnected").await;
    server.metric_becomes("passerby_rooms", 0.0).await;
    other.drop_connection();
    waiting.close(1000).await;
    assert_all_gone(&server).await;
}

#[tokio::test]
async fn many_who_come_and_go_leave_nothing_behind() {
    let server = Server::start(&SHORT_GRACE);
    for round in 0..10 {
        let mut crowd = join_all((0..20).map(|_| server.client())).await;
        join_all(crowd.iter_mut().map(|person| person.join())).await;
        join_all(crowd.iter_mut().map(|person| person.matched())).await;
        if round % 2 == 0 {
            join_all(crowd.into_iter().map(|person| person.close(1000))).await;
        } else {
            drop(crowd);
        }
        assert_all_gone(&server).await;
    }
    server.metric_becomes("passerby_closes_total{code=\"1000\"}", 100.0).await;
    server.metric_becomes("passerby_closes_total{code=\"none\"}", 100.0).await;
}
