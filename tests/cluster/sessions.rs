//! Sessions that move: their clients come back elsewhere, their nodes stop or die.

use std::time::Duration;

use futures_util::future::join_all;

use super::client::Client;
use super::crowd::{Crowd, hear_after_news, talk, until};
use super::memory::Memory;
use super::nats::NatsServer;
use super::proxy::{Proxy, Way};
use super::server::{DEADLINE, Server};

const HANDOVERS: &str = "passerby_handovers_total";

pub fn handovers(outcome: &str) -> String {
    format!(r#"{HANDOVERS}{{outcome="{outcome}"}}"#)
}

/// Comes back; `None` where it is told to try again later.
pub async fn try_to_come_back(memory: &Memory, server: &Server) -> Option<Client> {
    let (mut seen, seq) = (memory.seen.clone(), memory.seen.last_seq());
    seen.resumes(Some(seq));
    let offer = format!("passerby.v1, resume.{}.{seq}", memory.token);
    Client::try_open(server.public(), "/ws", Some(&offer), seen).await
}

/// Comes back until the service can tell where the session is.
pub async fn come_back(memory: &Memory, server: &Server) -> Client {
    loop {
        match try_to_come_back(memory, server).await {
            Some(client) => return client,
            None => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// The room of the next `matched`, whatever comes of older ones.
async fn in_the_end_matched(client: &mut Client) -> String {
    loop {
        let message = client.receive().await;
        if message["type"] == "matched" {
            return message["room"].as_str().unwrap().to_owned();
        }
    }
}

#[tokio::test]
async fn a_client_comes_back_on_another_node_and_misses_nothing() {
    let crowd = Crowd::start(3, &[]).await;
    let (one, mut other) = crowd.pair().await;
    let memory = one.memory();
    drop(one);
    other.expect("peerAway").await;
    for number in 0..20 {
        other.say(&number.to_string()).await;
    }
    let mut one = memory.resume(&crowd.nodes[2]).await;
    assert!(one.resumed() && one.welcome["room"] == *other.room);
    for number in 0..20 {
        one.hear(&number.to_string()).await;
    }
    other.expect("peerBack").await;
    talk(&mut one, &mut other, "on the third").await;
    assert!(crowd.nodes[2].metric(&handovers("fetched")).await >= 1.0);
    assert!(crowd.nodes[0].metric(&handovers("given")).await >= 1.0);
}

#[tokio::test]
async fn the_older_connection_is_told_when_a_session_is_resumed_elsewhere() {
    let crowd = Crowd::start(2, &[]).await;
    let (mut one, mut other) = crowd.pair_on(0, 0).await;
    let mut newer = one.memory().resume(&crowd.nodes[1]).await;
    assert!(newer.resumed());
    assert_eq!(one.closed().await, Some(4002));
    talk(&mut newer, &mut other, "from elsewhere").await;
}

#[tokio::test]
async fn both_sides_move_and_still_hear_each_other() {
    let crowd = Crowd::start(3, &[]).await;
    let (one, other) = crowd.pair_on(0, 0).await;
    let (first, second) = (one.memory(), other.memory());
    drop((one, other));
    let (mut one, mut other) =
        tokio::join!(first.resume(&crowd.nodes[1]), second.resume(&crowd.nodes[2]));
    assert!(one.resumed() && other.resumed() && one.welcome["room"] == other.welcome["room"]);
    one.say("a").await;
    hear_after_news(&mut other, "a").await;
    other.say("b").await;
    hear_after_news(&mut one, "b").await;
}

#[tokio::test]
async fn who_waits_goes_on_waiting_elsewhere() {
    let crowd = Crowd::start(2, &[]).await;
    let mut one = crowd.nodes[0].client().await;
    one.join().await;
    one.expect("waiting").await;
    let memory = one.memory();
    drop(one);
    let mut one = memory.resume(&crowd.nodes[1]).await;
    assert!(one.welcome["waiting"] == true);
    let mut other = crowd.nodes[0].client().await;
    other.join().await;
    other.matched().await;
    one.matched().await;
    talk(&mut one, &mut other, "at last").await;
}

#[tokio::test]
async fn a_node_that_stops_hands_its_sessions_on() {
    let mut crowd = Crowd::start(3, &[]).await;
    let (mut one, mut other) = crowd.pair().await;
    crowd.nodes[0].signal("TERM");
    one.expect("goingAway").await;
    other.say("before").await;
    one.hear("before").await;
    // It does not go by itself: its node closes it, and hands its session on.
    assert_eq!(one.closed().await, Some(1001));
    let memory = one.memory();
    drop(one);
    assert!(crowd.nodes[0].ended().success());
    other.expect("peerAway").await;
    other.say("meanwhile").await;
    let mut one = memory.resume(&crowd.nodes[2]).await;
    assert!(one.resumed() && one.welcome["missed"].is_null());
    one.hear("meanwhile").await;
    other.expect("peerBack").await;
    talk(&mut one, &mut other, "after").await;
    let adopted = crowd.nodes[1].metric(&handovers("adopted")).await
        + crowd.nodes[2].metric(&handovers("adopted")).await;
    assert!(adopted >= 1.0);
}

#[tokio::test]
async fn nodes_that_stop_at_once_hand_all_to_the_one_that_stays() {
    let mut crowd = Crowd::start(3, &[]).await;
    let mut people = Vec::new();
    for _ in 0..10 {
        people.push(crowd.pair_on(0, 1).await);
    }
    for node in &crowd.nodes[..2] {
        node.signal("TERM");
    }
    let people = people.into_iter().flat_map(|(one, other)| [one, other]);
    let back = join_all(people.map(async |mut person| {
        assert_eq!(person.closed().await, Some(1001));
        let room = person.room.clone();
        (room, come_back(&person.memory(), &crowd.nodes[2]).await)
    }));
    for (room, person) in back.await {
        assert!(person.resumed() && person.welcome["room"] == *room, "{}", person.welcome);
        assert!(person.welcome["missed"].is_null());
    }
    for node in &mut crowd.nodes[..2] {
        assert!(node.ended().success());
    }
}

#[tokio::test]
async fn a_room_survives_a_machine_that_is_lost() {
    let mut crowd = Crowd::start(3, &["--grace-ms", "10000"]).await;
    let (one, mut other) = crowd.pair().await;
    let memory = one.memory();
    crowd.nodes[0].kill();
    drop(one);
    let mut one = come_back(&memory, &crowd.nodes[2]).await;
    assert!(one.resumed() && one.welcome["missed"] == true);
    assert_eq!(one.welcome["room"], *other.room);
    other.expect("peerAway").await;
    other.expect("peerBack").await;
    talk(&mut one, &mut other, "as if nothing had been").await;
    assert!(crowd.nodes[2].metric(&handovers("recovered")).await >= 1.0);
}

#[tokio::test]
async fn a_node_that_stood_still_brings_nobody_back_who_went_on() {
    let crowd = Crowd::start(2, &["--rematch-wait-ms", "0"]).await;
    let mut people = Vec::new();
    for _ in 0..20 {
        people.push(crowd.pair().await);
    }
    crowd.nodes[1].signal("STOP");
    // It hears nothing of their newer rooms, and takes the other node for lost.
    for (one, _) in &mut people {
        one.next().await;
    }
    for (one, _) in &mut people {
        one.matched().await;
    }
    crowd.nodes[0].metric_becomes("passerby_cluster_nodes", 1.0).await;
    let (ones, _others): (Vec<_>, Vec<_>) = people.into_iter().unzip();
    let back = join_all(ones.into_iter().map(|one| async {
        let (memory, room) = (one.memory(), one.room.clone());
        drop(one);
        let one = come_back(&memory, &crowd.nodes[1]).await;
        assert!(one.resumed());
        assert_eq!(one.welcome["room"], *room, "the newer one");
    }));
    let wake = async {
        // When it wakes up, they wait for it.
        tokio::time::sleep(Duration::from_millis(300)).await;
        crowd.nodes[1].signal("CONT");
    };
    tokio::join!(back, wake);
}

#[tokio::test]
async fn a_node_that_stood_still_adopts_nobody_who_went_on() {
    let mut crowd = Crowd::start(3, &["--rematch-wait-ms", "0"]).await;
    let mut people = Vec::new();
    for _ in 0..4 {
        people.extend(<[_; 2]>::from(crowd.pair_on(0, 0).await));
    }
    // Half of them are to go there.
    crowd.nodes[1].signal("STOP");
    crowd.nodes[0].signal("TERM");
    let memories: Vec<_> = people.iter().map(Client::memory).collect();
    for person in &mut people {
        assert_eq!(person.closed().await, Some(1001));
    }
    assert!(crowd.nodes[0].ended().success());
    let back = memories.iter().map(|memory| come_back(memory, &crowd.nodes[2]));
    let mut people = join_all(back).await;
    for person in &mut people {
        assert!(person.resumed());
        person.room = person.welcome["room"].as_str().unwrap().to_owned();
        person.next().await;
    }
    for person in &mut people {
        person.room = in_the_end_matched(person).await;
    }
    crowd.nodes[1].signal("CONT");
    crowd.nodes[2].metric_becomes("passerby_cluster_nodes", 2.0).await;
    for person in people {
        let (memory, room) = (person.memory(), person.room.clone());
        drop(person);
        let person = come_back(&memory, &crowd.nodes[1]).await;
        assert!(person.resumed());
        assert_eq!(person.welcome["room"], *room, "the newer one");
    }
}

#[tokio::test]
async fn who_went_to_another_node_unconfirmed_is_not_also_taken_up_again() {
    let nats = NatsServer::start();
    let proxy = Proxy::start(nats.address()).await;
    let flags = ["--secret", "the same", "--drain-ms", "0", "--rematch-wait-ms", "0"];
    let [by_proxy, direct] = [proxy.url(), nats.url()]
        .map(|url| [&["--cluster-url".to_owned(), url][..], &flags.map(String::from)].concat());
    let [by_proxy, direct] =
        [&by_proxy, &direct].map(|flags| flags.iter().map(String::as_str).collect::<Vec<_>>());
    let (mut first, second) = (Server::start(&by_proxy), Server::start(&direct));
    for node in [&first, &second] {
        node.metric_becomes("passerby_cluster_nodes", 2.0).await;
    }
    let pair = <[_; 2]>::from(first.pair().await);
    let memories = pair.each_ref().map(Client::memory);
    drop(pair);
    proxy.set(Way::Mute);
    first.signal("TERM");
    assert!(first.ended().success());
    let mut people = Vec::new();
    for memory in &memories {
        let mut person = come_back(memory, &second).await;
        assert!(person.resumed());
        person.room = person.welcome["room"].as_str().unwrap().to_owned();
        people.push(person);
    }
    for person in &mut people {
        person.next().await;
    }
    proxy.set(Way::Open);
    let next = first.successor(&by_proxy);
    for mut person in people {
        let room = in_the_end_matched(&mut person).await;
        let memory = person.memory();
        drop(person);
        let person = come_back(&memory, &next).await;
        assert!(person.resumed());
        assert_eq!(person.welcome["room"], *room, "the newer one");
    }
}

#[tokio::test]
async fn nobody_gets_a_fresh_session_while_a_lost_node_may_still_have_the_old_one() {
    let mut crowd = Crowd::start(2, &["--grace-ms", "3000"]).await;
    let (one, other) = crowd.pair_on(0, 0).await;
    let memory = one.memory();
    crowd.nodes[0].kill();
    drop((one, other));
    let began = std::time::Instant::now();
    assert!(try_to_come_back(&memory, &crowd.nodes[1]).await.is_none(), "1013");
    let one = come_back(&memory, &crowd.nodes[1]).await;
    assert!(!one.resumed(), "in the end");
    assert!(began.elapsed() >= Duration::from_secs(3), "after the grace: {:?}", began.elapsed());
    assert!(crowd.nodes[1].metric(&handovers("unreachable")).await >= 1.0);
}

#[tokio::test]
async fn who_went_down_with_a_later_node_gets_a_fresh_session_after_the_grace() {
    let mut crowd = Crowd::start(3, &["--grace-ms", "3000"]).await;
    let memory = crowd.nodes[0].client().await.memory();
    let one = memory.resume(&crowd.nodes[1]).await;
    assert!(one.resumed());
    let memory = one.memory();
    // Its first node hears that it arrived, and does not have it any more: else it would
    // rightly bring it back.
    let adopted = r#"passerby_cluster_letters_total{kind="adopted"}"#;
    until(|| async { crowd.nodes[1].metric(adopted).await >= 1.0 }).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    crowd.nodes[1].kill();
    drop(one);
    // Its first node knows for a minute that it went there.
    let one = tokio::time::timeout(DEADLINE, come_back(&memory, &crowd.nodes[2])).await;
    assert!(!one.expect("in the end").resumed());
}

#[tokio::test]
async fn what_is_no_token_of_the_service_is_not_asked_for() {
    let crowd = Crowd::start(2, &[]).await;
    for token in ["abc", &"0".repeat(72)] {
        let client = Memory::of(token).resume(&crowd.nodes[0]).await;
        assert!(!client.resumed());
    }
    assert!(crowd.nodes[0].metric(r#"passerby_cluster_letters_total{kind="ask"}"#).await < 0.5);
}
