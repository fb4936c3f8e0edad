//! Rule 4: who has met before.

use std::time::{Duration, Instant};

use serde_json::json;

use super::client::Client;
use super::server::Server;

/// Ends the room of the two; both wait again.
async fn part_and_wait(one: &mut Client, other: &mut Client) {
    one.next().await;
    other.expect_left("next").await;
    other.next().await;
}

async fn report(by: &mut Client) {
    by.signal(json!({"type": "report", "reason": "spam"})).await;
    by.expect("reported").await;
}

#[tokio::test]
async fn rule_4_two_whose_room_ended_are_kept_apart() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    part_and_wait(&mut one, &mut other).await;
    one.expect("waiting").await;
    other.expect("waiting").await;
    one.nothing_came().await;
    other.nothing_came().await;
    let mut third = server.client().await;
    third.join().await;
    third.matched().await;
}

#[tokio::test]
async fn rule_4_two_whose_room_ended_meet_again_after_the_wait() {
    let server = Server::start(&["--rematch-wait-ms", "600"]);
    let (mut one, mut other) = server.pair().await;
    let begun = Instant::now();
    part_and_wait(&mut one, &mut other).await;
    one.expect("waiting").await;
    other.expect("waiting").await;
    one.matched().await;
    other.matched().await;
    assert_eq!(one.room, other.room);
    assert!(begun.elapsed() >= Duration::from_millis(600), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn rule_4_whoever_came_between_two_are_kept_apart() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    one.next().await;
    other.expect_left("next").await;
    let mut third = server.client().await;
    third.join().await;
    third.matched().await;
    one.matched().await;
    one.next().await;
    third.expect_left("next").await;
    other.next().await;
    one.expect("waiting").await;
    other.expect("waiting").await;
    one.nothing_came().await;
    other.nothing_came().await;
}

#[tokio::test]
async fn rule_4_strangers_come_first() {
    // Rule 8: among those whom a node sees.
    let server = Server::start(&["--rematch-wait-ms", "0"]).pinned();
    let (mut known, mut seeker) = server.pair().await;
    seeker.send(json!({"type": "leave"})).await;
    seeker.expect("idle").await;
    known.expect_left("left").await;
    known.wants(json!({"languages": ["de"]})).await;
    known.expect("waiting").await;
    let mut stranger = server.client().await;
    stranger.wants(json!({"languages": ["fr"]})).await;
    stranger.expect("waiting").await;
    seeker.join().await;
    seeker.matched().await;
    stranger.matched().await;
    assert_eq!(seeker.room, stranger.room);
    known.nothing_came().await;
}

#[tokio::test]
async fn rule_4_without_a_wait_two_meet_again_where_nobody_else_suits() {
    let server = Server::start(&["--rematch-wait-ms", "0"]);
    let (mut one, mut other) = server.pair().await;
    let before = one.room.clone();
    part_and_wait(&mut one, &mut other).await;
    one.matched().await;
    other.matched().await;
    assert_eq!(one.room, other.room);
    assert_ne!(one.room, before, "another room");
}

#[tokio::test]
async fn rule_4_a_report_keeps_two_apart_for_good_and_the_room_stands() {
    let server = Server::start(&["--rematch-wait-ms", "0"]);
    let (mut one, mut other) = server.pair().await;
    report(&mut one).await;
    report(&mut one).await;
    other.say("the room stands").await;
    one.hear("the room stands").await;
    part_and_wait(&mut one, &mut other).await;
    one.expect("waiting").await;
    other.expect("waiting").await;
    one.nothing_came().await;
    other.nothing_came().await;
    let mut third = server.client().await;
    third.join().await;
    third.matched().await;
}

#[tokio::test]
async fn rule_4_a_room_that_has_ended_can_be_reported() {
    let server = Server::start(&["--rematch-wait-ms", "0"]);
    let (mut one, mut other) = server.pair().await;
    one.send(json!({"type": "leave"})).await;
    one.expect("idle").await;
    other.expect_left("left").await;
    report(&mut other).await;
    one.next().await;
    one.expect("waiting").await;
    other.next().await;
    other.expect("waiting").await;
    one.nothing_came().await;
    server.metric_becomes("passerby_reports_total{reason=\"spam\"}", 1.0).await;
}

#[tokio::test]
async fn a_report_of_a_room_that_one_never_had_is_refused() {
    let server = Server::start(&[]);
    let (one, _other) = server.pair().await;
    let mut stranger = server.client().await;
    stranger.send(json!({"type": "report", "room": one.room, "reason": "minor"})).await;
    stranger.expect_error("not_in_room").await;
}
