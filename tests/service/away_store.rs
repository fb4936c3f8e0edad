//! A database that is not there.

use serde_json::json;

use super::server::Server;

/// Nobody listens there.
const AWAY: [&str; 2] = ["--database-url", "postgres://nobody:hunter2@127.0.0.1:1/passerby"];

#[tokio::test]
async fn without_the_database_people_are_paired_and_reports_wait_on_the_disk() {
    let mut server = Server::start_with_log(&AWAY, "info");
    let (mut one, mut other) = server.pair().await;
    one.say("hello").await;
    other.hear("hello").await;
    one.signal(json!({"type": "report", "reason": "spam", "details": "a detail of mine"})).await;
    one.expect("reported").await;
    server.metric_becomes("passerby_store_up", 0.0).await;
    server.metric_becomes("passerby_store_queued", 1.0).await;
    one.next().await;
    other.expect_left("next").await;
    other.next().await;
    let mut third = server.client().await;
    third.join().await;
    third.matched().await;
    server.signal("TERM");
    server.signal("TERM");
    server.cut_short().await;
    let log = server.log();
    let words = log.lines().filter(|line| line.contains("store") || line.contains("database"));
    assert!((1..=6 * 3).contains(&words.count()), "a clear line, and not one a try: {log}");
    assert!(!log.contains("hunter2") && !log.contains("a detail of mine"), "{log}");
}
