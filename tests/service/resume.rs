//! Rule 6: a dropped connection that comes back to its room.

use serde_json::{Value, json};

use super::client::Client;
use super::memory::Memory;
use super::server::Server;

/// The ways to come back with all that came in.
#[derive(Clone, Copy, Debug)]
enum Way {
    Subprotocol,
    Query,
    SubprotocolWithoutNumber,
    QueryWithoutNumber,
}

const WAYS: [Way; 4] =
    [Way::Subprotocol, Way::Query, Way::SubprotocolWithoutNumber, Way::QueryWithoutNumber];

async fn back(server: &Server, memory: Memory, way: Way) -> Client {
    let seq = Some(memory.seen.last_seq());
    match way {
        Way::Subprotocol => memory.resume_after(server, seq).await,
        Way::Query => memory.resume_by_query(server, seq).await,
        Way::SubprotocolWithoutNumber => memory.resume_after(server, None).await,
        Way::QueryWithoutNumber => memory.resume_by_query(server, None).await,
    }
}

async fn assert_chatting(one: &mut Client, other: &mut Client) {
    one.say("hello").await;
    other.hear("hello").await;
    other.say("hello yourself").await;
    one.hear("hello yourself").await;
}

#[tokio::test]
async fn rule_6_the_welcome_after_a_resume_names_the_room_and_all_of_it() {
    let server = Server::start(&["--grace-ms", "20000"]);
    for way in WAYS {
        let [mut one, mut other] = [server.client().await, server.client().await];
        for person in [&mut one, &mut other] {
            person.wants(json!({"mode": "text", "interests": ["Go", "tea"]})).await;
        }
        let matched = one.matched().await;
        other.matched().await;
        let (first, seq) = (one.welcome.clone(), one.last_seq());
        let memory = one.drop_connection();
        other.expect("peerAway").await;
        let mut one = back(&server, memory, way).await;
        let welcome = &one.welcome;
        assert_eq!(welcome["session"], first["session"], "{way:?}");
        // It says which end of a connection is meant; the first is good as well.
        assert_ne!(welcome["resume"], first["resume"], "{way:?}");
        for field in ["room", "role", "mode", "interests"] {
            assert_eq!(welcome[field], matched[field], "{way:?}");
        }
        assert_eq!(welcome["resumed"], true);
        assert_eq!((&welcome["lastSeq"], &welcome["graceMs"]), (&json!(seq), &json!(20_000)));
        assert!(welcome.get("waiting").is_none() && welcome.get("missed").is_none(), "{welcome}");
        assert_eq!(other.expect("peerBack").await["room"], matched["room"]);
        one.nothing_came().await;
        assert_chatting(&mut one, &mut other).await;
        one.close(1000).await;
        other.close(1000).await;
    }
}

#[tokio::test]
async fn rule_6_what_was_sent_to_one_who_was_away_arrives_once_and_in_order() {
    let server = Server::start(&[]);
    for way in WAYS {
        let (mut one, mut other) = server.pair().await;
        let memory = one.drop_connection();
        other.expect("peerAway").await;
        for line in 0..20 {
            other.say(&format!("line {line}")).await;
        }
        other.signal(json!({"type": "createOffer", "sdp": "made meanwhile"})).await;
        other.nothing_came().await;
        one = back(&server, memory, way).await;
        for line in 0..20 {
            one.hear(&format!("line {line}")).await;
        }
        assert_eq!(one.expect("createOffer").await["sdp"], "made meanwhile");
        one.nothing_came().await;
        other.expect("peerBack").await;
        assert_chatting(&mut one, &mut other).await;
        one.close(1000).await;
        other.close(1000).await;
    }
}

#[tokio::test]
async fn rule_6_both_may_be_away_and_come_back() {
    let server = Server::start(&[]);
    let (one, mut other) = server.pair().await;
    let one = one.drop_connection();
    other.expect("peerAway").await;
    other.say("are you there?").await;
    other.nothing_came().await;
    let other = other.drop_connection();
    server.metric_becomes("passerby_sessions_away", 2.0).await;
    let mut one = one.resume(&server).await;
    one.hear("are you there?").await;
    one.expect("peerAway").await;
    let mut other = other.resume(&server).await;
    other.expect("peerBack").await;
    one.expect("peerBack").await;
    assert_chatting(&mut one, &mut other).await;
}

#[tokio::test]
async fn rule_6_nothing_is_lost_or_doubled_however_often_one_comes_back() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    let (lines, drops) = (600, 40);
    let speaks = async {
        for line in 0..lines {
            other.say(&line.to_string()).await;
            tokio::task::yield_now().await;
        }
        other
    };
    let listens = async {
        let mut heard = 0;
        for part in 1..=drops {
            while heard < lines * part / drops {
                let message = one.receive().await;
                if message["type"] == "chat" {
                    assert_eq!(message["text"], heard.to_string());
                    heard += 1;
                }
            }
            one = one.drop_connection().resume(&server).await;
            assert!(one.resumed() && one.welcome.get("missed").is_none(), "{}", one.welcome);
        }
        one
    };
    let (mut other, mut one) = tokio::join!(speaks, listens);
    one.nothing_came().await;
    one.say("the end").await;
    let last = loop {
        let message: Value = other.receive().await;
        if !["peerAway", "peerBack", "online"].contains(&message["type"].as_str().unwrap()) {
            break message;
        }
    };
    assert_eq!(last["text"], "the end");
}

#[tokio::test]
async fn rule_6_a_partner_that_left_meanwhile_is_told_after_the_welcome() {
    let server = Server::start(&[]);
    for (farewell, reason) in [("leave", "left"), ("next", "next")] {
        let (one, mut other) = server.pair().await;
        let memory = one.drop_connection();
        other.expect("peerAway").await;
        other.say("farewell").await;
        other.send(json!({"type": farewell})).await;
        other.expect(if farewell == "leave" { "idle" } else { "waiting" }).await;
        let mut one = memory.resume(&server).await;
        assert!(one.resumed() && one.welcome.get("room").is_none(), "{}", one.welcome);
        one.hear("farewell").await;
        one.expect_left(reason).await;
        one.nothing_came().await;
        one.close(1000).await;
        other.close(1000).await;
    }
}

#[tokio::test]
async fn rule_6_one_who_leaves_after_a_resume_is_gone_as_any_other() {
    let server = Server::start(&[]);
    let (one, mut other) = server.pair().await;
    let memory = one.drop_connection();
    other.expect("peerAway").await;
    let one = memory.clone().resume(&server).await;
    other.expect("peerBack").await;
    one.close(1000).await;
    other.expect_left("left").await;
    assert!(!memory.resume(&server).await.resumed(), "the session has ended");
}
