//! What is served beside the WebSocket, on both ports.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::nodes;
use super::raw::Raw;
use super::server::{DEADLINE, Server, get, request};

#[tokio::test]
async fn the_page_is_served() {
    let server = Server::start(&[]);
    let (status, answer) = get(server.public(), "/").await;
    assert_eq!(status, 200);
    let answer = answer.to_ascii_lowercase();
    assert!(answer.contains("content-type: text/html") && answer.contains("<!doctype html>"));
    assert_eq!(get(server.public(), "/no/such/file").await.0, 404);
    assert_eq!(get(server.public(), "/../Cargo.toml").await.0, 404);
}

#[tokio::test]
async fn both_ports_say_that_it_lives_and_one_that_it_is_ready() {
    let server = Server::start(&[]);
    for node in server.nodes() {
        for address in [node.public, node.ops] {
            assert_eq!(get(address, "/healthz").await.0, 200);
        }
        assert_eq!(get(node.ops, "/readyz").await.0, 200);
    }
}

#[tokio::test]
async fn what_is_for_operators_is_not_public() {
    let server = Server::start(&[]);
    assert_eq!(get(server.public(), "/metrics").await.0, 404);
    assert_eq!(get(server.public(), "/readyz").await.0, 404);
}

#[tokio::test]
async fn the_numbers_of_people_are_served() {
    let server = Server::start(&[]);
    let stats = async || {
        let (status, answer) = get(server.public(), "/api/v1/stats").await;
        assert_eq!(status, 200);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.to_ascii_lowercase().contains("content-type: application/json"), "{head}");
        let stats: Value = serde_json::from_str(body).unwrap();
        ["online", "waiting", "rooms"].map(|name| stats[name].as_u64().unwrap())
    };
    assert_eq!(stats().await, [0, 0, 0]);
    let begun = Instant::now();
    let (_one, _other) = server.pair().await;
    let mut third = server.client().await;
    third.join().await;
    third.expect("waiting").await;
    server.metric_becomes("passerby_waiting{mode=\"video\"}", 1.0).await;
    // What the others have is told from time to time.
    while nodes::several() && stats().await != [3, 1, 1] {
        assert!(begun.elapsed() < DEADLINE, "{:?}", stats().await);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(stats().await, [3, 1, 1]);
}

#[tokio::test]
async fn another_method_than_those_of_a_path_is_refused_with_what_is_allowed() {
    let server = Server::start(&[]);
    let address = server.public();
    let ask = async |method: &str, path: &str| {
        let head = "content-length: 0\r\nconnection: close";
        request(address, &format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\n{head}\r\n\r\n"))
            .await
    };
    for (method, path, allowed) in [
        ("POST", "/", "GET, HEAD"),
        ("DELETE", "/index.html", "GET, HEAD"),
        ("PUT", "/healthz", "GET, HEAD"),
        ("POST", "/ws", "GET"),
        ("POST", "/api/v1/stats", "GET, HEAD"),
        ("POST", "/api/v1/ice", "GET, HEAD, OPTIONS"),
        ("POST", "/api/v1/kept", "GET, HEAD, DELETE, OPTIONS"),
        ("GET", "/api/v1/reports/a-room/picture", "POST, OPTIONS"),
    ] {
        let (status, answer) = ask(method, path).await;
        assert_eq!(status, 405, "{method} {path}");
        assert!(answer.to_lowercase().contains(&format!("allow: {}\r\n", allowed.to_lowercase())));
        assert!(answer.contains("nosniff"), "{answer}");
    }
    for path in ["/", "/healthz", "/api/v1/stats"] {
        assert_eq!(ask("HEAD", path).await.0, 200, "{path}");
    }
    for path in ["/nothing-here", "/api/v1/nothing-here"] {
        assert_eq!(ask("POST", path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn answers_of_the_operations_port_are_what_they_say() {
    let server = Server::start(&[]);
    for path in ["/healthz", "/readyz", "/metrics", "/nothing-here"] {
        let answer = get(server.nodes()[0].ops, path).await.1.to_lowercase();
        assert!(answer.contains("x-content-type-options: nosniff"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn requests_follow_one_another_on_a_connection() {
    let server = Server::start(&[]);
    let one = format!("GET /healthz HTTP/1.1\r\nhost: {}\r\n", server.public());
    let (status, answers) =
        request(server.public(), &format!("{one}\r\n{one}connection: close\r\n\r\n")).await;
    assert_eq!((status, answers.matches("200 OK").count()), (200, 2), "{answers}");
}

#[tokio::test]
async fn a_request_head_that_never_ends_is_bounded() {
    const FAR_TOO_MUCH: usize = 64 << 20;
    let server = Server::start(&[]);
    let before = server.resident_bytes();
    let mut raw = Raw::dial(server.public()).await;
    raw.send(b"GET / HTTP/1.1\r\n").await;
    let line = format!("x-more: {}\r\n", "x".repeat(60_000));
    let mut sent = 0;
    while raw.try_send(line.as_bytes()).await.is_ok() {
        sent += line.len();
        assert!(sent < FAR_TOO_MUCH, "it still reads");
    }
    let grown = server.resident_bytes().saturating_sub(before);
    assert!(grown < 10 << 20, "{grown} bytes");
    assert_eq!(get(server.public(), "/healthz").await.0, 200);
}

#[tokio::test]
async fn a_request_head_that_does_not_go_on_is_given_up() {
    let server = Server::start(&[]);
    let mut raw = Raw::dial(server.public()).await;
    raw.send(b"GET /ws HTTP/1.1\r\nhost: x\r\nupgr").await;
    let told = raw.drained().await;
    assert!(told < 1024, "{told} bytes");
}
