//! NATS goes away, and comes back.

use super::crowd::{Crowd, talk};
use super::server::get;

#[tokio::test]
async fn without_nats_nodes_pair_their_own_people_and_rooms_across_go_on_after() {
    let mut crowd = Crowd::start(2, &[]).await;
    let (mut one, mut other) = crowd.pair().await;
    crowd.nats.kill();
    for node in &crowd.nodes {
        node.metric_becomes("passerby_cluster_reached", 0.0).await;
        assert_eq!(get(node.nodes()[0].ops, "/readyz").await.0, 200);
        let (mut here, mut too) = node.pair().await;
        talk(&mut here, &mut too, "on one node").await;
    }
    let mut lonely = [crowd.nodes[0].client().await, crowd.nodes[1].client().await];
    for client in &mut lonely {
        client.join().await;
        client.expect("waiting").await;
    }
    one.say("into the void").await;
    one.say("and again").await;
    // With nothing of what it had in memory.
    crowd.nats.restart_empty();
    other.hear("into the void").await;
    other.hear("and again").await;
    talk(&mut one, &mut other, "and back").await;
    for client in &mut lonely {
        client.matched().await;
    }
    let [first, second] = &mut lonely;
    talk(first, second, "found each other").await;
}
