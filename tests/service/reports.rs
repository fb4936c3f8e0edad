//! Reports: what is kept of them, and what they bring about.

use passerby::clock::UnixMillis;
use passerby::moderation::ReportRecord;
use passerby::protocol::ReportReason;
use serde_json::json;

use super::client::Client;
use super::kept::{Kept, eventually};
use super::restart::replaced;
use super::server::Server;
use super::visitor::Visitor;

/// A reporter and whom it met, in one room.
async fn met(server: &Server, one: &mut Visitor, other: &mut Visitor) -> (Client, Client) {
    let mut one = one.connect(server.public()).await;
    let mut other = other.connect(server.public()).await;
    one.join().await;
    other.join().await;
    one.matched().await;
    other.matched().await;
    (one, other)
}

async fn only_report(server: &Server) -> ReportRecord {
    let kept = Kept::of(server);
    let mut reports = eventually(async || {
        let reports = kept.reports().await;
        (!reports.is_empty()).then_some(reports)
    })
    .await;
    assert_eq!(reports.len(), 1);
    reports.remove(0).0
}

#[tokio::test]
async fn a_report_is_kept_with_lines_that_are_proven_or_claimed() {
    let server = Server::start(&[]);
    let begun = UnixMillis::now();
    let (mut one, mut other) = met(&server, &mut Visitor::at(2), &mut Visitor::at(3)).await;
    one.say("hello \"you\"").await;
    other.hear("hello \"you\"").await;
    other.say("gr\u{fc}\u{df} dich \u{1F600}").await;
    one.hear("gr\u{fc}\u{df} dich \u{1F600}").await;
    one.signal(json!({
        "type": "report", "reason": "harassment", "details": "'; DROP TABLE reports; --",
        "transcript": [
            {"from": "me", "text": "hello \"you\""},
            {"from": "peer", "text": "gr\u{fc}\u{df} dich \u{1F600}"},
            {"from": "peer", "text": "hello \"you\""},
            {"from": "peer", "text": "never said"},
        ],
    }))
    .await;
    one.expect("reported").await;
    let report = only_report(&server).await;
    assert_eq!(report.room.to_string(), one.room);
    assert_eq!(report.session.to_string(), one.welcome["session"]);
    assert_eq!(report.reason, ReportReason::Harassment);
    assert_eq!(report.details.as_deref(), Some("'; DROP TABLE reports; --"));
    let lines: Vec<_> = report.lines.iter().map(|line| (line.mine, line.proven)).collect();
    assert_eq!(lines, [(true, true), (false, true), (false, false), (false, false)]);
    assert!(begun <= report.began && report.began <= report.at && report.ended.is_none());
    assert_ne!(report.reporter.device, report.reported.device);
    assert_ne!(report.reporter.address, report.reported.address);
}

#[tokio::test]
async fn a_room_that_has_ended_is_reported_with_its_end_and_its_lines() {
    let server = Server::start(&[]);
    let (mut one, mut other) = met(&server, &mut Visitor::at(2), &mut Visitor::at(3)).await;
    other.say("rude").await;
    one.hear("rude").await;
    other.next().await;
    one.expect_left("next").await;
    let lines = json!([{"from": "peer", "text": "rude"}]);
    let report = json!({"type": "report", "reason": "other", "transcript": lines});
    one.signal(report.clone()).await;
    one.expect("reported").await;
    one.signal(report).await;
    one.expect("reported").await;
    let report = only_report(&server).await;
    assert!(report.ended.is_some_and(|ended| report.began <= ended && ended <= report.at));
    assert!(report.lines[0].proven);
}

#[tokio::test]
async fn whoever_blocks_never_meets_again_nor_in_another_session() {
    let flags = ["--rematch-wait-ms", "0"];
    let server = Server::start(&flags);
    let (mut blocker, mut blocked) = (Visitor::at(2), Visitor::at(3));
    let (mut one, mut other) = met(&server, &mut blocker, &mut blocked).await;
    one.signal(json!({"type": "block"})).await;
    assert_eq!(one.expect("blocked").await["room"], one.room);
    other.say("still here").await;
    one.hear("still here").await;
    one.close(1000).await;
    other.expect_left("left").await;
    other.close(1000).await;
    let server = replaced(server, &flags).await;
    let mut one = blocker.connect(server.public()).await;
    let mut other = blocked.connect(server.public()).await;
    one.join().await;
    other.join().await;
    one.expect("waiting").await;
    other.expect("waiting").await;
    let mut third = Visitor::at(4).connect(server.public()).await;
    third.join().await;
    third.matched().await;
}

#[tokio::test]
async fn a_block_of_a_room_that_one_never_had_is_refused() {
    let server = Server::start(&[]);
    let (one, _other) = server.pair().await;
    let mut stranger = server.client().await;
    stranger.send(json!({"type": "block", "room": one.room})).await;
    stranger.expect_error("not_in_room").await;
}
