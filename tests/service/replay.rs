//! Rule 6: which messages are sent again, by a client that confirms only what
//! the test wants it to.

use serde_json::{Value, json};

use super::client::Client;
use super::raw::{PING, PONG, Raw, TEXT, frame};
use super::server::Server;

/// More than a ping asks the client to confirm at once.
const UNCONFIRMED_BYTES: usize = 16_384;

/// One who confirms nothing, in a room with a partner; the token of the first.
async fn pair(server: &Server) -> (Raw, Client, String) {
    let (mut raw, welcome) = Raw::resume(server, "none", "").await;
    raw.say(r#"{"type":"join"}"#).await;
    assert_eq!(raw.numbered().await["type"], "waiting");
    let mut partner = server.client().await;
    partner.join().await;
    partner.matched().await;
    assert_eq!(raw.numbered().await["type"], "matched");
    (raw, partner, welcome["resume"].as_str().unwrap().to_owned())
}

/// The partner says `lines`, which the other one takes.
async fn say(partner: &mut Client, raw: &mut Raw, lines: std::ops::RangeInclusive<u64>) {
    for line in lines {
        partner.say(&line.to_string()).await;
        let chat = raw.numbered().await;
        assert_eq!((&chat["text"], &chat["seq"]), (&json!(line.to_string()), &json!(line)));
    }
}

/// Drops the connection and waits until that was noticed.
async fn away(raw: Raw, partner: &mut Client) {
    drop(raw);
    partner.expect("peerAway").await;
}

/// Comes back with `seq`; the `welcome`, and what follows up to the answer to
/// `leave`, without it.
async fn replayed(server: &Server, token: &str, seq: &str) -> (Value, Vec<Value>) {
    let (mut raw, welcome) = Raw::resume(server, token, seq).await;
    raw.say(r#"{"type":"leave"}"#).await;
    let mut messages = Vec::new();
    loop {
        let message = raw.numbered().await;
        if message["type"] == "idle" {
            return (welcome, messages);
        }
        messages.push(message);
    }
}

fn numbers(messages: &[Value]) -> Vec<u64> {
    messages.iter().map(|message| message["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn rule_6_all_after_the_number_is_sent_again_once_and_in_order() {
    let server = Server::start(&[]);
    for (seq, expected) in [
        (0, vec![1, 2, 3, 4, 5, 6, 7, 8]),
        (2, vec![3, 4, 5, 6, 7, 8]),
        (5, vec![6, 7, 8]),
        (6, vec![7, 8]),
        (8, vec![]),
    ] {
        let (mut raw, mut partner, token) = pair(&server).await;
        say(&mut partner, &mut raw, 3..=6).await;
        away(raw, &mut partner).await;
        partner.say("7").await;
        partner.say("8").await;
        partner.nothing_came().await;
        // The last two were never handed over: naming them says nothing.
        let expected = if seq > 6 { vec![7, 8] } else { expected };
        let (welcome, messages) = replayed(&server, &token, &seq.to_string()).await;
        assert_eq!((&welcome["resumed"], &welcome["lastSeq"]), (&json!(true), &json!(8)));
        assert_eq!(welcome.get("missed"), None, "{welcome}");
        assert_eq!(numbers(&messages), expected, "after {seq}");
        for message in messages.iter().filter(|message| message["type"] == "chat") {
            assert_eq!(message["text"], message["seq"].to_string());
        }
        partner.close(1000).await;
    }
}

#[tokio::test]
async fn rule_6_without_a_number_or_with_an_absurd_one_only_what_was_never_handed_over() {
    let server = Server::start(&[]);
    let beyond = (u128::from(u64::MAX) + 1).to_string();
    for seq in ["", "-1", "1000000000", &beyond, "18446744073709551615", "six", "1e3", "%00"] {
        let (mut raw, mut partner, token) = pair(&server).await;
        say(&mut partner, &mut raw, 3..=6).await;
        away(raw, &mut partner).await;
        partner.say("7").await;
        partner.say("8").await;
        partner.nothing_came().await;
        let (welcome, messages) = replayed(&server, &token, seq).await;
        assert_eq!(welcome["resumed"], true, "{seq:?}: {welcome}");
        assert_eq!(welcome.get("missed"), None, "{seq:?}: {welcome}");
        assert_eq!(numbers(&messages), [7, 8], "{seq:?}");
        partner.close(1000).await;
    }
}

#[tokio::test]
async fn rule_6_a_resume_that_names_a_number_confirms_it() {
    let server = Server::start(&[]);
    let (mut raw, mut partner, token) = pair(&server).await;
    say(&mut partner, &mut raw, 3..=9).await;
    away(raw, &mut partner).await;
    for (seq, missed, expected) in
        [(4, false, vec![5, 6, 7, 8, 9]), (7, false, vec![8, 9]), (4, true, vec![])]
    {
        let (mut raw, welcome) = Raw::resume(&server, &token, &seq.to_string()).await;
        assert_eq!(welcome.get("missed").is_some(), missed, "{seq}: {welcome}");
        for number in expected {
            assert_eq!(raw.numbered().await["seq"], number);
        }
        partner.expect("peerBack").await;
        away(raw, &mut partner).await;
    }
}

#[tokio::test]
async fn rule_6_after_16_kb_a_ping_asks_for_a_pong_that_confirms_them() {
    let server = Server::start(&[]);
    let (mut raw, mut partner, token) = pair(&server).await;
    let sdp = "x".repeat(UNCONFIRMED_BYTES / 2);
    for _ in 0..3 {
        partner.signal(json!({"type": "createOffer", "sdp": sdp})).await;
    }
    let (mut last, mut number) = (0, 0);
    while last < 5 || number < 4 {
        match raw.frame().await.expect("it stays connected") {
            (TEXT, text) => {
                let message: Value = serde_json::from_slice(&text).unwrap();
                last = message["seq"].as_u64().unwrap_or(last);
            }
            (PING, payload) => {
                number = std::str::from_utf8(&payload).unwrap().parse().unwrap();
                assert!(number <= last, "{number} was not sent yet");
            }
            other => panic!("{other:?}"),
        }
    }
    let kept = server.metric("passerby_kept_bytes").await;
    assert!(kept > sdp.len() as f64 * 3.0, "{kept}");
    raw.send(&frame(PONG, number.to_string().as_bytes())).await;
    server.metric_falls("passerby_kept_bytes", sdp.len() as f64 * 2.0).await;
    raw.send(&frame(PONG, b"5")).await;
    server.metric_falls("passerby_kept_bytes", sdp.len() as f64).await;
    away(raw, &mut partner).await;
    let (welcome, messages) = replayed(&server, &token, "2").await;
    assert_eq!((&welcome["missed"], messages.len()), (&json!(true), 0), "as after a reload");
}

#[tokio::test]
async fn an_absurd_pong_confirms_nothing() {
    let server = Server::start(&[]);
    let (mut raw, mut partner, token) = pair(&server).await;
    say(&mut partner, &mut raw, 3..=6).await;
    for payload in [&b"7"[..], b"18446744073709551615", b"-1", b"", b"x", b"4.", &[0xFF; 125]] {
        raw.send(&frame(PONG, payload)).await;
    }
    raw.say(r#"{"type":"chat","room":"none","text":"?"}"#).await;
    assert_eq!(raw.message().await["code"], "not_in_room");
    away(raw, &mut partner).await;
    let (welcome, messages) = replayed(&server, &token, "1").await;
    assert_eq!(welcome.get("missed"), None, "{welcome}");
    assert_eq!(numbers(&messages), [2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn rule_6_what_belongs_to_an_older_room_than_the_welcome_names_is_left_out() {
    let server = Server::start(&[]);
    let (mut raw, mut first, token) = pair(&server).await;
    say(&mut first, &mut raw, 3..=5).await;
    first.send(json!({"type": "leave"})).await;
    let left = raw.numbered().await;
    assert_eq!((&left["type"], &left["seq"]), (&json!("peerLeft"), &json!(6)));
    raw.say(r#"{"type":"next"}"#).await;
    assert_eq!(raw.numbered().await["type"], "waiting");
    let mut second = server.client().await;
    second.join().await;
    second.matched().await;
    assert_eq!(raw.numbered().await["seq"], 8);
    say(&mut second, &mut raw, 9..=10).await;
    away(raw, &mut second).await;
    second.say("11").await;
    second.nothing_came().await;
    let (welcome, messages) = replayed(&server, &token, "2").await;
    assert_eq!((&welcome["room"], &welcome["lastSeq"]), (&json!(second.room), &json!(11)));
    assert_eq!(welcome.get("missed"), None, "{welcome}");
    // The second wait belongs to no room.
    assert_eq!(numbers(&messages), [7, 8, 9, 10, 11]);
}

#[tokio::test]
async fn rule_6_where_the_welcome_names_no_room_all_rooms_are_sent_again() {
    let server = Server::start(&[]);
    let (mut raw, mut first, token) = pair(&server).await;
    say(&mut first, &mut raw, 3..=4).await;
    first.send(json!({"type": "leave"})).await;
    assert_eq!(raw.numbered().await["type"], "peerLeft");
    raw.say(r#"{"type":"next"}"#).await;
    assert_eq!(raw.numbered().await["type"], "waiting");
    let mut second = server.client().await;
    second.join().await;
    second.matched().await;
    assert_eq!(raw.numbered().await["seq"], 7);
    away(raw, &mut second).await;
    second.send(json!({"type": "leave"})).await;
    second.expect("idle").await;
    let (welcome, messages) = replayed(&server, &token, "1").await;
    assert_eq!(welcome.get("room"), None, "{welcome}");
    let kinds: Vec<_> = messages.iter().map(|message| message["type"].as_str().unwrap()).collect();
    let expected = ["matched", "chat", "chat", "peerLeft", "waiting", "matched", "peerLeft"];
    assert_eq!((kinds, numbers(&messages)), (expected.to_vec(), (2..=8).collect()));
}
