//! Rule 9: of a sender who is private the partner gets no address.

use serde_json::{Value, json};

use super::client::Client;
use super::server::Server;
use super::server::process::run_to_end;

/// A relay that nobody asks for anything here.
const RELAY: [&str; 2] = ["--turn-urls", "turn:relay.example"];
/// The address that must not get through, and the relay's.
const OWN: &str = "203.0.113.9";
const RELAYED: &str = "198.51.100.1";

fn sdp() -> String {
    [
        "v=0",
        &format!("o=- 4611731400430051336 2 IN IP4 {OWN}"),
        "s=-",
        "t=0 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        &format!("c=IN IP4 {OWN}"),
        "a=mid:0",
        &format!("a=candidate:1 1 udp 2122260223 {OWN} 46154 typ host"),
        &format!("a=candidate:3 1 udp 41885439 {RELAYED} 50000 typ relay raddr {OWN} rport 46154"),
        &format!("a=x-where:{OWN}"),
        "",
    ]
    .join("\r\n")
}

fn candidate(text: &str) -> Value {
    json!({"type": "addIceCandidate",
        "candidate": {"candidate": text, "sdpMid": "0", "sdpMLineIndex": 0, "address": OWN}})
}

/// Two in a room, the first of them private or not.
async fn pair(server: &Server, private: bool) -> (Client, Client) {
    let [mut one, mut other] = [server.client().await, server.client().await];
    one.wants(json!({"private": private})).await;
    other.join().await;
    assert_eq!(one.matched().await["private"], private);
    assert_eq!(other.matched().await["private"], false);
    (one, other)
}

#[tokio::test]
async fn rule_9_descriptions_lose_every_address_but_the_relay_s() {
    let server = Server::start(&RELAY);
    let (mut one, mut other) = pair(&server, true).await;
    for kind in ["createOffer", "createAnswer"] {
        one.signal(json!({"type": kind, "sdp": sdp(), "fresh": true})).await;
        let got = other.expect(kind).await;
        let text = got["sdp"].as_str().unwrap();
        assert!(!got.to_string().contains(OWN), "{got}");
        for kept in ["m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0", RELAYED] {
            assert!(text.contains(kept), "{kept} is to be kept: {text}");
        }
        assert_eq!(got["fresh"] == json!(true), kind == "createOffer");
    }
}

#[tokio::test]
async fn rule_9_only_the_relay_s_candidates_pass() {
    let server = Server::start(&RELAY);
    let (mut one, mut other) = pair(&server, true).await;
    for text in [
        &format!("candidate:1 1 udp 2122260223 {OWN} 46154 typ host"),
        &format!("candidate:2 1 udp 1686052607 {OWN} 46154 typ srflx raddr 10.0.0.2 rport 46154"),
        "candidate:2 1 udp 2122260223 0a1b2c3d-0000-4000-8000-000000000000.local 46154 typ host",
        "not a candidate at all",
    ] {
        one.signal(candidate(text)).await;
    }
    let relayed =
        format!("candidate:3 1 udp 41885439 {RELAYED} 50000 typ relay raddr {OWN} rport 46154");
    one.signal(candidate(&relayed)).await;
    let got = other.expect("addIceCandidate").await;
    let text = got["candidate"]["candidate"].as_str().unwrap();
    assert!(text.contains(RELAYED) && text.contains("typ relay"), "{got}");
    assert!(!got.to_string().contains(OWN) && !text.contains("raddr"), "{got}");
    one.signal(json!({"type": "addIceCandidate", "candidate": null})).await;
    assert_eq!(other.expect("addIceCandidate").await["candidate"], Value::Null);
    one.say(OWN).await;
    other.hear(OWN).await;
}

#[tokio::test]
async fn who_is_not_private_is_forwarded_as_it_came() {
    let server = Server::start(&RELAY);
    let (mut one, mut other) = pair(&server, true).await;
    other.signal(json!({"type": "createOffer", "sdp": sdp()})).await;
    assert_eq!(one.expect("createOffer").await["sdp"], sdp());
    let host = candidate(&format!("candidate:1 1 udp 2122260223 {OWN} 46154 typ host"));
    other.signal(host.clone()).await;
    assert_eq!(one.expect("addIceCandidate").await["candidate"], host["candidate"]);
}

#[tokio::test]
async fn rule_9_a_session_stays_private_with_next_and_across_a_resume_and_a_restart() {
    let mut server = Server::start(&RELAY);
    let (mut one, mut other) = pair(&server, true).await;
    one.next().await;
    other.expect_left("next").await;
    let mut third = server.client().await;
    third.join().await;
    assert_eq!(one.matched().await["private"], true);
    third.matched().await;
    let dropped = one.drop_connection();
    third.expect("peerAway").await;
    let mut one = dropped.resume(&server).await;
    assert_eq!(one.welcome["private"], true, "{}", one.welcome);
    third.expect("peerBack").await;
    one.signal(json!({"type": "createOffer", "sdp": sdp()})).await;
    assert!(!third.expect("createOffer").await.to_string().contains(OWN));
    let kept = [one, third].map(Client::drop_connection);
    server.cut_short().await;
    let server = server.successor(&RELAY);
    let [one, third] = kept;
    let mut third = third.resume(&server).await;
    let mut one = one.resume(&server).await;
    assert_eq!((&one.welcome["private"], &third.welcome["private"]), (&json!(true), &json!(false)));
    one.signal(json!({"type": "createOffer", "sdp": sdp()})).await;
    loop {
        let message = third.receive().await;
        if message["type"] == "createOffer" {
            assert!(!message.to_string().contains(OWN));
            break;
        }
    }
}

#[tokio::test]
async fn where_everybody_is_private_nobody_has_to_ask() {
    let server = Server::start(&[&RELAY[..], &["--private", "always"]].concat());
    let [mut one, mut other] = [server.client().await, server.client().await];
    assert_eq!(one.welcome["privacy"], "always");
    one.send(json!({"type": "next"})).await;
    other.wants(json!({"private": false})).await;
    for client in [&mut one, &mut other] {
        assert_eq!(client.matched().await["private"], true);
    }
    other.signal(json!({"type": "createOffer", "sdp": sdp()})).await;
    assert!(!one.expect("createOffer").await.to_string().contains(OWN));
}

#[tokio::test]
async fn who_asks_for_it_where_it_can_t_be_had_is_told_and_nothing_changes() {
    for flags in [&["--turn", "off"][..], &["--private", "off", RELAY[0], RELAY[1]]] {
        let server = Server::start(flags);
        let mut client = server.client().await;
        assert_eq!(client.welcome["privacy"], "off", "{flags:?}");
        client.wants(json!({"private": true})).await;
        client.expect_error("unavailable").await;
        client.wants(json!({"private": true, "mode": "text"})).await;
        client.expect_error("unavailable").await;
        let (mut one, mut other) = server.pair().await;
        one.wants(json!({"private": true})).await;
        one.expect_error("unavailable").await;
        one.say("still here").await;
        other.hear("still here").await;
    }
}

#[tokio::test]
async fn the_choice_is_offered_where_there_is_a_relay() {
    let server = Server::start(&RELAY);
    assert_eq!(server.client().await.welcome["privacy"], "choice");
}

#[test]
fn hiding_everybody_without_a_relay_is_refused_at_the_start() {
    let (code, said) = run_to_end(&["--private", "always", "--turn", "off"], &[]);
    assert_eq!(code, Some(2), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert!(said.contains("--private"), "{said}");
}
