//! STUN and TURN servers, as clients are told of them.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use passerby::ice::Signer;
use passerby::secret::Secret;
use serde_json::{Value, json};

use super::server::{Server, get, request};

/// A service whose relay is elsewhere, and shares this secret.
const SECRET: &str = "a-secret-of-the-relay";
const ELSEWHERE: [&str; 6] = [
    "--stun-urls",
    "stun:stun.example:3478,stun:stun.example",
    "--turn-urls",
    "turn:relay.example:3478?transport=udp,turns:relay.example:443?transport=tcp",
    "--turn-secret",
    SECRET,
];

/// Asserts that these are the servers of [`ELSEWHERE`]; the username.
fn check(servers: &Value, ttl: Duration) -> String {
    let expected = json!(["stun:stun.example:3478", "stun:stun.example"]);
    assert_eq!(servers[0], json!({"urls": expected}), "{servers}");
    let turn = &servers[1];
    let urls = ["turn:relay.example:3478?transport=udp", "turns:relay.example:443?transport=tcp"];
    assert_eq!(turn["urls"], json!(urls));
    let username = turn["username"].as_str().unwrap().to_owned();
    let password = Signer::new(&Secret::new(SECRET).unwrap()).password(&username);
    assert_eq!(turn["credential"], password.as_str());
    let expires: u64 = username.split(':').next().unwrap().parse().unwrap();
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let left = expires.checked_sub(now.as_secs()).expect("not expired");
    let most = ttl.as_secs();
    assert!((most.saturating_sub(120)..=most).contains(&left), "{left} of {most}");
    username
}

async fn ask(address: SocketAddr, headers: &str) -> (u16, String) {
    let head = format!(
        "GET /api/v1/ice HTTP/1.1\r\nhost: {address}\r\n{headers}connection: close\r\n\r\n"
    );
    request(address, &head).await
}

fn body(answer: &str) -> Value {
    serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap()
}

#[tokio::test]
async fn each_session_gets_credentials_in_its_name_with_its_welcome_and_each_match() {
    let server = Server::start(&ELSEWHERE);
    let [mut one, mut other] = [server.client().await, server.client().await];
    let ttl = Duration::from_secs(600);
    let mut names = HashSet::new();
    for client in [&mut one, &mut other] {
        assert_eq!(client.welcome["iceTtl"], 600);
        let username = check(&client.welcome["iceServers"], ttl);
        let session = client.welcome["session"].as_str().unwrap();
        assert!(username.ends_with(&format!(":{session}")), "{username}");
        names.insert(session.to_owned());
        client.join().await;
    }
    for client in [&mut one, &mut other] {
        let matched = client.matched().await;
        assert_eq!(matched["iceTtl"], 600);
        let username = check(&matched["iceServers"], ttl);
        assert!(names.remove(username.split(':').nth(1).unwrap()));
    }
}

#[tokio::test]
async fn credentials_can_be_had_without_a_session_and_in_a_session_s_name() {
    let flags = [&ELSEWHERE[..], &["--turn-ttl-ms", "90000"]].concat();
    let server = Server::start(&flags);
    let client = server.client().await;
    let ttl = Duration::from_secs(90);
    let (status, answer) = ask(server.public(), "").await;
    assert_eq!(status, 200);
    assert!(answer.to_lowercase().contains("cache-control: no-store"), "{answer}");
    let guest = body(&answer);
    assert_eq!(guest["ttl"], 90);
    assert!(check(&guest["iceServers"], ttl).contains(":guest-"));
    let token = client.welcome["resume"].as_str().unwrap();
    for (number, node) in server.nodes().iter().enumerate() {
        let bearer = format!("authorization: Bearer {token}\r\n");
        let (status, answer) = ask(node.public, &bearer).await;
        assert_eq!(status, 200);
        let username = check(&body(&answer)["iceServers"], ttl);
        // Other nodes than the first, where the session is, know no name of it.
        let name = if number == 0 { &client.welcome["session"] } else { &json!(":guest-") };
        assert!(username.contains(name.as_str().unwrap()), "{username}");
    }
    for bad in ["Bearer nobodys", "Bearer", "Basic eDp5", "nonsense"] {
        let (status, answer) = ask(server.public(), &format!("authorization: {bad}\r\n")).await;
        assert_eq!(status, 401, "{bad}");
        assert!(answer.contains("no session has this token"), "{answer}");
    }
}

#[tokio::test]
async fn pages_of_allowed_hosts_may_read_it_and_no_others() {
    let flags = [&ELSEWHERE[..], &["--allowed-origins", "https://chat.example"]].concat();
    let server = Server::start(&flags);
    for (origin, permitted) in
        [("https://chat.example", true), ("https://evil.example", false), ("null", false)]
    {
        let allows = format!("access-control-allow-origin: {origin}");
        let headers = format!("origin: {origin}\r\n");
        let (status, answer) = ask(server.public(), &headers).await;
        assert_eq!((status, answer.to_lowercase().contains(&allows)), (200, permitted), "{origin}");
        let head = format!(
            "OPTIONS /api/v1/ice HTTP/1.1\r\nhost: {}\r\n{headers}access-control-request-headers: \
             authorization\r\naccess-control-request-method: GET\r\nconnection: close\r\n\r\n",
            server.public()
        );
        let (status, answer) = request(server.public(), &head).await;
        assert_eq!((status, answer.to_lowercase().contains(&allows)), (204, permitted), "{origin}");
    }
}

#[tokio::test]
async fn without_stun_and_turn_there_are_no_servers() {
    let server = Server::start(&["--turn", "off"]);
    assert_eq!(server.client().await.welcome["iceServers"], json!([]));
    let (status, answer) = get(server.public(), "/api/v1/ice").await;
    assert_eq!((status, &body(&answer)["iceServers"]), (200, &json!([])));
}

#[tokio::test]
async fn the_relay_s_secret_is_that_of_the_service_where_no_other_is_given() {
    let flags = ["--turn-urls", "turn:relay.example", "--secret", SECRET];
    let server = Server::start(&flags);
    let welcome = &server.client().await.welcome;
    let turn = &welcome["iceServers"][0];
    let password =
        Signer::new(&Secret::new(SECRET).unwrap()).password(turn["username"].as_str().unwrap());
    assert_eq!(turn["credential"], password.as_str());
}
