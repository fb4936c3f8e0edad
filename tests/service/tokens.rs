//! Tokens that are good for nothing give a fresh session, and nobody else
//! notices; those that are good are secret.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::json;

use super::client::Client;
use super::memory::Memory;
use super::raw::{Raw, handshake_at};
use super::server::Server;

async fn assert_fresh(server: &Server, token: &str) {
    let mut by_offer = Memory::of(token).resume_after(server, Some(3)).await;
    let mut by_query = Memory::of(token).resume_by_query(server, None).await;
    for client in [&mut by_offer, &mut by_query] {
        assert_eq!(client.welcome["resumed"], false, "{token:?}: {}", client.welcome);
        assert_ne!(client.token(), token);
        client.answered().await;
    }
    by_offer.close(1000).await;
    by_query.close(1000).await;
}

async fn assert_chatting(one: &mut Client, other: &mut Client) {
    one.say("hello").await;
    other.hear("hello").await;
    other.answered().await;
    one.answered().await;
}

#[tokio::test]
async fn bad_tokens_give_a_fresh_session_and_nobody_else_notices() {
    let (server, another) = (Server::start(&[]), Server::start(&[]));
    let (mut one, mut other) = server.pair().await;
    let (absent, mut partner) = server.pair().await;
    let absent = absent.drop_connection();
    partner.expect("peerAway").await;
    let token = absent.token.clone();
    let foreign = another.client().await.drop_connection().token;
    for bad in [
        "0".repeat(32),
        foreign,
        token[..31].to_owned(),
        token[1..].to_owned(),
        token[..63].to_owned(),
        format!("{token}0"),
        format!("{token}{token}"),
        token.to_uppercase().replace(|c: char| c.is_ascii_digit(), "A"),
        "x".to_owned(),
        "a".repeat(8192),
    ] {
        assert_fresh(&server, &bad).await;
        assert_chatting(&mut one, &mut other).await;
    }
    let mut absent = absent.resume(&server).await;
    assert!(absent.resumed(), "the good one is as good as before");
    partner.expect("peerBack").await;
    assert_chatting(&mut absent, &mut partner).await;
    for person in [&mut one, &mut other, &mut absent, &mut partner] {
        person.nothing_came().await;
    }
}

#[tokio::test]
async fn odd_queries_and_offers_give_a_fresh_session() {
    let server = Server::start(&[]);
    for query in [
        "resume=",
        "resume",
        "resume=&seq=",
        "seq=5",
        "resume=%00%01%FF",
        "resume=%F0%9F%98%80",
        "resume=%",
        "resume=%zz&seq=%zz",
        "resume=a%26seq=5",
        "resume=../../etc&seq=0x10",
        "resume=a&resume=b",
        "resume[]=a",
        "&&&",
    ] {
        let mut raw = Raw::dial(server.public()).await;
        let path = format!("/ws?{query}");
        raw.send(handshake_at(raw.address, &path, "").as_bytes()).await;
        assert_eq!(raw.message_after_head().await["resumed"], false, "{query}");
    }
    for offer in ["resume.", "resume..", "resume...5", "resume.-", "resume.!#$%&'*+-^_`|~.1"] {
        let mut raw = Raw::dial(server.public()).await;
        let line = format!("sec-websocket-protocol: passerby.v1, {offer}\r\n");
        raw.send(handshake_at(raw.address, "/ws", &line).as_bytes()).await;
        assert_eq!(raw.message_after_head().await["resumed"], false, "{offer}");
    }
}

#[tokio::test]
async fn a_close_with_1000_ends_the_token_and_leave_does_not() {
    let server = Server::start(&[]);
    let mut one = server.client().await;
    one.send(json!({"type": "leave"})).await;
    one.expect("idle").await;
    let memory = one.drop_connection();
    server.metric_becomes("passerby_sessions_away", 1.0).await;
    let one = memory.clone().resume(&server).await;
    assert!(one.resumed());
    one.close(1000).await;
    assert!(!memory.resume(&server).await.resumed());
}

#[tokio::test]
async fn tokens_differ_and_have_128_bits_as_text() {
    let server = Server::start(&[]);
    let people = join_all((0..100).map(|_| server.client())).await;
    let tokens: HashSet<_> = people.iter().map(Client::token).collect();
    assert_eq!(tokens.len(), 100);
    for token in &tokens {
        // The rest says which node gave it out, is another one each time, and is signed.
        assert_eq!(token.len(), 72, "{token}");
        assert!(token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
    }
    // A bit that never changes would mean fewer of them.
    for place in 0..32 {
        let digits: HashSet<_> = tokens.iter().map(|token| token.as_bytes()[place]).collect();
        assert!(digits.len() > 8, "place {place}: {digits:?}");
    }
}

#[tokio::test]
async fn a_thousand_resumes_at_once_lose_nothing() {
    const PAIRS: usize = 500;
    let server = Server::start(&["--grace-ms", "600000"]);
    let mut pairs = Vec::new();
    for _ in 0..PAIRS {
        pairs.push(server.pair().await);
    }
    for (number, (one, other)) in pairs.iter_mut().enumerate() {
        one.say(&format!("to {number}")).await;
        other.say(&format!("from {number}")).await;
    }
    let chats = "passerby_signals_total{type=\"chat\"}";
    server.metric_becomes(chats, 2.0 * PAIRS as f64).await;
    let dropped = pairs.into_iter().flat_map(|(one, other)| [one, other]);
    let memories: Vec<_> = dropped.map(Client::drop_connection).collect();
    server.metric_becomes("passerby_connections", 0.0).await;
    server.metric_becomes("passerby_sessions_away", 2.0 * PAIRS as f64).await;
    let resumed = memories.into_iter().map(async |memory| {
        let room = memory.seen.room().to_owned();
        let person = memory.resume(&server).await;
        assert!(person.resumed() && person.welcome["room"] == room, "{}", person.welcome);
        assert!(person.welcome.get("missed").is_none(), "{}", person.welcome);
        person
    });
    let mut people = join_all(resumed).await;
    server.metric_becomes("passerby_rooms", PAIRS as f64).await;
    for (number, two) in people.chunks_mut(2).enumerate() {
        let [one, other] = two else { unreachable!("they are two each") };
        one.say("there you are").await;
        other.say("and you").await;
        assert_eq!(heard(one, "and you").await, [format!("from {number}")]);
        assert_eq!(heard(other, "there you are").await, [format!("to {number}")]);
    }
}

/// What the partner said before `last`.
async fn heard(person: &mut Client, last: &str) -> Vec<String> {
    let mut texts = Vec::new();
    loop {
        let message = person.receive().await;
        match message["type"].as_str().unwrap() {
            "chat" if message["text"] == last => return texts,
            "chat" => texts.push(message["text"].as_str().unwrap().to_owned()),
            "peerAway" | "peerBack" | "online" => (),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn no_token_is_ever_logged() {
    let mut server = Server::start_with_log(&[], "debug");
    let (one, mut other) = server.pair().await;
    let token = one.token().to_owned();
    let memory = one.drop_connection();
    other.expect("peerAway").await;
    let one = memory.resume(&server).await;
    other.expect("peerBack").await;
    let one = one.memory().resume_by_query(&server, Some(1)).await;
    assert!(one.resumed());
    let guess = "f00dfeed".repeat(4);
    assert_fresh(&server, &guess).await;
    let other_token = other.token().to_owned();
    server.cut_short().await;
    let mut successor = server.successor_with_log(&[], "debug");
    assert!(one.memory().resume_by_query(&successor, None).await.resumed());
    successor.cut_short().await;
    let logs = [server.log(), successor.log()];
    assert!(logs.iter().all(|log| log.contains("stopping")), "{logs:?}");
    for secret in [token, guess, other_token] {
        assert!(!logs.iter().any(|log| log.contains(&secret)), "{secret} in {logs:?}");
    }
}
