//! Who is paired with whom across nodes.

use serde_json::json;

use super::crowd::{Crowd, either_matched, talk, until};

#[tokio::test]
async fn people_on_different_nodes_meet_and_talk() {
    let crowd = Crowd::start(3, &[]).await;
    let (mut one, mut other) = crowd.pair_on(1, 2).await;
    assert_ne!(one.role, other.role);
    for number in 0..50 {
        one.say(&number.to_string()).await;
    }
    for number in 0..50 {
        other.hear(&number.to_string()).await;
    }
    talk(&mut one, &mut other, "hello").await;
    one.next().await;
    other.expect_left("next").await;
    let latency = "passerby_pairing_latency_seconds_count";
    let series = format!(r#"{latency}{{by="any",mode="video",scope="cluster"}}"#);
    assert!(crowd.nodes[1].metric(&series).await >= 1.0);
    let letters = r#"passerby_cluster_letters_total{kind="frame"}"#;
    assert!(crowd.nodes[1].metric(letters).await >= 50.0);
    let offerer = if one.role == "offerer" { 1 } else { 2 };
    let per_pair = crowd.nodes[offerer].metric("passerby_cluster_letters_per_pair").await;
    assert!(per_pair >= 5.0, "{per_pair}");
}

#[tokio::test]
async fn every_node_counts_the_whole_crowd() {
    let crowd = Crowd::start(2, &[]).await;
    let (_one, _other) = crowd.pair().await;
    let _third = crowd.nodes[1].client().await;
    for node in 0..2 {
        until(|| async {
            crowd.stats(node).await == json!({"online": 3, "waiting": 0, "rooms": 1})
        })
        .await;
    }
    let fourth = crowd.nodes[0].client().await;
    assert_eq!(fourth.welcome["online"], 4);
}

#[tokio::test]
async fn rule_4_holds_across_nodes() {
    let crowd = Crowd::start(2, &["--rematch-wait-ms", "1000000"]).await;
    let (mut one, mut other) = crowd.pair().await;
    one.next().await;
    one.expect("waiting").await;
    other.expect_left("next").await;
    other.next().await;
    other.expect("waiting").await;
    let mut third = crowd.nodes[0].client().await;
    third.join().await;
    let met = third.matched().await["room"].clone();
    let matched = either_matched(&mut one, &mut other).await;
    assert_eq!(matched["room"], met, "a stranger, and not each other");
}

#[tokio::test]
async fn who_was_reported_is_not_met_again_on_any_node() {
    let crowd = Crowd::start(2, &[]).await;
    let (mut one, mut other) = crowd.pair().await;
    one.signal(json!({"type": "report", "reason": "spam"})).await;
    one.expect("reported").await;
    one.next().await;
    one.expect("waiting").await;
    other.expect_left("next").await;
    other.next().await;
    other.expect("waiting").await;
    let mut third = crowd.nodes[1].client().await;
    third.join().await;
    let met = third.matched().await["room"].clone();
    let matched = either_matched(&mut one, &mut other).await;
    assert_eq!(matched["room"], met, "somebody else, and not each other");
}

#[tokio::test]
async fn the_holder_of_the_pool_dies_and_another_takes_its_place() {
    let mut crowd = Crowd::start(3, &[]).await;
    let holder = {
        let mut found = None;
        for (place, node) in crowd.nodes.iter().enumerate() {
            if node.metric("passerby_leases").await > 0.0 {
                found = Some(place);
            }
        }
        found.expect("somebody holds it")
    };
    let mut dead = crowd.nodes.remove(holder);
    dead.kill();
    crowd.all_meet().await;
    let (mut one, mut other) = crowd.pair().await;
    talk(&mut one, &mut other, "still here").await;
}
