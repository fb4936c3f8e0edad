//! Whose pages may connect.

use std::net::SocketAddr;

use super::raw::{Raw, handshake};
use super::server::Server;

async fn status(address: SocketAddr, lines: &str) -> u16 {
    let mut raw = Raw::dial(address).await;
    raw.send(handshake(raw.address, lines).as_bytes()).await;
    raw.head().await.0
}

async fn status_from(address: SocketAddr, origin: &str) -> u16 {
    status(address, &format!("origin: {origin}\r\n")).await
}

#[tokio::test]
async fn its_own_pages_may_connect_and_so_may_what_is_no_page() {
    let server = Server::start(&[]);
    let own = server.public();
    assert_eq!(status(own, "").await, 101);
    assert_eq!(status_from(own, &format!("http://{own}")).await, 101);
}

#[tokio::test]
async fn pages_of_others_may_not() {
    let server = Server::start(&[]);
    let own = server.public();
    for origin in [
        "null".to_owned(),
        String::new(),
        "http://127.0.0.1".to_owned(),
        format!("http://localhost:{}", own.port()),
        format!("http://{own}.evil.example"),
        format!("http://evil.example#{own}"),
        format!("http://{own}@evil.example"),
    ] {
        assert_eq!(status_from(own, &origin).await, 403, "{origin}");
    }
    let two = format!("origin: http://{own}\r\norigin: http://evil.example\r\n");
    assert_eq!(status(own, &two).await, 403);
}

#[tokio::test]
async fn the_allow_list_adds_pages() {
    let list = "chat.example,https://other.example,dev.example:5173";
    let server = Server::start(&["--allowed-origins", list]);
    let own = server.public();
    for (origin, expected) in [
        ("https://chat.example", 101),
        ("http://chat.example", 101),
        ("https://other.example", 101),
        ("http://other.example", 403),
        ("http://dev.example:5173", 101),
        ("http://dev.example", 403),
        ("https://evil.example", 403),
        ("null", 403),
    ] {
        assert_eq!(status_from(own, origin).await, expected, "{origin}");
    }
    assert_eq!(status_from(own, &format!("http://{own}")).await, 101);
}
