//! Rule 6: a session that is resumed while an older connection stands.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::client::Client;
use super::nodes;
use super::raw::{CLOSE, Raw, TEXT, handshake};
use super::server::Server;

#[tokio::test]
async fn rule_6_the_latest_connection_wins_and_the_partner_sees_nothing() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    for _ in 0..5 {
        let mut newer = one.memory().resume(&server).await;
        assert!(newer.resumed(), "{}", newer.welcome);
        assert_eq!(newer.welcome["room"], json!(other.room));
        assert_eq!(one.closed().await, Some(4002));
        newer.say("from here on").await;
        other.hear("from here on").await;
        other.say("to there").await;
        newer.hear("to there").await;
        one = newer;
    }
    other.nothing_came().await;
    server.metric_becomes("passerby_closes_total{code=\"4002\"}", 5.0).await;
    server.metric_becomes("passerby_connections", 2.0).await;
}

#[tokio::test]
async fn rule_6_what_the_older_connection_still_says_does_not_count() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    let mut newer = one.memory().resume(&server).await;
    one.say("too late").await;
    one.send(json!({"type": "leave"})).await;
    one.send(json!({"type": "next"})).await;
    one.send_text("not even a message").await;
    assert_eq!(one.closed().await, Some(4002));
    newer.nothing_came().await;
    other.nothing_came().await;
    newer.say("still in the room").await;
    other.hear("still in the room").await;
}

#[tokio::test]
async fn rule_6_a_close_with_1000_of_the_older_connection_ends_nothing() {
    let server = Server::start(&[]);
    let (one, mut other) = server.pair().await;
    let mut newer = one.memory().resume(&server).await;
    one.close(1000).await;
    server.metric_becomes("passerby_connections", 2.0).await;
    other.nothing_came().await;
    newer.say("still in the room").await;
    other.hear("still in the room").await;
}

#[tokio::test]
async fn rule_6_one_who_waits_goes_on_waiting_on_the_newer_connection() {
    let server = Server::start(&[]);
    let mut one = server.client().await;
    one.join().await;
    one.expect("waiting").await;
    let mut newer = one.memory().resume(&server).await;
    assert_eq!(newer.welcome["waiting"], true, "{}", newer.welcome);
    assert_eq!(one.closed().await, Some(4002));
    let mut other = server.client().await;
    other.join().await;
    other.matched().await;
    newer.matched().await;
    assert_eq!(newer.room, other.room);
}

#[tokio::test]
async fn rule_6_what_the_older_connection_got_is_sent_again_as_the_number_says() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    let before = one.memory();
    for line in 0..10 {
        other.say(&line.to_string()).await;
        one.hear(&line.to_string()).await;
    }
    let mut newer = before.resume(&server).await;
    for line in 0..10 {
        newer.hear(&line.to_string()).await;
    }
    let mut newest = newer.memory().reload(&server).await;
    newest.nothing_came().await;
    other.nothing_came().await;
}

/// What one of many connections with one token got.
struct Seen {
    raw: Raw,
    texts: Vec<Value>,
    /// `None` where it stays.
    close: Option<u16>,
}

/// Comes back and takes what comes, up to the line "stay" or the end.
async fn race(server: &Server, token: &str) -> Seen {
    let mut raw = Raw::dial(server.public()).await;
    let offer = format!("sec-websocket-protocol: passerby.v1, resume.{token}\r\n");
    raw.send(handshake(raw.address, &offer).as_bytes()).await;
    assert_eq!(raw.head().await.0, 101);
    let mut texts: Vec<Value> = Vec::new();
    let close = loop {
        match raw.frame().await.expect("a close before the end") {
            (TEXT, text) => {
                texts.push(serde_json::from_slice(&text).unwrap());
                if texts.last().is_some_and(|message| message["text"] == "stay") {
                    break None;
                }
            }
            (CLOSE, payload) => break Some(u16::from_be_bytes([payload[0], payload[1]])),
            _ => (),
        }
    };
    Seen { raw, texts, close }
}

#[tokio::test]
async fn rule_6_of_eight_at_once_with_one_token_exactly_one_stays() {
    let server = Server::start(&[]);
    for round in 1..=12 {
        let (one, mut other) = server.pair().await;
        let memory = one.drop_connection();
        other.expect("peerAway").await;
        let taken = "passerby_closes_total{code=\"4002\"}";
        // Between several nodes it may chase the session in vain, and is to try again.
        let chased = "passerby_closes_total{code=\"1013\"}";
        let asks = async {
            other.expect("peerBack").await;
            server.metrics_become([taken, chased], 7.0 * f64::from(round)).await;
            other.say("stay").await;
            other
        };
        let races = join_all((0..8).map(|_| race(&server, &memory.token)));
        let (mut other, seen) = tokio::join!(asks, races);
        for Seen { texts, close, .. } in &seen {
            let kinds: Vec<_> = texts.iter().filter_map(|text| text["type"].as_str()).collect();
            let welcomes = kinds.iter().filter(|kind| **kind == "welcome").count();
            assert!(welcomes <= 1 && (kinds.is_empty() || kinds[0] == "welcome"), "{kinds:?}");
            let chased = nodes::several() && close == &Some(1013);
            assert!(chased || close.is_none_or(|code| code == 4002), "{close:?}");
        }
        let mut stay: Vec<_> = seen.into_iter().filter(|seen| seen.close.is_none()).collect();
        assert_eq!(stay.len(), 1, "exactly one stays");
        let Seen { mut raw, texts, .. } = stay.pop().unwrap();
        assert_eq!(texts[0]["room"], json!(other.room), "{texts:?}");
        let chat = json!({"type": "chat", "room": other.room, "text": "I stay"});
        raw.say(&chat.to_string()).await;
        hear_at_last(&mut other, "I stay").await;
        raw.say(r#"{"type":"leave"}"#).await;
        other.expect_left("left").await;
        other.close(1000).await;
    }
}

/// Takes the next message, which must be this text. Where a session comes to a node
/// whose client is gone to another by then, that it is away may come before it.
async fn hear_at_last(person: &mut Client, text: &str) {
    let mut away = false;
    loop {
        let message = person.receive().await;
        match message["type"].as_str().unwrap() {
            "peerAway" if nodes::several() => away = true,
            "peerBack" if nodes::several() => away = false,
            "online" => (),
            _ => {
                assert_eq!((&message["text"], away), (&json!(text), false), "{message}");
                return;
            }
        }
    }
}
