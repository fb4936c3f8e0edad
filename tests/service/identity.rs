//! The device cookie, and what it means for pairing (rule 4).

use super::client::Client;
use super::server::{Server, request};
use super::visitor::Visitor;

/// Everywhere, so that two sessions of one device are not paired.
const EVERYWHERE: [&str; 2] = ["--listen", "0.0.0.0:0"];

async fn joined(visitor: &mut Visitor, server: &Server) -> Client {
    let mut client = visitor.connect(loopback(server)).await;
    client.join().await;
    client
}

/// A server that listens everywhere, as it is reached from here.
fn loopback(server: &Server) -> std::net::SocketAddr {
    ([127, 0, 0, 1], server.public().port()).into()
}

async fn cookie_of(visitor: &mut Visitor, server: &Server) -> String {
    let client = visitor.connect(loopback(server)).await;
    drop(client);
    visitor.cookie.clone().expect("it was given one")
}

#[tokio::test]
async fn a_cookie_is_given_once_by_the_page_and_by_the_handshake() {
    let server = Server::start(&[]);
    let address = server.public();
    let page = request(
        address,
        &format!("GET / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"),
    )
    .await
    .1;
    let set = |answer: &str| {
        let lines = answer.lines().take_while(|line| !line.is_empty());
        lines
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .map(|(_, value)| value.to_owned())
    };
    let cookie = set(&page).expect("a cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert!(!cookie.contains("Secure"), "there is no TLS: {cookie}");
    let from = async |origin: &str| {
        let head = format!("host: {address}\r\norigin: {origin}\r\nconnection: close");
        set(&request(address, &format!("GET / HTTP/1.1\r\n{head}\r\n\r\n")).await.1)
    };
    assert!(from(&format!("http://{address}")).await.is_some());
    for origin in ["https://evil.example", "null"] {
        assert_eq!(from(origin).await, None, "pages of {origin} may not connect");
    }
    let value = cookie.split(';').next().unwrap();
    let again = format!(
        "GET / HTTP/1.1\r\nhost: {address}\r\ncookie: {value}\r\nconnection: close\r\n\r\n"
    );
    assert_eq!(set(&request(address, &again).await.1), None);
    let mut visitor = Visitor::at(2);
    let (_, response) = visitor.shake(address, "/ws").await.unwrap();
    visitor.keep(&response);
    let (_, response) = visitor.shake(address, "/ws").await.unwrap();
    assert!(visitor.cookie.is_some() && !response.headers().contains_key("set-cookie"));
    visitor.cookie = Some("passerby_device=AAAA".into());
    let (_, response) = visitor.shake(address, "/ws").await.unwrap();
    assert!(response.headers().contains_key("set-cookie"), "that one was made up");
}

#[tokio::test]
async fn behind_tls_and_for_other_sites_the_cookie_is_kept_accordingly() {
    let flags = ["--trusted-proxies", "127.0.0.1", "--allowed-origins", "https://friend.example"];
    let server = Server::start(&flags);
    let address = server.public();
    let cookie = async |visitor: Visitor| {
        let (_, response) = visitor.shake(address, "/ws").await.unwrap();
        response.headers()["set-cookie"].to_str().unwrap().to_owned()
    };
    let tls = cookie(
        Visitor::at(1).with("x-forwarded-for", "198.51.100.1").with("x-forwarded-proto", "https"),
    )
    .await;
    assert!(tls.starts_with("__Host-") && tls.contains("; Secure"), "{tls}");
    let lies = cookie(
        Visitor::at(2).with("x-forwarded-for", "198.51.100.1").with("x-forwarded-proto", "https"),
    )
    .await;
    assert!(!lies.contains("Secure"), "that one is no proxy: {lies}");
    let friend = cookie(Visitor::at(1).with("origin", "https://friend.example")).await;
    for part in ["SameSite=None", "Secure", "Partitioned", "HttpOnly"] {
        assert!(friend.contains(part), "{friend}");
    }
}

#[tokio::test]
async fn rule_4_sessions_of_one_device_are_not_paired_with_each_other() {
    let server = Server::start(&EVERYWHERE);
    let mut visitor = Visitor::at(2);
    cookie_of(&mut visitor, &server).await;
    let mut one = joined(&mut visitor, &server).await;
    one.expect("waiting").await;
    let mut other = joined(&mut visitor, &server).await;
    other.expect("waiting").await;
    let mut stranger = joined(&mut Visitor::at(2), &server).await;
    stranger.matched().await;
    drop((one, other));
}

#[tokio::test]
async fn rule_4_two_tabs_meet_on_the_loopback_and_then_stay_apart_a_while() {
    let server = Server::start(&[]);
    let mut visitor = Visitor::at(2);
    cookie_of(&mut visitor, &server).await;
    let mut tabs = Vec::new();
    for _ in 0..2 {
        tabs.push(joined(&mut visitor, &server).await);
    }
    for tab in &mut tabs {
        tab.matched().await;
    }
    tabs[0].next().await;
    tabs[0].expect("waiting").await;
    tabs[1].expect_left("next").await;
    tabs[1].next().await;
    tabs[1].expect("waiting").await;
    let mut third = joined(&mut visitor, &server).await;
    third.matched().await;
}

#[tokio::test]
async fn rule_4_a_device_is_the_same_person_in_its_next_session() {
    for flags in [&EVERYWHERE[..], &[]] {
        let server = Server::start(flags);
        let (mut one, mut other) = (Visitor::at(2), Visitor::at(3));
        let mut first = joined(&mut one, &server).await;
        let mut staying = joined(&mut other, &server).await;
        first.matched().await;
        staying.matched().await;
        first.close(1000).await;
        staying.expect_left("left").await;
        staying.join().await;
        staying.expect("waiting").await;
        let mut again = joined(&mut one, &server).await;
        again.expect("waiting").await;
        let mut stranger = joined(&mut Visitor::at(4), &server).await;
        stranger.matched().await;
    }
}
