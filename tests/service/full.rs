//! `--max-connections`: new people are sent away, those who come back are not. Each
//! node has a limit of its own, so everybody is on one here.

use futures_util::future::join_all;

use super::raw::{CLOSE, Raw, handshake};
use super::server::Server;

const FOUR: [&str; 2] = ["--max-connections", "4"];

/// A new person is sent away behind the handshake, with no other word.
async fn assert_sent_away(server: &Server) {
    let mut raw = Raw::dial(server.public()).await;
    raw.send(handshake(raw.address, "").as_bytes()).await;
    assert_eq!(raw.head().await.0, 101);
    let (opcode, payload) = raw.frame().await.expect("a close");
    assert_eq!((opcode, &payload[..2]), (CLOSE, &1013_u16.to_be_bytes()[..]));
    assert_eq!(raw.frame().await, None, "nothing follows a close");
}

#[tokio::test]
async fn at_the_limit_new_people_get_1013_and_those_who_are_here_notice_nothing() {
    let server = Server::start(&FOUR).pinned();
    let (mut one, mut other) = server.pair().await;
    let _idle = [server.client().await, server.client().await];
    for _ in 0..10 {
        assert_sent_away(&server).await;
    }
    one.say("hello").await;
    other.hear("hello").await;
    server.metric_becomes("passerby_closes_total{code=\"1013\"}", 10.0).await;
    server.metric_becomes("passerby_connections", 4.0).await;
}

#[tokio::test]
async fn rule_6_at_the_limit_one_who_comes_back_is_let_in() {
    let server = Server::start(&FOUR).pinned();
    let (one, mut other) = server.pair().await;
    let memory = one.drop_connection();
    other.expect("peerAway").await;
    let _idle = [server.client().await, server.client().await, server.client().await];
    assert_sent_away(&server).await;
    let mut one = memory.resume(&server).await;
    assert!(one.resumed(), "{}", one.welcome);
    other.expect("peerBack").await;
    one.say("hello").await;
    other.hear("hello").await;
    let newer = one.memory().resume(&server).await;
    assert!(newer.resumed(), "a takeover as well");
    assert_sent_away(&server).await;
}

#[tokio::test]
async fn at_the_limit_a_bad_token_is_sent_away_like_anybody() {
    let server = Server::start(&FOUR).pinned();
    let _all = join_all([(); 4].map(|()| server.client())).await;
    let mut raw = Raw::dial(server.public()).await;
    let offer = "sec-websocket-protocol: passerby.v1, resume.0123456789abcdef.4\r\n";
    raw.send(handshake(raw.address, offer).as_bytes()).await;
    assert_eq!(raw.head().await.0, 101);
    assert_eq!(raw.closed().await, Some(1013));
}

#[tokio::test]
async fn after_somebody_left_new_people_are_welcome_again() {
    let server = Server::start(&FOUR).pinned();
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(server.client().await);
    }
    for _ in 0..3 {
        assert_sent_away(&server).await;
        all.pop().unwrap().close(1000).await;
        server.metric_becomes("passerby_connections", 3.0).await;
        all.push(server.client().await);
    }
}
