//! Texts that are no message of the protocol: refused one by one, and nobody
//! else notices.

use serde::Deserialize;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::client::Client;
use super::server::Server;

/// So many bad messages are only answered, with some to spare.
const BORNE: usize = 15;
/// So many are not borne.
const TOO_MANY: usize = 100;

#[derive(Deserialize)]
struct Golden {
    name: String,
    json: String,
    valid: bool,
    code: Option<String>,
}

fn golden(valid: bool) -> Vec<Golden> {
    let text = include_str!("../fixtures/protocol/client.json");
    let all: Vec<Golden> = serde_json::from_str(text).unwrap();
    all.into_iter().filter(|golden| golden.valid == valid).collect()
}

async fn send_many_bad(client: &mut Client) {
    for _ in 0..TOO_MANY {
        client.send_text("not a message").await;
    }
}

#[tokio::test]
async fn each_bad_message_is_refused_and_the_connection_goes_on() {
    let server = Server::start(&[]);
    for some in golden(false).chunks(BORNE) {
        let mut client = server.client().await;
        for Golden { name, json, code, .. } in some {
            client.send_text(json.clone()).await;
            let error = client.expect("error").await;
            assert_eq!(error["code"], *code.as_ref().unwrap(), "{name}");
            assert!(error["message"].as_str().is_some_and(|words| !words.is_empty()), "{name}");
        }
        client.join().await;
        client.expect("waiting").await;
        client.send(json!({"type": "leave"})).await;
        client.expect("idle").await;
    }
}

#[tokio::test]
async fn no_valid_message_is_a_bad_one() {
    let server = Server::start(&[]);
    for Golden { name, json, .. } in golden(true) {
        let mut client = server.client().await;
        client.send_text(json).await;
        client.send(json!({"type": "leave"})).await;
        loop {
            let answer = client.receive().await;
            assert_ne!(answer["code"], "bad_message", "{name}: {answer}");
            if answer["type"] == "idle" {
                break;
            }
        }
        client.close(1000).await;
    }
}

#[tokio::test]
async fn a_refused_message_changes_nothing() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    for bad in [
        json!({"type": "join", "mode": "audio"}),
        json!({"type": "next", "room": 5}),
        json!({"type": "Leave"}),
        json!({"type": "report", "room": one.room, "reason": "boredom"}),
    ] {
        one.send(bad).await;
        one.expect_error("bad_message").await;
    }
    one.say("still here").await;
    other.hear("still here").await;
}

#[tokio::test]
async fn bytes_are_a_bad_message() {
    let server = Server::start(&[]);
    let mut client = server.client().await;
    client.send_frame(Message::binary(&br#"{"type":"join"}"#[..])).await;
    client.expect_error("bad_message").await;
    client.join().await;
    client.expect("waiting").await;
}

#[tokio::test]
async fn repeated_bad_messages_end_the_connection() {
    let server = Server::start(&[]);
    let mut client = server.client().await;
    send_many_bad(&mut client).await;
    for _ in 0..BORNE {
        client.expect_error("bad_message").await;
    }
    assert_eq!(client.closed().await, Some(1008));
    server.metric_becomes("passerby_closes_total{code=\"1008\"}", 1.0).await;
    server.metric_becomes("passerby_connections", 0.0).await;
}

#[tokio::test]
async fn not_in_room_is_no_abuse_however_often() {
    let server = Server::start(&[]);
    let mut client = server.client().await;
    for _ in 0..10 * TOO_MANY {
        client.answered().await;
    }
}

#[tokio::test]
async fn rule_7_an_abuser_hurts_neither_the_partner_nor_others() {
    let server = Server::start(&["--grace-ms", "300"]);
    let (mut abuser, mut partner) = server.pair().await;
    let (mut one, mut other) = server.pair().await;
    for text in ["before", "and after"] {
        one.say(text).await;
        other.hear(text).await;
        if text == "before" {
            send_many_bad(&mut abuser).await;
            assert_eq!(abuser.closed().await, Some(1008));
        }
    }
    partner.expect("peerAway").await;
    partner.expect_left("disconnected").await;
    partner.nothing_came().await;
    partner.next().await;
    partner.expect("waiting").await;
}
