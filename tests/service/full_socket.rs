//! Rule 6: messages that a full socket did not take were never handed to the
//! network, whatever the service had in mind for them.

use serde_json::json;

use super::client::Client;
use super::memory::Memory;
use super::raw::Raw;
use super::server::Server;

/// So many messages wait that a socket which had room would have taken some.
const BEHIND: f64 = 6.0;

/// One who has stopped reading, and whose socket is full.
struct Deaf {
    raw: Raw,
    memory: Memory,
    partner: Client,
    /// The number of the newest message.
    last: u64,
}

impl Deaf {
    async fn in_a_room(server: &Server) -> Self {
        let (mut raw, welcome) = Raw::resume(server, "none", "").await;
        raw.say(r#"{"type":"join"}"#).await;
        assert_eq!(raw.numbered().await["type"], "waiting");
        let mut partner = server.client().await;
        partner.join().await;
        partner.matched().await;
        let memory = Memory::of(welcome["resume"].as_str().unwrap());
        let mut deaf = Self { raw, memory, partner, last: 2 };
        while deaf.last as f64 - deaf.taken_at_last(server).await < BEHIND {
            let sdp = "x".repeat(60_000);
            deaf.partner.signal(json!({"type": "createOffer", "sdp": sdp})).await;
            deaf.partner.answered().await;
            deaf.last += 1;
        }
        deaf
    }

    /// The same when nothing is on its way between two nodes any more.
    async fn taken_at_last(&mut self, server: &Server) -> f64 {
        let taken = self.taken(server).await;
        if self.last as f64 - taken >= BEHIND {
            self.partner.nothing_came().await;
        }
        self.taken(server).await
    }

    /// The number of the newest message that the service gave to the socket.
    async fn taken(&self, server: &Server) -> f64 {
        2.0 + server.metric("passerby_forward_latency_seconds_count").await
    }
}

/// Takes all up to `last`; the number of the first.
async fn first_of_all(back: &mut Client, last: u64) -> u64 {
    let first = back.expect("createOffer").await["seq"].as_u64().unwrap();
    for _ in first..last {
        back.expect("createOffer").await;
    }
    assert_eq!(back.last_seq(), last);
    back.nothing_came().await;
    first
}

#[tokio::test]
async fn rule_6_what_it_did_not_take_is_sent_to_one_who_names_no_number() {
    let server = Server::start(&[]);
    let deaf = Deaf::in_a_room(&server).await;
    let taken = deaf.taken(&server).await;
    drop(deaf.raw);
    let mut partner = deaf.partner;
    partner.expect("peerAway").await;
    let mut back = deaf.memory.reload(&server).await;
    let first = first_of_all(&mut back, deaf.last).await;
    assert!(first as f64 <= taken, "{first} is the first, but {taken} went only in part");
}

#[tokio::test]
async fn rule_6_what_it_did_not_take_is_sent_to_one_who_takes_the_session_over() {
    let server = Server::start(&[]);
    let mut deaf = Deaf::in_a_room(&server).await;
    let taken = deaf.taken(&server).await;
    let mut back = deaf.memory.reload(&server).await;
    let first = first_of_all(&mut back, deaf.last).await;
    assert!(first as f64 <= taken, "{first} is the first, but {taken} went only in part");
    server.metric_becomes("passerby_closes_total{code=\"4002\"}", 1.0).await;
    deaf.partner.nothing_came().await;
    drop(deaf.raw);
    back.say("all of it").await;
    deaf.partner.hear("all of it").await;
}
