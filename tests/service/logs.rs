//! What the log keeps to itself.

use serde_json::json;

use super::raw::{Raw, handshake_at};
use super::server::Server;

const CHAT: &str = "quetzalcoatlus-chat";
const INTEREST: &str = "velociraptor-interest";
const SDP: &str = "triceratops-sdp";
const BAD: &str = "brontosaurus-bad";
const TOKEN: &str = "ankylosaurus-token";

/// A scene with all that is private in it; the texts that may not be logged.
async fn play(server: &Server) -> Vec<String> {
    let [mut one, mut other] = [server.client().await, server.client().await];
    let mut private: Vec<_> = [CHAT, INTEREST, SDP, BAD, TOKEN].map(String::from).into();
    for person in [&mut one, &mut other] {
        private.push(person.welcome["resume"].as_str().unwrap().to_owned());
        private.push(person.address().to_string());
        person.wants(json!({"interests": [INTEREST]})).await;
    }
    one.matched().await;
    other.matched().await;
    one.say(CHAT).await;
    other.hear(CHAT).await;
    one.signal(json!({"type": "createOffer", "sdp": SDP})).await;
    other.expect("createOffer").await;
    let transcript = json!([{"from": "peer", "text": CHAT}]);
    let report =
        json!({"type": "report", "reason": "spam", "details": CHAT, "transcript": transcript});
    one.signal(report).await;
    one.expect("reported").await;
    for bad in [format!("{{\"type\":\"{BAD}\"}}"), BAD.to_owned()] {
        one.send_text(bad).await;
        one.expect_error("bad_message").await;
    }
    other.drop_connection();
    one.expect("peerAway").await;
    let mut raw = Raw::dial(server.public()).await;
    let path = format!("/ws?resume={TOKEN}&seq=3");
    raw.send(handshake_at(raw.address, &path, "").as_bytes()).await;
    assert_eq!(raw.message_after_head().await["type"], "welcome");
    raw.send(b"\x80\x00not a frame").await;
    raw.closed().await;
    one.close(1000).await;
    private
}

async fn assert_discreet(filter: &str, format: &str) {
    let mut server = Server::start_with_log(&["--log-format", format], filter);
    let private = play(&server).await;
    server.metric_becomes("passerby_connections", 0.0).await;
    server.signal("TERM");
    assert!(server.ended().success());
    let log = server.log();
    assert!(log.contains("stopping"), "it logs: {log:?}");
    for text in private {
        assert!(!log.contains(&text), "{text} in the log with {filter}: {log}");
    }
}

#[tokio::test]
async fn nothing_private_is_logged_by_default() {
    assert_discreet("info", "text").await;
}

#[tokio::test]
async fn nothing_private_is_logged_where_all_of_the_service_is() {
    assert_discreet("info,passerby=trace", "text").await;
    assert_discreet("info,passerby=trace", "json").await;
}
