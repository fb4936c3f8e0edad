//! Rule 6: what becomes of a session while nobody is there.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use super::client::Client;
use super::memory::Memory;
use super::server::Server;

/// One who waits with these fields.
async fn waiting(server: &Server, fields: serde_json::Value) -> Client {
    let mut client = server.client().await;
    client.wants(fields).await;
    client.expect("waiting").await;
    client
}

/// Drops the connection of the only one who has one and is away then.
async fn away(server: &Server, client: Client) -> Memory {
    let memory = client.drop_connection();
    server.metric_becomes("passerby_sessions_away", 1.0).await;
    memory
}

#[tokio::test]
async fn rule_6_a_place_in_the_queue_is_kept_unpaired_until_its_owner_is_back() {
    let server = Server::start(&[]);
    let first = waiting(&server, json!({})).await;
    let memory = away(&server, first).await;
    server.metric_becomes("passerby_waiting{mode=\"video\"}", 0.0).await;
    let mut newcomer = waiting(&server, json!({})).await;
    newcomer.nothing_came().await;
    let mut first = memory.resume(&server).await;
    assert_eq!(first.welcome["waiting"], true, "{}", first.welcome);
    assert!(first.welcome.get("room").is_none(), "{}", first.welcome);
    let matched = first.matched().await;
    assert_eq!(newcomer.matched().await["room"], matched["room"]);
    first.say("at last").await;
    newcomer.hear("at last").await;
}

#[tokio::test]
async fn rule_6_the_time_waited_counts_on() {
    // Rule 8: the longest wait of those whom a node sees.
    let server = Server::start(&[]).pinned();
    // The longest wait counts in whole seconds.
    let second = || tokio::time::sleep(Duration::from_millis(1100));
    let longest = waiting(&server, json!({"languages": ["de"]})).await;
    second().await;
    let mut longer = waiting(&server, json!({"languages": ["fr"]})).await;
    let memory = away(&server, longest).await;
    second().await;
    let mut longest = memory.resume(&server).await;
    let mut newcomer = server.client().await;
    newcomer.join().await;
    let matched = newcomer.matched().await;
    assert_eq!(longest.matched().await["room"], matched["room"]);
    longer.nothing_came().await;
}

#[tokio::test]
async fn rule_6_one_who_is_back_as_the_drop_is_noticed_is_queued() {
    const PEOPLE: usize = 20;
    let server = Server::start(&["--interest-wait-ms", "600000"]);
    let alone = |person: usize| json!({"interests": [format!("of {person} alone")]});
    let mut people = join_all((0..PEOPLE).map(|person| waiting(&server, alone(person)))).await;
    for _ in 0..40 {
        let back = people.into_iter().map(|person| person.drop_connection().resume(&server));
        people = join_all(back).await;
        assert!(people.iter().all(|person| person.welcome["waiting"] == true));
        server.metric_becomes("passerby_connections", PEOPLE as f64).await;
        server.metric_becomes("passerby_waiting{mode=\"video\"}", PEOPLE as f64).await;
    }
}

#[tokio::test]
async fn rule_6_the_preferences_are_kept() {
    let server = Server::start(&[]);
    let first = waiting(&server, json!({"mode": "text", "interests": ["tea"]})).await;
    let memory = away(&server, first).await;
    let mut first = memory.resume(&server).await;
    let mut video = waiting(&server, json!({"interests": ["tea"]})).await;
    let mut text = server.client().await;
    text.wants(json!({"mode": "text", "interests": ["tea"]})).await;
    assert_eq!(first.matched().await["interests"], json!(["tea"]));
    assert_eq!(text.matched().await["mode"], "text");
    video.nothing_came().await;
}

#[tokio::test]
async fn rule_6_an_idle_session_is_resumed_idle() {
    let server = Server::start(&[]);
    let one = server.client().await;
    let memory = away(&server, one).await;
    let mut one = memory.resume(&server).await;
    assert!(one.resumed(), "{}", one.welcome);
    for field in ["room", "role", "mode", "interests", "waiting", "missed"] {
        assert!(one.welcome.get(field).is_none(), "{}", one.welcome);
    }
    assert_eq!(one.welcome["lastSeq"], 0);
    one.nothing_came().await;
    one.join().await;
    one.expect("waiting").await;
}

#[tokio::test]
async fn rule_6_one_who_is_not_back_within_the_grace_ends_the_room() {
    let grace = Duration::from_millis(700);
    let server = Server::start(&["--grace-ms", "700"]);
    let (one, mut other) = server.pair().await;
    let begun = Instant::now();
    let memory = one.drop_connection();
    other.expect("peerAway").await;
    other.expect_left("disconnected").await;
    assert!(begun.elapsed() >= grace, "too early: {:?}", begun.elapsed());
    server.metric_becomes("passerby_sessions_away", 0.0).await;
    server.metric_becomes("passerby_rooms", 0.0).await;
    let mut one = memory.resume(&server).await;
    assert!(!one.resumed(), "{}", one.welcome);
    one.join().await;
    one.expect("waiting").await;
    other.nothing_came().await;
}

#[tokio::test]
async fn rule_6_one_who_waited_and_is_not_back_is_forgotten() {
    let server = Server::start(&["--grace-ms", "300"]);
    let one = waiting(&server, json!({})).await;
    let memory = one.drop_connection();
    server.metric_becomes("passerby_connections", 0.0).await;
    server.metric_becomes("passerby_sessions_away", 0.0).await;
    let mut other = waiting(&server, json!({})).await;
    assert!(!memory.resume(&server).await.resumed());
    other.nothing_came().await;
}

#[tokio::test]
async fn rule_6_where_neither_is_back_nothing_stays_behind() {
    let server = Server::start(&["--grace-ms", "300"]);
    let (one, other) = server.pair().await;
    drop((one, other));
    server.metric_becomes("passerby_connections", 0.0).await;
    server.metric_becomes("passerby_sessions_away", 0.0).await;
    server.metric_becomes("passerby_rooms", 0.0).await;
    server.metric_becomes("passerby_kept_bytes", 0.0).await;
}

#[tokio::test]
async fn rule_6_each_drop_begins_a_grace_of_its_own() {
    let server = Server::start(&["--grace-ms", "2000"]);
    let (mut one, mut other) = server.pair().await;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(4000) {
        let memory = one.drop_connection();
        other.expect("peerAway").await;
        one = memory.resume(&server).await;
        other.expect("peerBack").await;
    }
    one.say("still here").await;
    other.hear("still here").await;
}

#[tokio::test]
async fn without_a_grace_a_drop_ends_the_room_at_once() {
    let server = Server::start(&["--grace-ms", "0"]);
    let (one, mut other) = server.pair().await;
    assert_eq!(one.welcome["graceMs"], 0);
    let memory = one.drop_connection();
    other.expect_left("disconnected").await;
    assert!(!memory.resume(&server).await.resumed());
}
