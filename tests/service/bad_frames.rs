//! Frames that break RFC 6455 or a bound: the connection ends, with the code
//! that says why.

use super::raw::{BINARY, CONTINUATION, PING, Raw, TEXT, announced, frame, frame_of};
use super::server::Server;

const MAX_MESSAGE_BYTES: usize = 65_536;

/// Sends these bytes; how the server closes, after what it said.
async fn ends(server: &Server, bytes: &[u8]) -> (Vec<String>, Option<u16>) {
    let mut raw = Raw::connect(server.public()).await;
    // The server may have heard enough before the end.
    let _ = raw.try_send(bytes).await;
    let mut errors = Vec::new();
    loop {
        match raw.frame().await {
            Some((TEXT, payload)) => {
                let message: serde_json::Value = serde_json::from_slice(&payload).unwrap();
                assert_eq!(message["type"], "error", "{message}");
                errors.push(message["code"].as_str().unwrap().to_owned());
            }
            Some((_, payload)) => {
                let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                assert_eq!(raw.frame().await, None, "nothing follows a close");
                return (errors, code);
            }
            None => return (errors, None),
        }
    }
}

fn told(code: &str) -> Vec<String> {
    vec![code.to_owned()]
}

#[tokio::test]
async fn a_text_that_is_not_utf_8_ends_the_connection() {
    let server = Server::start(&[]);
    let cut = &"{\"type\":\"\u{1F600}".as_bytes()[..11];
    assert_eq!(ends(&server, &frame(TEXT, cut)).await, (told("bad_message"), Some(1007)));
    server.metric_becomes("passerby_closes_total{code=\"1007\"}", 1.0).await;
}

#[tokio::test]
async fn a_message_that_is_too_large_is_told_and_ends_the_connection() {
    let server = Server::start(&[]);
    let large = vec![b' '; MAX_MESSAGE_BYTES + 1];
    let (first, second) = large.split_at(40_000);
    let in_two = [frame_of(TEXT, first), frame(CONTINUATION, second)].concat();
    for bytes in [frame(TEXT, &large), frame(BINARY, &large), in_two] {
        assert_eq!(ends(&server, &bytes).await, (told("too_large"), Some(1009)));
    }
    server.metric_becomes("passerby_errors_total{code=\"too_large\"}", 3.0).await;
}

#[tokio::test]
async fn an_announced_length_is_enough_to_be_too_large() {
    let server = Server::start(&[]);
    for length in [MAX_MESSAGE_BYTES as u64 + 1, 1 << 40, u64::MAX >> 1, u64::MAX] {
        let head = announced(0x80 | TEXT, length);
        assert_eq!(ends(&server, &head).await, (told("too_large"), Some(1009)), "{length}");
    }
}

#[tokio::test]
async fn frames_other_than_rfc_6455_has_them_end_the_connection() {
    let server = Server::start(&[]);
    let unmasked = [&[0x80 | TEXT, 2][..], b"{}"].concat();
    for (what, bytes) in [
        ("unmasked", unmasked),
        ("a reserved bit", frame_of(0x80 | 0x40 | TEXT, b"{}")),
        ("another reserved bit", frame_of(0x80 | 0x10 | TEXT, b"{}")),
        ("an unknown opcode", frame(3, b"{}")),
        ("an unknown control opcode", frame(0xB, b"{}")),
        ("a continuation of nothing", frame(CONTINUATION, b"{}")),
        ("a text in a text", [frame_of(TEXT, b"{"), frame(TEXT, b"}")].concat()),
        ("a ping in parts", frame_of(PING, b"x")),
        ("a long ping", frame(PING, &[b'x'; 126])),
    ] {
        assert_eq!(ends(&server, &bytes).await, (vec![], Some(1002)), "{what}");
    }
}

#[tokio::test]
async fn a_message_in_many_parts_arrives_whole_with_a_ping_in_between() {
    let server = Server::start(&[]);
    let mut raw = Raw::connect(server.public()).await;
    let text = br#"{"type":"leave"}"#;
    let mut bytes = frame_of(TEXT, &text[..1]);
    for byte in &text[1..text.len() - 1] {
        bytes.extend(frame_of(CONTINUATION, &[*byte]));
    }
    bytes.extend(frame(PING, b"are you there"));
    bytes.extend(frame(CONTINUATION, &text[text.len() - 1..]));
    raw.send(&bytes).await;
    assert_eq!(raw.frame().await.unwrap().1, b"are you there");
    assert_eq!(raw.message().await["type"], "idle");
}

#[tokio::test]
async fn rule_7_frames_that_break_the_protocol_hurt_nobody_else() {
    let server = Server::start(&["--grace-ms", "300"]);
    let mut raw = Raw::connect(server.public()).await;
    raw.say(r#"{"type":"join"}"#).await;
    assert_eq!(raw.message().await["type"], "waiting");
    let mut partner = server.client().await;
    partner.join().await;
    partner.matched().await;
    raw.send(&frame(CONTINUATION, b"x")).await;
    partner.expect("peerAway").await;
    partner.expect_left("disconnected").await;
    partner.nothing_came().await;
    assert_eq!(raw.closed().await, Some(1002));
}
