//! What goes to the partner: as the bytes that came in, and only within a room.

use serde_json::json;

use super::client::Client;
use super::nodes;
use super::server::Server;

const MAX_MESSAGE_BYTES: usize = 65_536;

/// A signal with odd spacing, and the fields as the partner gets them.
const SIGNALS: [(&str, &str); 12] = [
    (
        r#"{"type":"createOffer","room":"ROOM","sdp":"v=0\r\no=- 4611731400430051336 2 IN"}"#,
        r#""type":"createOffer","room":"ROOM","sdp":"v=0\r\no=- 4611731400430051336 2 IN""#,
    ),
    (
        r#" { "fresh" : true , "sdp" : "a" , "room" : "ROOM" , "type" : "createOffer" } "#,
        r#""type":"createOffer","room":"ROOM","sdp":"a","fresh":true"#,
    ),
    (
        r#"{"type":"createAnswer","room":"ROOM","sdp":"\u0061\/\ud83d\ude00 é \u2028","else":[1]}"#,
        r#""type":"createAnswer","room":"ROOM","sdp":"\u0061\/\ud83d\ude00 é \u2028""#,
    ),
    (
        r#"{"type":"createAnswer","room":"ROOM","sdp":""}"#,
        r#""type":"createAnswer","room":"ROOM","sdp":"""#,
    ),
    (
        r#"{"type":"addIceCandidate","room":"ROOM","candidate":{ "n" : 0.10000000000000000555 }}"#,
        r#""type":"addIceCandidate","room":"ROOM","candidate":{ "n" : 0.10000000000000000555 }"#,
    ),
    (
        r#"{"type":"addIceCandidate","room":"ROOM","candidate":{"n":1e400,"m":-0,"k":1.0E+2}}"#,
        r#""type":"addIceCandidate","room":"ROOM","candidate":{"n":1e400,"m":-0,"k":1.0E+2}"#,
    ),
    (
        r#"{"type":"addIceCandidate","room":"ROOM","candidate":{"a":1,"a":2,"b":[ { } ]}}"#,
        r#""type":"addIceCandidate","room":"ROOM","candidate":{"a":1,"a":2,"b":[ { } ]}"#,
    ),
    (
        r#"{"type":"addIceCandidate","room":"ROOM","candidate": null }"#,
        r#""type":"addIceCandidate","room":"ROOM","candidate":null"#,
    ),
    (
        r#"{"type":"chat","room":"ROOM","text":"\u0000 \"\\\b\uffff <b>"}"#,
        r#""type":"chat","room":"ROOM","text":"\u0000 \"\\\b\uffff <b>""#,
    ),
    (
        r#"{"t\u0079pe":"ch\u0061t","room":"ROOM","text":"🏳️‍🌈"}"#,
        r#""type":"chat","room":"ROOM","text":"🏳️‍🌈""#,
    ),
    (
        r#"{"type":"typing","room":"ROOM","active":true}"#,
        r#""type":"typing","room":"ROOM","active":true"#,
    ),
    (
        r#"{"type":"typing","active": false ,"room":"ROOM"}"#,
        r#""type":"typing","room":"ROOM","active":false"#,
    ),
];

#[tokio::test]
async fn signals_arrive_as_the_bytes_that_came_in() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    for (sent, _) in SIGNALS {
        one.send_text(sent.replace("ROOM", &one.room)).await;
    }
    for (_, expected) in SIGNALS {
        let text = other.receive_text().await;
        let (fields, seq) = text.rsplit_once(",\"seq\":").expect("it is numbered");
        assert_eq!(fields, format!("{{{}", expected.replace("ROOM", &other.room)));
        assert!(seq.strip_suffix('}').unwrap().parse::<u64>().is_ok(), "{text}");
    }
    one.nothing_came().await;
}

#[tokio::test]
async fn the_largest_message_passes() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    let message = |sdp: &str| json!({"type": "createOffer", "room": one.room, "sdp": sdp});
    let sdp = "x".repeat(MAX_MESSAGE_BYTES - message("").to_string().len());
    let text = message(&sdp).to_string();
    assert_eq!(text.len(), MAX_MESSAGE_BYTES);
    one.send_text(text).await;
    assert_eq!(other.expect("createOffer").await["sdp"], sdp);
}

#[tokio::test]
async fn rule_2_a_message_for_a_room_just_left_is_dropped_in_silence() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    one.send(json!({"type": "leave"})).await;
    one.expect("idle").await;
    for sender in [&mut one, &mut other] {
        sender.say("it crossed the end on its way").await;
    }
    other.expect_left("left").await;
    other.nothing_came().await;
    one.nothing_came().await;
    // Of what crosses the end between two nodes the first may not know.
    if !nodes::several() {
        server.metric_becomes("passerby_stale_signals_total", 2.0).await;
    }
}

#[tokio::test]
async fn rule_2_a_room_that_one_never_had_is_refused() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    let mut stranger = server.client().await;
    for room in [&*one.room, "", "no id", "00000000-0000-0000-0000-000000000000"] {
        stranger.send(json!({"type": "typing", "room": room, "active": true})).await;
        stranger.expect_error("not_in_room").await;
    }
    stranger.nothing_came().await;
    one.nothing_came().await;
    other.nothing_came().await;
}

#[tokio::test]
async fn rule_2_nothing_of_an_old_room_reaches_a_new_partner() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    let mut third = server.client().await;
    third.join().await;
    third.expect("waiting").await;
    // Takes nothing in, so that it goes on as if the old room stood.
    let room = other.room.clone();
    one.next().await;
    one.matched().await;
    third.matched().await;
    for text in ["yours?", "or yours?"] {
        other.send(json!({"type": "chat", "room": room, "text": text})).await;
    }
    one.send(json!({"type": "chat", "room": room, "text": "mine?"})).await;
    other.expect_left("next").await;
    for person in [&mut one, &mut other, &mut third] {
        person.nothing_came().await;
    }
    one.say("this one").await;
    third.hear("this one").await;
}

/// The leaver's own client notices whatever comes behind the `idle`.
#[tokio::test]
async fn rule_2_a_partner_who_goes_on_sending_reaches_nobody_who_left() {
    const ROUNDS: usize = 100;
    let server = Server::start(&["--workers", "2", "--rematch-wait-ms", "0"]);
    let (mut one, mut other) = server.pair().await;
    for _ in 0..ROUNDS {
        other.repeat("still there?", 300).await;
        one.send(json!({"type": "leave"})).await;
        while one.receive().await["type"] != "idle" {}
        one.answered().await;
        other.expect_left("left").await;
        one.join().await;
        other.join().await;
        one.matched().await;
        other.matched().await;
    }
}

#[tokio::test]
async fn rule_2_a_room_of_many_rooms_ago_is_still_known() {
    let server = Server::start(&["--rematch-wait-ms", "0"]);
    let (mut one, mut other) = server.pair().await;
    let first = one.room.clone();
    for _ in 0..60 {
        one.next().await;
        other.expect_left("next").await;
        other.next().await;
        one.matched().await;
        other.matched().await;
    }
    async fn nothing_of(room: &str, sender: &mut Client, receiver: &mut Client) {
        sender.send(json!({"type": "chat", "room": room, "text": "long ago"})).await;
        sender.nothing_came().await;
        receiver.nothing_came().await;
    }
    nothing_of(&first, &mut one, &mut other).await;
    nothing_of(&first, &mut other, &mut one).await;
}
