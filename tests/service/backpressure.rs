//! A client that doesn't read costs itself its connection, and nobody else
//! anything.

use serde_json::{Value, json};

use super::client::Client;
use super::nodes;
use super::raw::Raw;
use super::server::Server;

/// Much more than the outbox and the system's buffers hold.
const FAR_TOO_MUCH: usize = 256 << 20;
/// What the server may hold more than before: a few outboxes and buffers.
pub const BOUND_BYTES: u64 = 30 << 20;

/// A client that is paired with `partner` and reads nothing more.
async fn paired_with_a_deaf_one(server: &Server) -> (Client, Raw) {
    let mut deaf = Raw::connect(server.public()).await;
    deaf.say(r#"{"type":"join"}"#).await;
    assert_eq!(deaf.message().await["type"], "waiting");
    let mut partner = server.client().await;
    partner.join().await;
    partner.matched().await;
    (partner, deaf)
}

/// Sends `message` over and over until the partner is gone; what came last.
pub async fn flood(sender: &mut Client, mut message: Value) -> Value {
    message["room"] = sender.room.clone().into();
    let text = message.to_string();
    let mut sent = 0;
    loop {
        if let Some(message) = sender.message_at_hand().filter(|m| m["type"] != "online") {
            return message;
        }
        sender.send_text(text.clone()).await;
        tokio::task::yield_now().await;
        sent += text.len();
        assert!(sent < FAR_TOO_MUCH, "somebody holds {sent} bytes");
    }
}

pub async fn assert_chatting(one: &mut Client, other: &mut Client) {
    one.say("hello").await;
    other.hear("hello").await;
}

#[tokio::test]
async fn one_who_does_not_read_is_closed_and_others_go_on() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    let (mut partner, mut deaf) = paired_with_a_deaf_one(&server).await;
    let before = server.resident_bytes();
    let large = json!({"type": "createOffer", "sdp": "x".repeat(64_000)});
    let last = flood(&mut partner, large).await;
    assert_eq!((&last["type"], &last["reason"]), (&json!("peerLeft"), &json!("disconnected")));
    let grown = server.resident_bytes().saturating_sub(before);
    assert!(grown < BOUND_BYTES, "{grown} bytes");
    // What is under way between two nodes has a bound as well, and if that is reached
    // first the room is over before the connection is.
    if !nodes::several() {
        server.metric_becomes("passerby_closes_total{code=\"1013\"}", 1.0).await;
        let code = deaf.closed().await;
        assert!(matches!(code, Some(1013) | None), "{code:?}");
    }
    assert_chatting(&mut one, &mut other).await;
    partner.join().await;
    let mut third = server.client().await;
    third.join().await;
    partner.matched().await;
    third.matched().await;
    assert_chatting(&mut partner, &mut third).await;
}

#[tokio::test]
async fn many_small_messages_are_too_many_as_well() {
    let server = Server::start(&[]);
    let (mut partner, _deaf) = paired_with_a_deaf_one(&server).await;
    let before = server.resident_bytes();
    let last = flood(&mut partner, json!({"type": "typing", "active": true})).await;
    assert_eq!(last["reason"], "disconnected");
    let grown = server.resident_bytes().saturating_sub(before);
    assert!(grown < BOUND_BYTES, "{grown} bytes");
}

/// The answers to what it asks go the same way as its partner's messages.
#[tokio::test]
async fn one_who_only_asks_and_never_reads_is_closed() {
    let server = Server::start(&[]);
    let mut raw = Raw::connect(server.public()).await;
    let question = super::raw::frame(super::raw::TEXT, br#"{"type":"leave"}"#).repeat(1000);
    let mut sent = 0;
    while raw.try_send(&question).await.is_ok() {
        sent += question.len();
        assert!(sent < FAR_TOO_MUCH, "it still answers");
    }
    server.metric_becomes("passerby_closes_total{code=\"1013\"}", 1.0).await;
    server.metric_becomes("passerby_connections", 0.0).await;
}
