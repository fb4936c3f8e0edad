//! Rule 6: a server that is replaced under its people. The next process goes on
//! where the first one stopped.

use serde_json::json;

use super::client::Client;
use super::memory::Memory;
use super::server::Server;

/// Short, so that a stop is; nobody goes by itself in these tests.
const FLAGS: [&str; 2] = ["--drain-ms", "300"];

/// Stops the server under its people and starts the next one.
pub async fn replaced(mut server: Server, flags: &[&str]) -> Server {
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
    server.successor(flags)
}

/// Both come back, and see each other do so.
async fn both_back(server: &Server, one: Memory, other: Memory) -> (Client, Client) {
    let mut one = one.resume(server).await;
    one.expect("peerAway").await;
    let other = other.resume(server).await;
    assert!(one.resumed() && other.resumed(), "{} {}", one.welcome, other.welcome);
    one.expect("peerBack").await;
    (one, other)
}

async fn assert_chatting(one: &mut Client, other: &mut Client) {
    one.say("as if nothing had happened").await;
    other.hear("as if nothing had happened").await;
    other.say("nothing has").await;
    one.hear("nothing has").await;
}

#[tokio::test]
async fn rule_6_a_restart_keeps_a_room_with_all_of_it() {
    let server = Server::start(&FLAGS);
    let [mut one, mut other] = [server.client().await, server.client().await];
    for person in [&mut one, &mut other] {
        person.wants(json!({"mode": "text", "interests": ["tea"]})).await;
    }
    let matched = [one.matched().await, other.matched().await];
    let memories = [one.memory(), other.memory()];
    let server = replaced(server, &FLAGS).await;
    server.metric_becomes("passerby_rooms", 1.0).await;
    server.metric_becomes("passerby_sessions_away", 2.0).await;
    let [one, other] = memories;
    let (mut one, mut other) = both_back(&server, one, other).await;
    for (person, matched) in [&one, &other].into_iter().zip(matched) {
        for field in ["room", "role", "mode", "interests"] {
            assert_eq!(person.welcome[field], matched[field]);
        }
    }
    other.expect("peerAway").await;
    other.expect("peerBack").await;
    assert_chatting(&mut one, &mut other).await;
    server.metric_becomes("passerby_sessions_away", 0.0).await;
    one.close(1000).await;
    other.expect_left("left").await;
    server.metric_becomes("passerby_rooms", 0.0).await;
}

#[tokio::test]
async fn rule_6_what_was_unsent_or_unconfirmed_arrives_once_after_a_restart() {
    let server = Server::start(&FLAGS);
    let (one, mut other) = server.pair().await;
    let memory = one.memory();
    for line in 0..10 {
        other.say(&format!("handed over {line}")).await;
    }
    other.nothing_came().await;
    drop(one);
    other.expect("peerAway").await;
    for line in 0..10 {
        other.say(&format!("unsent {line}")).await;
    }
    other.nothing_came().await;
    let other_memory = other.memory();
    let server = replaced(server, &FLAGS).await;
    let mut one = memory.resume(&server).await;
    for line in 0..10 {
        one.hear(&format!("handed over {line}")).await;
    }
    for line in 0..10 {
        one.hear(&format!("unsent {line}")).await;
    }
    one.expect("peerAway").await;
    let mut other = other_memory.resume(&server).await;
    one.expect("peerBack").await;
    other.expect("peerBack").await;
    assert_chatting(&mut one, &mut other).await;
    let newest = one.memory().reload(&server).await;
    assert!(newest.resumed());
}

#[tokio::test]
async fn rule_6_a_room_outlives_many_restarts() {
    let mut server = Server::start(&FLAGS);
    let (mut one, mut other) = server.pair().await;
    for _ in 0..4 {
        let memories = [one.memory(), other.memory()];
        server = replaced(server, &FLAGS).await;
        let [first, second] = memories;
        (one, other) = both_back(&server, first, second).await;
        other.expect("peerAway").await;
        other.expect("peerBack").await;
        assert_chatting(&mut one, &mut other).await;
    }
}

#[tokio::test]
async fn rule_6_one_who_does_not_come_back_after_a_restart_ends_the_room() {
    let flags = [&FLAGS[..], &["--grace-ms", "3000"]].concat();
    let server = Server::start(&flags);
    let (one, other) = server.pair().await;
    let (memory, absent) = (one.memory(), other.memory());
    let server = replaced(server, &flags).await;
    let mut one = memory.resume(&server).await;
    assert!(one.resumed(), "{}", one.welcome);
    one.expect("peerAway").await;
    one.expect_left("disconnected").await;
    assert!(!absent.resume(&server).await.resumed());
    server.metric_becomes("passerby_rooms", 0.0).await;
}

#[tokio::test]
async fn rule_6_one_who_left_before_the_stop_has_left() {
    let server = Server::start(&FLAGS);
    let (one, mut other) = server.pair().await;
    let gone = one.memory();
    one.close(1000).await;
    other.expect_left("left").await;
    let memory = other.memory();
    let server = replaced(server, &FLAGS).await;
    let (gone, mut other) = tokio::join!(gone.resume(&server), memory.resume(&server));
    assert!(!gone.resumed());
    assert!(other.resumed() && other.welcome.get("room").is_none(), "{}", other.welcome);
    other.nothing_came().await;
}

#[tokio::test]
async fn rule_6_one_who_waits_is_queued_after_a_restart() {
    let server = Server::start(&FLAGS);
    let mut one = server.client().await;
    one.wants(json!({"mode": "text"})).await;
    one.expect("waiting").await;
    let memory = one.memory();
    let server = replaced(server, &FLAGS).await;
    let mut newcomer = server.client().await;
    newcomer.wants(json!({"mode": "text"})).await;
    newcomer.expect("waiting").await;
    let mut one = memory.resume(&server).await;
    assert_eq!(one.welcome["waiting"], true, "{}", one.welcome);
    one.matched().await;
    newcomer.matched().await;
    assert_eq!(one.room, newcomer.room);
}

/// Two who parted before a restart, and both wait after it.
async fn parted_over_a_restart(server: Server, flags: &[&str], mut two: [Client; 2]) {
    let [one, other] = &mut two;
    one.send(json!({"type": "leave"})).await;
    one.expect("idle").await;
    other.expect_left("left").await;
    let memories = two.each_ref().map(Client::memory);
    let server = replaced(server, flags).await;
    let [one, other] = memories;
    let [mut one, mut other] = [one.resume(&server).await, other.resume(&server).await];
    for person in [&mut one, &mut other] {
        person.join().await;
        person.expect("waiting").await;
    }
    one.nothing_came().await;
    other.nothing_came().await;
    let mut third = server.client().await;
    third.join().await;
    third.matched().await;
}

#[tokio::test]
async fn rule_4_two_whose_room_ended_are_kept_apart_over_a_restart() {
    let server = Server::start(&FLAGS);
    let (one, other) = server.pair().await;
    parted_over_a_restart(server, &FLAGS, [one, other]).await;
}

#[tokio::test]
async fn rule_4_a_report_keeps_two_apart_over_a_restart() {
    let flags = [&FLAGS[..], &["--rematch-wait-ms", "0"]].concat();
    let server = Server::start(&flags);
    let (mut one, other) = server.pair().await;
    one.signal(json!({"type": "report", "reason": "minor"})).await;
    one.expect("reported").await;
    parted_over_a_restart(server, &flags, [one, other]).await;
}

#[tokio::test]
async fn rule_2_an_old_room_is_still_known_after_a_restart() {
    let server = Server::start(&FLAGS);
    let (mut one, mut other) = server.pair().await;
    let room = one.room.clone();
    other.send(json!({"type": "leave"})).await;
    one.expect_left("left").await;
    let memory = one.memory();
    let server = replaced(server, &FLAGS).await;
    let mut one = memory.resume(&server).await;
    one.send(json!({"type": "chat", "room": room, "text": "dropped in silence"})).await;
    one.nothing_came().await;
    one.send(json!({"type": "report", "room": room, "reason": "other"})).await;
    one.expect("reported").await;
}
