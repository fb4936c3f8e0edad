//! Limits: what one address and one session may do.

use serde_json::json;

use super::server::{Server, get, request};
use super::visitor::Visitor;

#[tokio::test]
async fn a_session_may_send_100_messages_at_once() {
    let server = Server::limited(&[]);
    let (mut one, mut other) = server.pair().await;
    one.repeat("quick", 100).await;
    for _ in 0..100 {
        other.hear("quick").await;
    }
}

#[tokio::test]
async fn whoever_floods_is_told_when_to_go_on_and_nothing_else_changes() {
    let server = Server::limited(&[]);
    let (mut one, mut other) = server.pair().await;
    one.repeat("flood", 300).await;
    let error = one.expect_error("rate_limited").await;
    assert!(error["retryAfterMs"].as_u64().is_some_and(|wait| wait > 0), "{error}");
    for _ in 0..100 {
        other.hear("flood").await;
    }
    other.say("still here").await;
    loop {
        let message = one.receive().await;
        if message["type"] == "chat" {
            break assert_eq!(message["text"], "still here");
        }
        assert_eq!(message["code"], "rate_limited");
    }
}

#[tokio::test]
async fn whoever_never_stops_is_sent_away() {
    let server = Server::limited(&[]);
    let (mut one, mut other) = server.pair().await;
    one.repeat("flood", 5000).await;
    assert_eq!(one.closed().await, Some(1008));
    loop {
        match other.receive().await["type"].as_str().unwrap() {
            "chat" => (),
            "peerAway" => break,
            kind => panic!("{kind}"),
        }
    }
}

#[tokio::test]
async fn whoever_reported_as_often_as_is_allowed_may_still_block() {
    let server = Server::limited(&[]);
    let (mut one, _other) = server.pair().await;
    for _ in 0..10 {
        one.signal(json!({"type": "report", "reason": "spam"})).await;
        one.expect("reported").await;
    }
    one.signal(json!({"type": "report", "reason": "spam"})).await;
    one.expect_error("rate_limited").await;
    for _ in 0..50 {
        one.signal(json!({"type": "block"})).await;
        one.expect("blocked").await;
    }
}

#[tokio::test]
async fn no_limits_lifts_them_all() {
    let server = Server::start(&["--no-limits"]);
    let (mut one, mut other) = server.pair().await;
    one.repeat("flood", 2000).await;
    for _ in 0..2000 {
        other.hear("flood").await;
    }
    for _ in 0..30 {
        one.signal(json!({"type": "report", "reason": "spam"})).await;
        one.expect("reported").await;
    }
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_others_have_theirs() {
    let server = Server::limited(&[]).pinned();
    let address = server.public();
    let mut open = Vec::new();
    let refused = loop {
        match Visitor::at(5).shake(address, "/ws").await {
            Ok((socket, _)) => open.push(socket),
            Err(_) => break Visitor::at(5).refused(address).await,
        }
        assert!(open.len() < 5000, "there is no limit");
    };
    assert!(open.len() >= 200, "an office is let in: {}", open.len());
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    Visitor::at(6).connect(address).await;
    assert!(server.metric("passerby_limited_total{limit=\"connect\"}").await >= 1.0);
    for socket in &mut open {
        let _ = socket.close(None).await;
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_an_address_of_its_own() {
    let server = Server::limited(&["--trusted-proxies", "127.0.0.1,127.0.0.7"]).pinned();
    let address = server.public();
    let behind = |client: &str| Visitor::at(7).with("x-forwarded-for", client);
    let mut open = Vec::new();
    while let Ok((socket, _)) = behind("198.51.100.1").shake(address, "/ws").await {
        open.push(socket);
        assert!(open.len() < 5000, "there is no limit");
    }
    behind("198.51.100.2").connect(address).await;
    // What a client claims in front of what the proxy saw does not count.
    let refused = behind("203.0.113.9, 198.51.100.1").refused(address).await;
    assert_eq!(refused.status(), 429);
    // And of one that is no proxy nothing does.
    let mut liar = Visitor::at(8).with("x-forwarded-for", "198.51.100.1");
    liar.connect(address).await;
    drop(open);
}

#[tokio::test]
async fn every_answer_bears_the_security_headers() {
    let server = Server::limited(&[]);
    let address = server.public();
    for path in ["/", "/api/v1/stats", "/api/v1/kept", "/nothing-here", "/ws", "/healthz"] {
        let answer = get(address, path).await.1.to_lowercase();
        for header in [
            "content-security-policy: default-src 'none'",
            "frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "permissions-policy: camera=(self)",
        ] {
            assert!(answer.contains(header), "{path}: {answer}");
        }
        assert!(!answer.contains("unsafe-inline"), "{path}");
    }
    let refused = Visitor::at(2).with("origin", "http://evil.example").refused(address).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.headers().contains_key("content-security-policy"));
}

#[tokio::test]
async fn what_is_kept_is_told_and_erased_for_whoever_asks() {
    let server = Server::limited(&["--retain-reports", "30", "--appeal", "Write to us."]);
    let address = server.public();
    let answer = get(address, "/api/v1/kept").await.1;
    assert!(
        answer.contains(r#"{"reportsDays":30,"minorDays":365,"appeal":"Write to us."}"#),
        "{answer}"
    );
    let erase = async |headers: &str| {
        let head = format!(
            "DELETE /api/v1/kept HTTP/1.1\r\nhost: {address}\r\n{headers}connection: close\r\n\r\n"
        );
        request(address, &head).await.0
    };
    assert_eq!(erase("").await, 404);
    let mut visitor = Visitor::at(2);
    let mut one = visitor.connect(address).await;
    let mut other = Visitor::at(3).connect(address).await;
    one.join().await;
    other.join().await;
    one.matched().await;
    other.matched().await;
    one.signal(json!({"type": "report", "reason": "spam", "details": "mine"})).await;
    one.expect("reported").await;
    let kept = super::kept::Kept::of(&server);
    super::kept::eventually(async || kept.reports().await.pop()).await;
    let cookie = format!("cookie: {}\r\n", visitor.cookie.clone().unwrap());
    assert_eq!(erase(&format!("{cookie}origin: http://evil.example\r\n")).await, 403);
    assert_eq!(erase(&cookie).await, 202);
    super::kept::eventually(async || kept.reports().await.is_empty().then_some(())).await;
}

#[tokio::test]
async fn erasures_are_bounded_by_device_and_by_address() {
    let server = Server::limited(&["--trusted-proxies", "127.0.0.1"]).pinned();
    let address = server.public();
    let mut cookies = Vec::new();
    for last in 2..4 {
        let mut visitor = Visitor::at(last);
        visitor.connect(address).await;
        cookies.extend(visitor.cookie);
    }
    let erase = async |device: usize, from: &str| {
        let head = format!(
            "DELETE /api/v1/kept HTTP/1.1\r\nhost: {address}\r\ncookie: {}\r\n\
             x-forwarded-for: {from}\r\nconnection: close\r\n\r\n",
            cookies[device]
        );
        request(address, &head).await
    };
    for done in 1..=5 {
        assert_eq!(erase(0, "198.51.100.1").await.0, 202);
        // One of a device waits at a time.
        server.metric_becomes("passerby_store_writes_total{outcome=\"kept\"}", done.into()).await;
    }
    for (device, from) in [(0, "198.51.100.1"), (0, "198.51.100.2"), (1, "198.51.100.1")] {
        let (status, answer) = erase(device, from).await;
        assert_eq!(status, 429, "{answer}");
        let after = answer.lines().find_map(|line| line.strip_prefix("retry-after: "));
        let seconds: u64 = after.expect("it says when").trim().parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
    }
    assert_eq!(server.metric("passerby_limited_total{limit=\"erasure\"}").await, 3.0);
    assert_eq!(erase(1, "198.51.100.2").await.0, 202);
}
