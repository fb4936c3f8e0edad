//! `join`, `next` and `leave` in every place that a person can be in.

use serde_json::json;

use super::client::Client;
use super::server::Server;

const ELSEWHERE: &str = "11111111-2222-4333-8444-555555555555";

async fn assert_in_a_room(one: &mut Client, other: &mut Client) {
    one.say("still here").await;
    other.hear("still here").await;
}

#[tokio::test]
async fn next_brings_a_third_person_and_tells_the_partner() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    one.next().await;
    other.expect_left("next").await;
    let mut third = server.client().await;
    third.join().await;
    one.matched().await;
    third.matched().await;
    assert_eq!(one.room, third.room);
    other.nothing_came().await;
}

#[tokio::test]
async fn join_in_a_room_leaves_it() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    one.wants(json!({"mode": "text"})).await;
    other.expect_left("next").await;
    one.expect("waiting").await;
    let mut third = server.client().await;
    third.wants(json!({"mode": "text"})).await;
    third.matched().await;
    assert_eq!(one.matched().await["mode"], "text");
    other.nothing_came().await;
}

#[tokio::test]
async fn next_for_another_room_has_no_effect() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    for room in [ELSEWHERE, "no id at all"] {
        one.send(json!({"type": "next", "room": room})).await;
    }
    assert_in_a_room(&mut one, &mut other).await;
    other.send(json!({"type": "leave"})).await;
    one.expect_left("left").await;
    one.send(json!({"type": "next", "room": ELSEWHERE})).await;
    one.nothing_came().await;
    server.metric_becomes("passerby_nexts_total", 0.0).await;
}

#[tokio::test]
async fn next_for_a_room_before_this_one_has_no_effect() {
    let server = Server::start(&["--rematch-wait-ms", "0"]);
    let (mut one, mut other) = server.pair().await;
    let before = one.room.clone();
    one.next().await;
    other.expect_left("next").await;
    other.next().await;
    one.matched().await;
    other.matched().await;
    one.send(json!({"type": "next", "room": before})).await;
    assert_in_a_room(&mut one, &mut other).await;
}

#[tokio::test]
async fn next_while_waiting_has_no_effect() {
    let server = Server::start(&[]);
    let mut one = server.client().await;
    one.join().await;
    one.expect("waiting").await;
    one.send(json!({"type": "next"})).await;
    one.nothing_came().await;
    server.metric_becomes("passerby_nexts_total", 0.0).await;
}

#[tokio::test]
async fn next_while_idle_goes_on_after_the_last_room_with_the_same_preferences() {
    let server = Server::start(&[]);
    let (mut one, mut other) = (server.client().await, server.client().await);
    for person in [&mut one, &mut other] {
        person.wants(json!({"mode": "text", "interests": ["Tea"]})).await;
    }
    one.matched().await;
    other.matched().await;
    other.send(json!({"type": "leave"})).await;
    other.expect("idle").await;
    one.expect_left("left").await;
    one.next().await;
    one.expect("waiting").await;
    let mut third = server.client().await;
    third.wants(json!({"mode": "text", "interests": ["tea"]})).await;
    third.matched().await;
    let matched = one.matched().await;
    assert_eq!((&matched["mode"], &matched["interests"]), (&json!("text"), &json!(["tea"])));
}

#[tokio::test]
async fn next_without_a_join_waits_with_the_defaults() {
    let server = Server::start(&[]);
    let (mut one, mut other) = (server.client().await, server.client().await);
    one.send(json!({"type": "next"})).await;
    one.expect("waiting").await;
    other.join().await;
    assert_eq!(one.matched().await["mode"], "video");
    assert_eq!(other.matched().await["interests"], json!([]));
}

#[tokio::test]
async fn leave_is_answered_by_idle_wherever_one_is() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    one.send(json!({"type": "leave"})).await;
    one.expect("idle").await;
    other.expect_left("left").await;
    one.send(json!({"type": "leave"})).await;
    one.expect("idle").await;
    one.join().await;
    one.expect("waiting").await;
    one.send(json!({"type": "leave"})).await;
    one.expect("idle").await;
    let mut third = server.client().await;
    third.join().await;
    third.expect("waiting").await;
    for person in [&mut one, &mut other, &mut third] {
        person.nothing_came().await;
    }
}

#[tokio::test]
async fn a_wait_that_is_changed_at_once_is_announced_all_the_same() {
    let server = Server::start(&[]);
    let mut one = server.client().await;
    for round in 0..50 {
        one.join().await;
        one.wants(json!({"interests": [format!("round {round}")]})).await;
        one.expect("waiting").await;
        one.send(json!({"type": "leave"})).await;
        one.expect("idle").await;
    }
}
