//! Rule 5: whom one's preferences suit.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::Client;
use super::server::Server;

/// Nobody in these tests waits so long that interests no longer matter.
const PATIENT: [&str; 2] = ["--interest-wait-ms", "3600000"];

/// Someone who waits with these preferences.
async fn waits(server: &Server, preferences: Value) -> Client {
    let mut client = server.client().await;
    client.wants(preferences).await;
    client.expect("waiting").await;
    client
}

/// Someone who is paired on arrival with `other`; what the two are told.
async fn meets(server: &Server, preferences: Value, other: &mut Client) -> [Value; 2] {
    let mut client = server.client().await;
    client.wants(preferences).await;
    let told = [client.matched_at_once().await, other.matched().await];
    assert_eq!(told[0]["room"], told[1]["room"]);
    told
}

#[tokio::test]
async fn rule_5_modes_never_mix() {
    let server = Server::start(&["--interest-wait-ms", "0"]);
    let mut video = waits(&server, json!({"mode": "video"})).await;
    let mut text = waits(&server, json!({"mode": "text"})).await;
    video.nothing_came().await;
    text.nothing_came().await;
    for (mode, person) in [("text", &mut text), ("video", &mut video)] {
        for told in meets(&server, json!({"mode": mode}), person).await {
            assert_eq!(told["mode"], mode);
        }
    }
}

#[tokio::test]
async fn rule_5_shared_interests_pair_at_once_and_are_listed_in_compared_form() {
    let server = Server::start(&PATIENT);
    let named = json!(["  Rock \t Music", "ROCK MUSIC", "Straße", "go"]);
    let mut one = waits(&server, json!({"interests": named})).await;
    let others = json!({"interests": ["chess", "ｒｏｃｋ music", "STRASSE"]});
    for told in meets(&server, others, &mut one).await {
        let mut shared: Vec<_> = told["interests"].as_array().unwrap().to_vec();
        shared.sort_by_key(Value::to_string);
        assert_eq!(shared, ["rock music", "strasse"]);
    }
}

#[tokio::test]
async fn rule_5_the_most_shared_interests_win() {
    // Rule 8: among those whom a node sees.
    let server = Server::start(&PATIENT).pinned();
    let one_shared = json!({"interests": ["chess"], "languages": ["de"]});
    let two_shared = json!({"interests": ["chess", "tea"], "languages": ["en"]});
    let mut lesser = waits(&server, one_shared).await;
    let mut better = waits(&server, two_shared).await;
    let told = meets(&server, json!({"interests": ["tea", "go", "chess"]}), &mut better).await;
    assert_eq!(told[0]["interests"].as_array().unwrap().len(), 2);
    lesser.nothing_came().await;
}

#[tokio::test]
async fn rule_5_unshared_interests_wait_and_then_pair() {
    let server = Server::start(&["--interest-wait-ms", "400"]);
    let mut one = waits(&server, json!({"interests": ["chess"]})).await;
    let mut other = server.client().await;
    let begun = Instant::now();
    other.wants(json!({"interests": ["tea"]})).await;
    other.expect("waiting").await;
    assert_eq!(other.expect("matched").await["interests"], json!([]));
    one.expect("matched").await;
    assert!(begun.elapsed() >= Duration::from_millis(400), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn rule_5_who_named_interests_waits_for_them_though_another_named_none() {
    let server = Server::start(&PATIENT);
    let mut picky = waits(&server, json!({"interests": ["chess"]})).await;
    let mut open = waits(&server, json!({})).await;
    picky.nothing_came().await;
    meets(&server, json!({}), &mut open).await;
    picky.nothing_came().await;
}

#[tokio::test]
async fn rule_5_languages_meet_by_primary_subtag() {
    let server = Server::start(&PATIENT);
    let mut german = waits(&server, json!({"languages": ["de"]})).await;
    let mut british = waits(&server, json!({"languages": ["en-GB"]})).await;
    meets(&server, json!({"languages": ["fr", "EN"]}), &mut british).await;
    meets(&server, json!({"languages": ["de-Latn-CH"]}), &mut german).await;
    let mut french = waits(&server, json!({"languages": ["fr"]})).await;
    meets(&server, json!({}), &mut french).await;
}

#[tokio::test]
async fn rule_5_unshared_languages_wait_and_then_pair() {
    let server = Server::start(&["--interest-wait-ms", "400"]);
    let begun = Instant::now();
    let mut german = waits(&server, json!({"languages": ["de"]})).await;
    let mut french = waits(&server, json!({"languages": ["fr"]})).await;
    german.expect("matched").await;
    french.expect("matched").await;
    assert!(begun.elapsed() >= Duration::from_millis(400), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn rule_5_join_while_waiting_replaces_the_preferences() {
    let server = Server::start(&PATIENT);
    let mut one = waits(&server, json!({"interests": ["chess"]})).await;
    one.wants(json!({"interests": ["tea"]})).await;
    one.nothing_came().await;
    let mut late = waits(&server, json!({"interests": ["chess"]})).await;
    let told = meets(&server, json!({"interests": ["tea"]}), &mut one).await;
    assert_eq!(told[1]["interests"], json!(["tea"]));
    late.nothing_came().await;
}

#[tokio::test]
async fn rule_5_join_while_waiting_may_find_a_partner_who_waits() {
    let server = Server::start(&PATIENT);
    let mut one = waits(&server, json!({"interests": ["chess"]})).await;
    let mut other = waits(&server, json!({"interests": ["tea"]})).await;
    one.wants(json!({"interests": ["tea"]})).await;
    one.expect("matched").await;
    other.expect("matched").await;
}

/// The time waited is read from the server's own measure, which is at least
/// what passed on this side in between.
#[tokio::test]
async fn rule_5_join_while_waiting_keeps_the_time_waited() {
    let server = Server::start(&PATIENT);
    let mut one = waits(&server, json!({"interests": ["chess"]})).await;
    let begun = Instant::now();
    let passing = Duration::from_millis(300);
    tokio::time::sleep(passing).await;
    one.wants(json!({})).await;
    one.nothing_came().await;
    meets(&server, json!({}), &mut one).await;
    assert!(begun.elapsed() >= passing);
    let series =
        |what| format!("passerby_pairing_latency_seconds_{what}{{by=\"any\",mode=\"video\"}}");
    server.metric_becomes(&series("count"), 2.0).await;
    let waited = server.metric(&series("sum")).await;
    assert!(waited >= passing.as_secs_f64(), "{waited} s");
}
