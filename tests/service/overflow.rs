//! Rule 6: an absent client's messages are kept up to a bound.

use serde_json::json;

use super::backpressure::{BOUND_BYTES, assert_chatting, flood};
use super::nodes;
use super::server::Server;

#[tokio::test]
async fn rule_6_the_room_of_one_whose_messages_outgrow_the_bound_while_away_ends() {
    let server = Server::start(&["--grace-ms", "600000"]);
    let (mut one, mut other) = server.pair().await;
    let large = json!({"type": "createOffer", "sdp": "x".repeat(60_000)});
    let small = json!({"type": "typing", "active": true});
    for message in [large, small] {
        let (absent, mut partner) = server.pair().await;
        let memory = absent.drop_connection();
        partner.expect("peerAway").await;
        let before = server.resident_bytes();
        let last = flood(&mut partner, message).await;
        assert_eq!((&last["type"], &last["reason"]), (&json!("peerLeft"), &json!("disconnected")));
        let grown = server.resident_bytes().saturating_sub(before);
        assert!(grown < BOUND_BYTES, "{grown} bytes");
        // What is under way between two nodes has a bound as well: if that is reached
        // first only the room is over.
        if !nodes::several() {
            server.metric_becomes("passerby_sessions_away", 0.0).await;
        }
        let fresh = memory.resume(&server).await;
        assert!(nodes::several() || !fresh.resumed(), "{}", fresh.welcome);
        assert!(fresh.welcome.get("room").is_none(), "{}", fresh.welcome);
        fresh.close(1000).await;
        partner.close(1000).await;
        assert_chatting(&mut one, &mut other).await;
    }
    one.close(1000).await;
    other.close(1000).await;
    server.metric_becomes("passerby_kept_bytes", 0.0).await;
}

#[tokio::test]
async fn rule_6_just_under_the_bound_all_is_kept() {
    let server = Server::start(&["--grace-ms", "600000"]);
    let (absent, mut partner) = server.pair().await;
    let memory = absent.drop_connection();
    partner.expect("peerAway").await;
    let sdp = "x".repeat(60_000);
    for _ in 0..16 {
        partner.signal(json!({"type": "createOffer", "sdp": sdp})).await;
    }
    partner.nothing_came().await;
    let mut back = memory.resume(&server).await;
    for _ in 0..16 {
        assert_eq!(back.expect("createOffer").await["sdp"], sdp);
    }
    back.nothing_came().await;
    partner.expect("peerBack").await;
    assert_chatting(&mut partner, &mut back).await;
}
