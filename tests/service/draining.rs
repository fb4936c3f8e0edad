//! What SIGTERM brings about.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use passerby::clock::UnixMillis;
use serde_json::json;
use tokio::sync::mpsc;

use super::client::Client;
use super::raw::{Raw, handshake};
use super::server::{DEADLINE, Server, get};

/// So long that only an end for another reason comes in time.
const FOR_EVER: [&str; 2] = ["--drain-ms", "3600000"];

/// Waits until the server says that it is not ready; there is somebody on each node,
/// or it would have ended.
async fn not_ready(server: &Server) {
    let begun = Instant::now();
    for node in server.nodes() {
        while get(node.ops, "/readyz").await.0 != 503 {
            assert!(begun.elapsed() < DEADLINE, "it stays ready");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn shake_hands(server: &Server) -> u16 {
    let mut raw = Raw::dial(server.public()).await;
    raw.send(handshake(raw.address, "").as_bytes()).await;
    raw.head().await.0
}

#[tokio::test]
async fn with_nobody_connected_it_ends_at_once() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&[&FOR_EVER[..], &["--drain-delay-ms", "3600000"]].concat());
        server.client().await.close(1000).await;
        server.metric_becomes("passerby_connections", 0.0).await;
        server.signal(signal);
        assert_eq!(server.ended().code(), Some(0));
    }
}

#[tokio::test]
async fn it_is_not_ready_at_once_and_a_second_signal_ends_it() {
    let mut server = Server::start(&[&FOR_EVER[..], &["--drain-delay-ms", "3600000"]].concat());
    let mut people = server.client_everywhere().await;
    server.metric_becomes("passerby_draining_since_seconds", 0.0).await;
    let told = UnixMillis::now().0 / 1000;
    server.signal("TERM");
    not_ready(&server).await;
    for node in server.nodes() {
        let text = get(node.ops, "/metrics").await.1;
        let mut lines = text.lines();
        let since = lines.find_map(|line| line.strip_prefix("passerby_draining_since_seconds "));
        assert!(since.expect("it is told").parse::<f64>().unwrap() >= told as f64, "{since:?}");
        for address in [node.public, node.ops] {
            assert_eq!(get(address, "/healthz").await.0, 200, "alive all the same");
        }
    }
    join_all(people.iter_mut().map(Client::nothing_came)).await;
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
}

#[tokio::test]
async fn who_goes_when_told_is_not_closed_and_lets_it_end_early() {
    let mut server = Server::start(&["--drain-ms", "8000"]);
    let (one, other) = server.pair().await;
    server.signal("TERM");
    let goes = async |mut person: Client| {
        loop {
            let message = person.receive().await;
            if message["type"] == "goingAway" {
                assert!(message["retryAfterMs"].is_u64(), "{message}");
                break;
            }
            assert_eq!(message["type"], "peerLeft", "{message}");
        }
        person.close(1000).await;
    };
    tokio::join!(goes(one), goes(other));
    assert_eq!(server.ended().code(), Some(0));
}

#[tokio::test]
async fn idle_and_waiting_people_are_told_first() {
    // Each node tells its own people.
    let server = Server::start(&["--drain-ms", "10000"]).pinned();
    let (one, other) = server.pair().await;
    let mut waiting = server.client().await;
    waiting.join().await;
    waiting.expect("waiting").await;
    let idle = server.client().await;
    let (told, mut order) = mpsc::unbounded_channel();
    server.signal("TERM");
    let people = [("room", one), ("alone", idle), ("room", other), ("alone", waiting)];
    join_all(people.into_iter().map(|(place, mut person)| {
        let told = told.clone();
        async move {
            person.expect("goingAway").await;
            told.send(place).unwrap();
            person
        }
    }))
    .await;
    let mut places = Vec::new();
    while let Ok(place) = order.try_recv() {
        places.push(place);
    }
    assert_eq!(places, ["alone", "alone", "room", "room"]);
}

#[tokio::test]
async fn who_stays_is_closed_with_1001_and_it_ends() {
    let mut server = Server::start(&["--drain-ms", "1500"]);
    let (mut one, mut other) = server.pair().await;
    let mut idle = server.client().await;
    server.signal("TERM");
    let codes = tokio::join!(one.closed(), other.closed(), idle.closed());
    assert_eq!(codes, (Some(1001), Some(1001), Some(1001)));
    drop((one, other, idle));
    assert_eq!(server.ended().code(), Some(0));
}

#[tokio::test]
async fn connections_are_taken_until_the_delay_is_over_and_refused_then() {
    let server = Server::start(&[&FOR_EVER[..], &["--drain-delay-ms", "5000"]].concat());
    let _people = server.client_everywhere().await;
    server.signal("TERM");
    not_ready(&server).await;
    assert_eq!(shake_hands(&server).await, 101, "still within the delay");
    let begun = Instant::now();
    loop {
        match shake_hands(&server).await {
            503 => break,
            status => assert_eq!(status, 101),
        }
        assert!(begun.elapsed() < DEADLINE, "it goes on taking people");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(get(server.public(), "/healthz").await.0, 200);
}

#[tokio::test]
async fn who_is_there_is_paired_until_they_go() {
    let server = Server::start(&FOR_EVER);
    let _idle = server.client_everywhere().await;
    let (mut one, mut other) = (server.client().await, server.client().await);
    server.signal("TERM");
    not_ready(&server).await;
    one.join().await;
    other.join().await;
    for person in [&mut one, &mut other] {
        loop {
            let message = person.receive().await;
            if message["type"] == "matched" {
                break;
            }
            assert!(["waiting", "goingAway"].contains(&message["type"].as_str().unwrap()));
        }
    }
    one.signal(json!({"type": "createOffer", "sdp": "until then rooms go on"})).await;
    let offer = loop {
        let message = other.receive().await;
        if message["type"] != "goingAway" {
            break message;
        }
    };
    assert_eq!(offer["type"], "createOffer");
}
