//! Rule 3: order holds within a room, and at its begin and end.

use futures_util::future::join_all;
use serde_json::json;

use super::client::Client;
use super::server::Server;

const CHATS: usize = 2000;

async fn say_many(client: &mut Client) {
    for number in 0..CHATS {
        client.say(&number.to_string()).await;
    }
}

async fn hear_many(client: &mut Client) {
    for number in 0..CHATS {
        client.hear(&number.to_string()).await;
    }
}

#[tokio::test]
async fn rule_3_what_both_sides_send_at_once_arrives_in_order() {
    let server = Server::start(&["--workers", "2"]);
    let (mut one, mut other) = server.pair().await;
    tokio::join!(say_many(&mut one), say_many(&mut other));
    tokio::join!(hear_many(&mut one), hear_many(&mut other));
}

#[tokio::test]
async fn rule_3_peer_left_comes_after_all_that_was_sent() {
    for end in ["next", "leave", "close"] {
        let server = Server::start(&[]);
        let (mut one, mut other) = server.pair().await;
        say_many(&mut one).await;
        let reason = match end {
            "next" => {
                one.next().await;
                "next"
            }
            "leave" => {
                one.send(json!({"type": "leave"})).await;
                "left"
            }
            _ => {
                one.close(1000).await;
                "left"
            }
        };
        hear_many(&mut other).await;
        other.expect_left(reason).await;
    }
}

/// Everybody speaks in the moment of `matched`. The clients themselves notice a
/// message that comes before their own `matched`.
#[tokio::test]
async fn rule_3_a_first_partners_signal_does_not_overtake_the_seconds_matched() {
    const PEOPLE: usize = 40;
    const ROUNDS: usize = 20;
    let server = Server::start(&["--workers", "4", "--rematch-wait-ms", "0"]);
    let mut people = join_all((0..PEOPLE).map(|_| server.client())).await;
    for _ in 0..ROUNDS {
        join_all(people.iter_mut().map(meet_speak_and_part)).await;
    }
    let rooms = (PEOPLE / 2 * ROUNDS) as f64;
    server.metric_becomes("passerby_pairs_total{mode=\"video\"}", rooms).await;
}

async fn meet_speak_and_part(person: &mut Client) {
    person.join().await;
    person.matched().await;
    person.say("first").await;
    person.hear("first").await;
    if person.role == "offerer" {
        person.send(json!({"type": "leave"})).await;
        person.expect("idle").await;
    } else {
        person.expect_left("left").await;
    }
}
