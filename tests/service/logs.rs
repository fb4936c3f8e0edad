//! What the log keeps to itself.

use serde_json::json;

use super::client::Client;
use super::raw::{Raw, handshake_at};
use super::server::{Server, get, request};
use super::visitor::Visitor;

const CHAT: &str = "quetzalcoatlus-chat";
const DETAILS: &str = "stegosaurus-details";
const INTEREST: &str = "velociraptor-interest";
const SDP: &str = "triceratops-sdp";
const BAD: &str = "brontosaurus-bad";
const TOKEN: &str = "ankylosaurus-token";
const COOKIE: &str = "iguanodon-cookie";
const AGENT: &str = "allosaurus-agent";
const PASSWORD: &str = "diplodocus-password";
const SECRET: &str = "pterodactyl-secret";
const COLLECTOR: &str = "spinosaurus-path";
/// Of the two behind a proxy, of their candidates, and of somebody with a bad message.
const ADDRESSES: [&str; 6] =
    ["203.0.113.71", "2001:db8::71", "198.51.100.72", "192.0.2.73", "127.0.0.23", "127.0.0.24"];

/// What is played: who sees it all writes it nowhere. The database and the collector
/// are away, which the log may tell, but not where and with which password.
fn flags(format: &str) -> Vec<String> {
    let database = format!("postgres://passerby:{PASSWORD}@127.0.0.1:1/passerby");
    let collector = format!("http://127.0.0.1:1/{COLLECTOR}");
    [
        ["--log-format", format],
        ["--trusted-proxies", "127.0.0.0/8"],
        ["--database-url", &database],
        ["--otlp-endpoint", &collector],
        ["--secret", SECRET],
        ["--turn-urls", "turn:relay.example"],
    ]
    .into_iter()
    .flatten()
    .map(str::to_owned)
    .collect()
}

/// Two people behind a proxy, each with a cookie; what of them may not be logged.
async fn come(server: &Server, private: &mut Vec<String>) -> [Client; 2] {
    let forwarded =
        [("x-forwarded-for", ADDRESSES[0].to_owned()), ("x-forwarded-for", ADDRESSES[1].into())];
    let mut people = Vec::new();
    for (last, (name, value)) in [23, 24].into_iter().zip(forwarded) {
        let mut visitor = Visitor::at(last).with(name, value).with("user-agent", AGENT);
        let mut person = visitor.connect(server.public()).await;
        let cookie = visitor.cookie.expect("a device cookie");
        private.push(cookie.split_once('=').expect("it has a value").1.to_owned());
        private.push(person.token().to_owned());
        private.push(person.address().to_string());
        people.push(person);
    }
    people.try_into().unwrap_or_else(|_| unreachable!("two came"))
}

/// A scene with all that is private in it; the texts that may not be logged.
async fn play(server: &Server) -> Vec<String> {
    let words =
        [CHAT, DETAILS, INTEREST, SDP, BAD, TOKEN, COOKIE, AGENT, PASSWORD, SECRET, COLLECTOR];
    let mut private: Vec<_> = words.into_iter().chain(ADDRESSES).map(String::from).collect();
    let [mut one, mut other] = come(server, &mut private).await;
    one.wants(json!({"interests": [INTEREST], "private": true})).await;
    other.wants(json!({"interests": [INTEREST]})).await;
    one.matched().await;
    other.matched().await;
    talk(&mut one, &mut other).await;
    report(server, &mut one).await;
    for bad in [format!("{{\"type\":\"{BAD}\"}}"), BAD.to_owned()] {
        one.send_text(bad).await;
        one.expect_error("bad_message").await;
    }
    other.drop_connection();
    one.expect("peerAway").await;
    be_a_nuisance(server).await;
    one.close(1000).await;
    private
}

/// Words and candidates with addresses go to and fro; of one side they are taken out.
async fn talk(one: &mut Client, other: &mut Client) {
    one.say(CHAT).await;
    other.hear(CHAT).await;
    let sdp = format!("v=0\r\no=- 1 1 IN IP4 {}\r\ns={SDP}\r\n", ADDRESSES[2]);
    one.signal(json!({"type": "createOffer", "sdp": sdp})).await;
    other.expect("createOffer").await;
    other.signal(json!({"type": "createAnswer", "sdp": sdp})).await;
    one.expect("createAnswer").await;
    let candidate = format!("candidate:1 1 udp 1 {} 9 typ host", ADDRESSES[3]);
    for person in [&mut *one, &mut *other] {
        person
            .signal(json!({"type": "addIceCandidate", "candidate": {"candidate": candidate}}))
            .await;
    }
    one.expect("addIceCandidate").await;
}

/// One reports the other; a picture that is none is refused.
async fn report(server: &Server, one: &mut Client) {
    let transcript = json!([{"from": "me", "text": CHAT}, {"from": "peer", "text": DETAILS}]);
    one.signal(json!({
        "type": "report", "reason": "spam", "details": DETAILS, "transcript": transcript,
    }))
    .await;
    one.expect("reported").await;
    let (address, room, token) = (server.public(), &one.room, one.token());
    let head = format!(
        "POST /api/v1/reports/{room}/picture HTTP/1.1\r\nhost: {address}\r\n\
         authorization: Bearer {token}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{BAD}",
        BAD.len()
    );
    let (status, _) = request(address, &head).await;
    assert!((400..600).contains(&status), "{status}");
}

/// Somebody makes up a token and a cookie, asks for what there is not, and breaks off.
async fn be_a_nuisance(server: &Server) {
    let mut raw = Raw::dial(server.public()).await;
    let path = format!("/ws?resume={TOKEN}&seq=3");
    let headers = format!("cookie: passerby_device={COOKIE}\r\nx-forwarded-for: {BAD}\r\n");
    raw.send(handshake_at(raw.address, &path, &headers).as_bytes()).await;
    assert_eq!(raw.message_after_head().await["type"], "welcome");
    raw.send(b"\x80\x00not a frame").await;
    raw.closed().await;
    assert_eq!(get(server.public(), &format!("/{BAD}?{TOKEN}")).await.0, 404);
}

async fn assert_discreet(filter: &str, format: &str) {
    let flags = flags(format);
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let mut server = Server::start_with_log(&flags, filter).pinned();
    let private = play(&server).await;
    server.metric_becomes("passerby_connections", 0.0).await;
    server.signal("TERM");
    assert!(server.ended().success());
    let log = server.log();
    for told in ["stopping", "traces can't be sent"] {
        assert!(log.contains(told), "it logs: {log:?}");
    }
    for text in private {
        assert!(!log.contains(&text), "{text} in the log with {filter}: {log}");
    }
}

#[tokio::test]
async fn nothing_private_is_logged_by_default() {
    assert_discreet("info", "text").await;
    assert_discreet("info", "json").await;
}

#[tokio::test]
async fn nothing_private_is_logged_where_all_of_the_service_is() {
    assert_discreet("info,passerby=trace", "text").await;
    assert_discreet("info,passerby=trace", "json").await;
}

#[tokio::test]
async fn nothing_private_is_logged_whatever_the_filter() {
    assert_discreet("trace", "text").await;
    // Others would take the more special word.
    assert_discreet("trace,tungstenite::protocol=trace,stun_types::message=trace", "json").await;
}
