//! Nodes that stand still and go on: what others did meanwhile holds.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::client::Client;
use super::crowd::{Crowd, talk};
use super::memory::Memory;
use super::server::Server;
use super::sessions::{come_back, handovers};

/// A node is taken for lost when it was silent for longer.
const LOST: Duration = Duration::from_secs(4);

/// Sends a handshake that nobody answers, and goes.
async fn give_up_at(server: &Server, memory: &Memory) {
    let mut stream = TcpStream::connect(server.public()).await.unwrap();
    let handshake = format!(
        "GET /ws HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: passerby.v1, resume.{}\r\n\r\n",
        server.public(),
        memory.token
    );
    stream.write_all(handshake.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn what_a_stopped_node_has_gives_way_to_what_was_brought_back() {
    let crowd = Crowd::start(3, &["--rematch-wait-ms", "0"]).await;
    let mut people = Vec::new();
    for _ in 0..12 {
        people.push(crowd.pair_on(1, 0).await);
    }
    crowd.nodes[1].signal("STOP");
    let mut firsts = Vec::new();
    for (turn, (one, _)) in people.iter_mut().enumerate() {
        // It reads that when it goes on.
        one.send(json!({ "type": if turn % 2 == 0 { "leave" } else { "next" } })).await;
        firsts.push(one.memory());
    }
    let (ones, others): (Vec<_>, Vec<_>) = people.into_iter().unzip();
    drop(ones);
    // Else it would be asked for them, and read that when it goes on.
    crowd.nodes[0].metric_becomes("passerby_cluster_nodes", 2.0).await;
    crowd.nodes[2].metric_becomes("passerby_cluster_nodes", 2.0).await;
    let back = firsts.iter().map(|memory| come_back(memory, &crowd.nodes[2]));
    let mut back = join_all(back).await;
    for (one, other) in back.iter().zip(&others) {
        assert!(one.resumed() && one.welcome["missed"] == true);
        assert_eq!(one.welcome["room"], *other.room);
    }
    // They are gone again when it goes on, and come back there, some with the token that
    // names it.
    let mut memories = Vec::new();
    for (turn, (one, first)) in back.drain(..).zip(&firsts).enumerate() {
        let memory = one.drop_connection();
        let token = if turn % 3 == 0 { first.token.clone() } else { memory.token };
        memories.push(Memory { token, seen: memory.seen });
    }
    sleep(Duration::from_millis(300)).await;
    crowd.nodes[1].signal("CONT");
    sleep(Duration::from_millis(1500)).await;
    let again = join_all(memories.iter().map(|memory| come_back(memory, &crowd.nodes[1]))).await;
    for (mut one, mut other) in again.into_iter().zip(others) {
        assert!(one.resumed());
        assert_eq!(one.welcome["room"], *other.room);
        one.say("still here").await;
        loop {
            let message = other.receive().await;
            match message["type"].as_str().unwrap() {
                "chat" => break,
                "peerAway" | "peerBack" | "online" => (),
                kind => panic!("{kind} came"),
            }
        }
    }
}

#[tokio::test]
async fn a_node_that_goes_on_finds_the_sessions_of_others() {
    let crowd = Crowd::start(3, &[]).await;
    let mut people = Vec::new();
    for turn in 0..8 {
        people.push(crowd.nodes[turn % 2 * 2].client().await);
    }
    crowd.nodes[1].signal("STOP");
    crowd.nodes[0].metric_becomes("passerby_cluster_nodes", 2.0).await;
    sleep(LOST).await;
    let memories: Vec<_> = people.drain(..).map(Client::drop_connection).collect();
    let wake = async {
        // When it goes on, they wait for it.
        sleep(Duration::from_millis(500)).await;
        crowd.nodes[1].signal("CONT");
    };
    let back = join_all(memories.iter().map(|memory| come_back(memory, &crowd.nodes[1])));
    let (back, ()) = tokio::join!(back, wake);
    for person in back {
        assert!(person.resumed());
    }
}

#[tokio::test]
async fn a_handshake_that_was_given_up_takes_no_session_away() {
    let crowd = Crowd::start(2, &[]).await;
    let (mut one, mut other) = crowd.pair_on(0, 0).await;
    crowd.nodes[1].signal("STOP");
    give_up_at(&crowd.nodes[1], &one.memory()).await;
    sleep(Duration::from_millis(300)).await;
    crowd.nodes[1].signal("CONT");
    // It takes connections one after the other.
    crowd.nodes[1].client().await.answered().await;
    sleep(Duration::from_millis(300)).await;
    talk(&mut one, &mut other, "where we were").await;
    assert!(crowd.nodes[0].metric(&handovers("given")).await < 0.5);
}

#[tokio::test]
async fn who_drops_from_a_node_long_lost_has_the_whole_grace_also_with_a_newcomer() {
    const GRACE: Duration = Duration::from_secs(3);
    let crowd = Crowd::start(2, &["--grace-ms", "3000"]).await;
    let people = [crowd.nodes[0].client().await, crowd.nodes[0].client().await];
    crowd.nodes[0].signal("STOP");
    crowd.nodes[1].metric_becomes("passerby_cluster_nodes", 1.0).await;
    let newcomer = crowd.another();
    newcomer.metric_becomes("passerby_cluster_nodes", 2.0).await;
    // The loss is older than the grace, and so is the newcomer.
    sleep(GRACE + Duration::from_millis(500)).await;
    let memories = people.map(Client::drop_connection);
    let dropped = Instant::now();
    let back = memories.iter().zip([&crowd.nodes[1], &newcomer]);
    let back = join_all(back.map(async |(memory, node)| {
        let client = come_back(memory, node).await;
        (client.resumed(), dropped.elapsed())
    }));
    for (resumed, after) in back.await {
        assert!(!resumed && after >= GRACE, "resumed {resumed} after {after:?}");
    }
    crowd.nodes[0].signal("CONT");
}
