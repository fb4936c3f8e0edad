//! The opening handshake (RFC 6455 section 4), subprotocols and resume tokens.

use serde_json::Value;

use super::raw::{Raw, TEXT, frame, handshake, handshake_at};
use super::server::{Server, get};

/// The subprotocol that the server selects, and its `welcome`.
async fn welcomed(server: &Server, lines: &str) -> (Option<String>, Value) {
    let mut raw = Raw::dial(server.public()).await;
    raw.send(handshake(raw.address, lines).as_bytes()).await;
    let (status, head) = raw.head().await;
    assert_eq!(status, 101, "{lines:?}: {head}");
    let head = head.to_ascii_lowercase();
    let selected =
        head.lines().find_map(|line| line.strip_prefix("sec-websocket-protocol: ")).map(Into::into);
    (selected, raw.message().await)
}

async fn refused(server: &Server, request: &str) -> u16 {
    let mut raw = Raw::dial(server.public()).await;
    raw.send(request.as_bytes()).await;
    raw.head().await.0
}

#[tokio::test]
async fn the_key_is_answered_as_rfc_6455_has_it() {
    let server = Server::start(&[]);
    let mut raw = Raw::dial(server.public()).await;
    raw.send(handshake(raw.address, "").as_bytes()).await;
    let (_, head) = raw.head().await;
    assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
}

#[tokio::test]
async fn a_known_subprotocol_is_selected_and_none_is_version_1() {
    let server = Server::start(&[]);
    for lines in [
        "sec-websocket-protocol: passerby.v1\r\n",
        "sec-websocket-protocol: passerby.v9, passerby.v1\r\n",
        "sec-websocket-protocol: passerby.v9\r\nsec-websocket-protocol: passerby.v1\r\n",
    ] {
        assert_eq!(welcomed(&server, lines).await.0.as_deref(), Some("passerby.v1"), "{lines:?}");
    }
    assert_eq!(welcomed(&server, "").await.0, None);
}

#[tokio::test]
async fn only_unknown_subprotocols_are_refused() {
    let server = Server::start(&[]);
    for offered in ["passerby.v9", "passerby.v9, chat", "resume.abc.5", "PASSERBY.V1", "passerby"] {
        let request = handshake(server.public(), &format!("sec-websocket-protocol: {offered}\r\n"));
        assert_eq!(refused(&server, &request).await, 400, "{offered}");
    }
}

#[tokio::test]
async fn the_welcome_is_as_the_protocol_has_it() {
    let server = Server::start(&[]);
    let (_, welcome) = welcomed(&server, "").await;
    assert_eq!(welcome["resumed"], false);
    assert!(welcome["online"].as_u64().is_some_and(|online| online >= 1), "{welcome}");
    assert!(welcome["iceServers"].is_array() && welcome["graceMs"].is_u64(), "{welcome}");
    assert!(welcome["resume"].as_str().is_some_and(|token| !token.is_empty()), "{welcome}");
    let session = uuid::Uuid::parse_str(welcome["session"].as_str().unwrap()).unwrap();
    assert_eq!(session.get_version_num(), 4);
}

#[tokio::test]
async fn a_token_that_is_no_longer_good_gives_a_fresh_session() {
    let server = Server::start(&[]);
    let lines = "sec-websocket-protocol: passerby.v1, resume.b29wcw.17\r\n";
    let (selected, welcome) = welcomed(&server, lines).await;
    assert_eq!((selected.as_deref(), &welcome["resumed"]), (Some("passerby.v1"), &false.into()));
    let mut raw = Raw::dial(server.public()).await;
    let request = handshake_at(server.public(), "/ws?resume=b29wcw&seq=17", "");
    raw.send(request.as_bytes()).await;
    assert_eq!(raw.message_after_head().await["resumed"], false);
}

#[tokio::test]
async fn what_is_no_handshake_is_told_so() {
    let server = Server::start(&[]);
    assert_eq!(get(server.public(), "/ws").await.0, 426);
    let elsewhere = handshake_at(server.public(), "/", "");
    assert_eq!(refused(&server, &elsewhere).await, 404);
    let elsewhere = handshake_at(server.public(), "/ws/more", "");
    assert_eq!(refused(&server, &elsewhere).await, 404);
    let no_key = handshake(server.public(), "").replace("sec-websocket-key", "x-key");
    assert_eq!(refused(&server, &no_key).await, 400);
    let posted = handshake(server.public(), "").replace("GET", "POST");
    assert!((400..500).contains(&refused(&server, &posted).await));
}

#[tokio::test]
async fn what_comes_right_behind_the_handshake_is_not_lost() {
    let server = Server::start(&[]);
    let mut raw = Raw::dial(server.public()).await;
    let mut bytes = handshake(server.public(), "").into_bytes();
    bytes.extend(frame(TEXT, br#"{"type":"join"}"#));
    bytes.extend(frame(TEXT, br#"{"type":"leave"}"#));
    let half = frame(TEXT, br#"{"type":"next"}"#);
    let (first, rest) = half.split_at(9);
    bytes.extend(first);
    raw.send(&bytes).await;
    assert_eq!(raw.message_after_head().await["type"], "welcome");
    while raw.message().await["type"] != "idle" {}
    raw.send(rest).await;
    assert_eq!(raw.message().await["type"], "waiting");
}
