//! Rule 7: connections that died without a word.

use std::time::{Duration, Instant};

use tokio::time::{sleep_until, timeout_at};

use super::raw::{PING, Raw, TEXT, frame};
use super::server::Server;

/// After so much silence nobody is paired with who waits.
const SILENCE: Duration = Duration::from_secs(12);
/// What a busy machine may add where something must come in time.
const NOISE: Duration = Duration::from_secs(6);

/// One who waits and falls silent; since when.
async fn waits_and_falls_silent(server: &Server) -> (Raw, tokio::time::Instant) {
    let mut raw = Raw::connect(server.public()).await;
    raw.say(r#"{"type":"join"}"#).await;
    let silent_since = tokio::time::Instant::now();
    assert_eq!(raw.message().await["type"], "waiting");
    (raw, silent_since)
}

#[tokio::test]
async fn rule_7_one_who_waits_in_silence_is_not_paired() {
    let server = Server::start(&[]);
    let (_raw, silent_since) = waits_and_falls_silent(&server).await;
    sleep_until(silent_since + SILENCE).await;
    let mut newcomer = server.client().await;
    newcomer.join().await;
    newcomer.expect("waiting").await;
    newcomer.nothing_came().await;
    server.metric_becomes("passerby_closes_total{code=\"none\"}", 1.0).await;
}

#[tokio::test]
async fn rule_7_a_dead_side_of_a_new_room_shows() {
    let server = Server::start(&[]);
    let (_raw, _) = waits_and_falls_silent(&server).await;
    let mut partner = server.client().await;
    partner.join().await;
    partner.matched().await;
    let begun = Instant::now();
    partner.expect("peerAway").await;
    assert!(begun.elapsed() < SILENCE + NOISE, "{:?}", begun.elapsed());
}

/// Who finds somebody there never waits, and so is not looked at for that.
#[tokio::test]
async fn rule_7_a_dead_side_of_a_room_that_was_made_at_once_shows() {
    let server = Server::start(&[]);
    let (mut raw, mut partner) = (Raw::connect(server.public()).await, server.client().await);
    partner.join().await;
    partner.expect("waiting").await;
    raw.say(r#"{"type":"join"}"#).await;
    partner.matched().await;
    let begun = Instant::now();
    partner.expect("peerAway").await;
    assert!(begun.elapsed() < SILENCE + NOISE, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn rule_7_one_who_answers_pings_is_alive_however_silent() {
    let server = Server::start(&[]);
    let mut silent = server.client().await;
    silent.join().await;
    silent.expect("waiting").await;
    // Each look at the socket answers the pings that have come.
    let deadline = tokio::time::Instant::now() + SILENCE + Duration::from_secs(4);
    while let Ok(frame) = timeout_at(deadline, silent.receive_frame()).await {
        let frame = frame.expect("it stays connected").expect("it stays connected");
        assert!(!frame.is_close(), "{frame}");
    }
    let mut newcomer = server.client().await;
    newcomer.join().await;
    newcomer.matched().await;
    silent.matched().await;
}

#[tokio::test]
async fn rule_7_one_who_never_says_a_word_is_pinged_told_and_given_up() {
    let server = Server::start(&[]);
    // Half a frame is not a word.
    let mut people = [Raw::connect(server.public()).await, Raw::connect(server.public()).await];
    people[1].send(&frame(TEXT, b"half")[..3]).await;
    let mut told = Vec::new();
    for person in &mut people {
        let mut heard = Vec::new();
        while let Some((opcode, payload)) = person.frame().await {
            heard.push(opcode);
            let text = String::from_utf8_lossy(&payload);
            assert!(opcode != TEXT || text.contains("online"), "{text}");
        }
        assert!(heard.contains(&PING), "{heard:?}");
        told.extend(heard);
    }
    assert!(told.contains(&TEXT), "the first hears that there are more");
    server.metric_becomes("passerby_connections", 0.0).await;
    server.metric_becomes("passerby_closes_total{code=\"none\"}", 2.0).await;
}

#[tokio::test]
async fn a_ping_carries_the_last_number_sent() {
    let server = Server::start(&[]);
    let mut raw = Raw::connect(server.public()).await;
    for _ in 0..5 {
        raw.say(r#"{"type":"leave"}"#).await;
    }
    raw.say(r#"{"type":"join"}"#).await;
    let mut last = 0;
    while last < 6 {
        last = raw.message().await["seq"].as_u64().unwrap();
    }
    assert_eq!(raw.frame().await, Some((PING, b"6".to_vec())));
}
