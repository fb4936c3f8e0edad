//! Bans: how they come about, what the banned are told, and whom they leave alone.

use std::time::Duration;

use passerby::clock::UnixMillis;
use passerby::moderation::{Ban, BanId, BanTarget, Entry};
use serde_json::json;

use super::client::Client;
use super::kept::{Kept, eventually};
use super::server::Server;
use super::visitor::Visitor;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Takes what a banned client is told, up to its end.
async fn expect_ban(client: &mut Client) -> serde_json::Value {
    let told = loop {
        let message = client.receive().await;
        if message["type"] == "error" {
            break message;
        }
    };
    assert_eq!(told["code"], "banned", "{told}");
    assert!(told["reason"].is_string(), "{told}");
    assert_eq!(client.closed().await, Some(4001));
    told
}

/// Has `by` meet whoever waits and report that one.
async fn report(server: &Server, by: &mut Visitor, of: &mut Client) {
    let mut reporter = by.connect(server.public()).await;
    reporter.join().await;
    reporter.matched().await;
    of.matched().await;
    reporter.signal(json!({"type": "report", "reason": "nudity"})).await;
    reporter.expect("reported").await;
    reporter.close(1000).await;
}

/// The ban that follows from a report may be faster than the answer to it.
async fn expect_reported_and_removed(client: &mut Client) {
    let mut due = vec!["reported", "peerLeft"];
    while !due.is_empty() {
        let message = client.receive().await;
        let kind = message["type"].as_str().unwrap();
        if kind != "online" {
            assert!(due.contains(&kind), "{message}");
            assert!(kind != "peerLeft" || message["reason"] == "removed", "{message}");
            due.retain(|expected| *expected != kind);
        }
    }
}

#[tokio::test]
async fn three_reports_ban_for_a_day_at_once_and_the_partner_is_told() {
    let server = Server::start(&["--appeal", "Write to appeals@chat.example."]);
    let mut abuser = Visitor::at(9);
    // As a browser that has the page, it brings its cookie along.
    abuser.connect(server.public()).await.close(1000).await;
    let mut client = abuser.connect(server.public()).await;
    client.join().await;
    for address in 2..4 {
        report(&server, &mut Visitor::at(address), &mut client).await;
        client.expect_left("left").await;
        client.join().await;
    }
    let mut third = Visitor::at(4).connect(server.public()).await;
    third.join().await;
    third.matched().await;
    client.matched().await;
    third.signal(json!({"type": "report", "reason": "nudity"})).await;
    expect_reported_and_removed(&mut third).await;
    let told = expect_ban(&mut client).await;
    let until = UnixMillis(told["until"].as_u64().unwrap());
    let left = until.since(UnixMillis::now());
    assert!(left <= DAY && left > DAY - Duration::from_secs(120), "{left:?}");
    assert_eq!(told["appeal"], "Write to appeals@chat.example.");
    // The device is kept out, from wherever it comes; its neighbours are not.
    abuser = abuser.moved(20);
    for _ in server.nodes() {
        eventually(async || {
            let mut again = abuser.clone().connect(server.public()).await;
            again.join().await;
            let banned = loop {
                let message = again.receive().await;
                if message["type"] == "error" || message["type"] == "waiting" {
                    break message["code"] == "banned";
                }
            };
            banned.then_some(())
        })
        .await;
    }
    let mut neighbour = Visitor::at(9).connect(server.public()).await;
    neighbour.join().await;
    third.join().await;
    neighbour.matched().await;
    let kept = Kept::of(&server);
    let ban = eventually(async || kept.bans().await.pop()).await;
    assert_eq!(ban.reports.len(), 3);
    assert_eq!(ban.until, Some(until));
    server.metric_becomes("passerby_bans_total{by=\"reports\"}", 1.0).await;
}

#[tokio::test]
async fn twenty_reports_from_one_address_ban_nobody() {
    let server = Server::start(&["--rematch-wait-ms", "0"]);
    let mut client = Visitor::at(9).connect(server.public()).await;
    client.join().await;
    for _ in 0..20 {
        report(&server, &mut Visitor::at(2), &mut client).await;
        client.expect_left("left").await;
        client.join().await;
    }
    client.send(json!({"type": "leave"})).await;
    loop {
        let message = client.receive().await;
        if message["type"] == "idle" {
            break;
        }
        assert_ne!(message["type"], "error", "{message}");
    }
    server.metric_becomes("passerby_reports_total{reason=\"nudity\"}", 20.0).await;
    assert!(Kept::of(&server).bans().await.is_empty());
}

fn ban(target: BanTarget, until: Option<UnixMillis>) -> Ban {
    Ban {
        id: BanId(uuid::Uuid::new_v4()),
        target,
        at: UnixMillis::now(),
        until,
        reason: "advertising".into(),
        appeal: Some("There is none.".into()),
        reports: Vec::new(),
    }
}

#[tokio::test]
async fn a_ban_that_somebody_stores_is_in_force_within_a_second_on_all_nodes() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    one.signal(json!({"type": "report", "reason": "spam"})).await;
    one.expect("reported").await;
    let kept = Kept::of(&server);
    let reported = eventually(async || kept.reports().await.pop()).await.0.reported;
    let target = BanTarget { device: Some(reported.device), address: None };
    let stored = ban(target, None);
    kept.0.write(&Entry::Ban(Box::new(stored.clone()))).await.unwrap();
    let told = expect_ban(&mut other).await;
    assert_eq!(told["reason"], "advertising");
    assert_eq!(told["appeal"], "There is none.");
    assert!(told.get("until").is_none(), "for good: {told}");
    one.expect_left("removed").await;
}

#[tokio::test]
async fn a_banned_address_keeps_out_whoever_is_behind_it_until_the_ban_ends() {
    let server = Server::start(&[]);
    let (mut one, mut other) = (Visitor::at(2), Visitor::at(3));
    let mut one = one.connect(server.public()).await;
    let mut theirs = other.connect(server.public()).await;
    one.join().await;
    theirs.join().await;
    one.matched().await;
    theirs.matched().await;
    one.signal(json!({"type": "report", "reason": "spam"})).await;
    one.expect("reported").await;
    let kept = Kept::of(&server);
    let reported = eventually(async || kept.reports().await.pop()).await.0.reported;
    let target = BanTarget { device: None, address: Some(reported.address) };
    let mut stored = ban(target, Some(UnixMillis::now() + DAY));
    kept.0.write(&Entry::Ban(Box::new(stored.clone()))).await.unwrap();
    expect_ban(&mut theirs).await;
    let mut stranger = Visitor::at(3).connect(server.public()).await;
    expect_ban(&mut stranger).await;
    // It is lifted.
    stored.at = UnixMillis::now() + Duration::from_millis(1);
    stored.until = Some(UnixMillis::now());
    kept.0.write(&Entry::Ban(Box::new(stored))).await.unwrap();
    eventually(async || {
        let mut again = Visitor::at(3).connect(server.public()).await;
        again.send(json!({"type": "leave"})).await;
        (again.receive().await["type"] == "idle").then_some(())
    })
    .await;
}
