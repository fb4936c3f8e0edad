//! Rules 1, 3, 4 and 5: who is paired with whom, and when.

use serde_json::json;

use super::server::Server;

#[tokio::test]
async fn rule_1_two_are_paired_with_one_offerer_and_both_are_told() {
    let server = Server::start(&[]);
    let (one, other) = server.pair().await;
    assert_eq!(one.room, other.room);
    let mut roles = [one.role.clone(), other.role.clone()];
    roles.sort();
    assert_eq!(roles, ["answerer", "offerer"]);
    server.metric_becomes("passerby_rooms", 1.0).await;
    server.metric_becomes("passerby_connections", 2.0).await;
}

#[tokio::test]
async fn signals_go_to_the_partner_unchanged_and_in_order() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    one.signal(json!({"type": "createOffer", "sdp": "v=0\r\n", "fresh": true})).await;
    one.signal(
        json!({"type": "addIceCandidate", "candidate": {"candidate": "x", "sdpMLineIndex": 0}}),
    )
    .await;
    one.signal(json!({"type": "addIceCandidate", "candidate": null})).await;
    one.signal(json!({"type": "typing", "active": true})).await;
    let offer = other.expect("createOffer").await;
    assert_eq!((&offer["sdp"], &offer["fresh"]), (&json!("v=0\r\n"), &json!(true)));
    assert_eq!(other.expect("addIceCandidate").await["candidate"]["candidate"], "x");
    assert!(other.expect("addIceCandidate").await["candidate"].is_null());
    assert_eq!(other.expect("typing").await["active"], true);
}

#[tokio::test]
async fn next_brings_a_third_person_and_tells_the_partner() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    let room = one.room.clone();
    one.send(json!({"type": "next", "room": room})).await;
    one.left();
    let left = other.expect("peerLeft").await;
    assert_eq!(left["reason"], "next");
    let mut third = server.client().await;
    third.join().await;
    one.matched().await;
    third.matched().await;
    assert_eq!(one.room, third.room);
    other.nothing_came().await;
}
