//! The client against a server of paper.

use stun_types::attribute::{AttributeWrite, Nonce, Realm};
use stun_types::message::{
    IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials, MessageWrite, MessageWriteExt,
    MessageWriteVec, Method,
};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, REFRESH};

use super::*;

const RELAYED: &str = "198.51.100.1:50000";
const PEER: &str = "203.0.113.9:4000";

/// A client with a server that says what it is told to.
struct Paper {
    client: RelayClient,
    now: Instant,
}

impl Paper {
    fn new(reliable: bool) -> Self {
        let credentials = Credentials { username: "u".into(), password: "p".into() };
        let now = Instant::now();
        Self { client: RelayClient::new(credentials, reliable, now), now }
    }

    /// One whose allocation stands for so many seconds.
    fn relaying(seconds: u32) -> Self {
        let mut paper = Self::new(false);
        let asked = paper.next(ALLOCATE);
        paper.challenge(&asked, 401);
        let asked = paper.next(ALLOCATE);
        assert_eq!(paper.allocate(&asked, seconds), Heard::Relaying(RELAYED.parse().unwrap()));
        paper
    }

    /// The next frame, which must be a request.
    fn next(&mut self, method: Method) -> Vec<u8> {
        let frame = self.client.poll_frame().expect("a request");
        assert_eq!(Message::from_bytes(&frame).unwrap().method(), method);
        frame
    }

    fn challenge(&mut self, request: &[u8], code: u16) {
        let request = Message::from_bytes(request).unwrap();
        let mut answer = Message::builder_error(&request, MessageWriteVec::new());
        answer.add_attribute(&ErrorCode::builder(code).build().unwrap()).unwrap();
        answer.add_attribute(&Realm::new("realm").unwrap()).unwrap();
        answer.add_attribute(&Nonce::new("nonce").unwrap()).unwrap();
        assert_eq!(self.client.hear(&answer.finish(), self.now), Heard::Nothing);
    }

    fn succeed(&mut self, request: &[u8], parts: &[&dyn AttributeWrite], password: &str) -> Heard {
        let request = Message::from_bytes(request).unwrap();
        let mut answer = Message::builder_success(&request, MessageWriteVec::new());
        parts.iter().for_each(|part| answer.add_attribute(*part).unwrap());
        let key = key(password);
        answer.add_message_integrity_with_key(&key, IntegrityAlgorithm::Sha1).unwrap();
        self.client.hear(&answer.finish(), self.now)
    }

    fn allocate(&mut self, request: &[u8], seconds: u32) -> Heard {
        let id = Message::from_bytes(request).unwrap().transaction_id();
        let relayed = XorRelayedAddress::new(RELAYED.parse().unwrap(), id);
        self.succeed(request, &[&relayed, &Lifetime::new(seconds)], "p")
    }

    fn send(&mut self, packet: &[u8]) {
        self.client.send(PEER.parse().unwrap(), packet, self.now);
    }

    /// Lets the time come that the client waits for.
    fn pass(&mut self) {
        self.now = self.client.due().expect("it waits for something");
        self.client.tick(self.now);
    }
}

fn key(password: &str) -> IntegrityKey {
    LongTermKeyCredentials::new("u".into(), password.into(), "realm".into())
        .make_key(IntegrityAlgorithm::Sha1)
}

fn lifetime(frame: &[u8]) -> u32 {
    Message::from_bytes(frame).unwrap().attribute::<Lifetime>().unwrap().seconds()
}

#[test]
fn requests_are_signed_for_the_realm_that_asks_for_it() {
    let mut paper = Paper::new(false);
    let first = paper.next(ALLOCATE);
    assert!(Message::from_bytes(&first).unwrap().attribute::<Realm>().is_err());
    paper.challenge(&first, 401);
    let second = paper.next(ALLOCATE);
    Message::from_bytes(&second).unwrap().validate_integrity_with_key(&key("p")).unwrap();
}

#[test]
fn an_answer_that_somebody_else_signed_is_as_if_it_had_not_come() {
    let mut paper = Paper::new(false);
    let asked = paper.next(ALLOCATE);
    assert_eq!(paper.allocate(&asked, 600), Heard::Nothing, "there is no key yet");
    paper.challenge(&asked, 401);
    let asked = paper.next(ALLOCATE);
    assert_eq!(paper.succeed(&asked, &[], "q"), Heard::Nothing);
    assert_eq!(paper.client.standing(), Standing::Asking);
    assert_ne!(paper.allocate(&asked, 600), Heard::Nothing);
}

#[test]
fn wrong_credentials_are_not_tried_for_ever() {
    for code in [401, 438] {
        let mut paper = Paper::new(false);
        let mut tries = 0;
        while let Some(asked) = paper.client.poll_frame() {
            paper.challenge(&asked, if tries == 0 { 401 } else { code });
            tries += 1;
        }
        assert!(tries <= ATTEMPTS, "{tries}");
        let failed = Standing::Failed(RelayError::Refused(code));
        assert_eq!(paper.client.standing(), failed);
        assert_eq!(paper.client.due(), None);
    }
}

#[test]
fn a_server_that_does_not_answer_is_given_up() {
    for (reliable, sendings) in [(false, 7), (true, 1)] {
        let mut paper = Paper::new(reliable);
        let mut sent = 0;
        while paper.client.standing() == Standing::Asking {
            sent += std::iter::from_fn(|| paper.client.poll_frame()).count();
            paper.pass();
        }
        assert_eq!(
            (sent, paper.client.standing()),
            (sendings, Standing::Failed(RelayError::Silent))
        );
    }
}

#[test]
fn an_allocation_is_refreshed_before_it_ends_and_ended_at_last() {
    let mut paper = Paper::relaying(100);
    let begun = paper.now;
    for _ in 0..3 {
        let before = paper.now;
        paper.pass();
        assert!(paper.now - before < Duration::from_secs(100));
        let asked = paper.next(REFRESH);
        assert_eq!(lifetime(&asked), LIFETIME_SECONDS);
        paper.succeed(&asked, &[&Lifetime::new(100)], "p");
    }
    assert!(paper.now - begun > Duration::from_secs(200));
    let goodbye = paper.client.goodbye().unwrap();
    assert_eq!(lifetime(&goodbye), 0);
    let mut paper = Paper::new(false);
    assert!(paper.client.goodbye().is_none(), "there is none to end");
    let asked = paper.next(ALLOCATE);
    paper.challenge(&asked, 401);
    assert_eq!(lifetime(&paper.client.goodbye().unwrap()), 0, "it may have been made");
}

#[test]
fn a_stale_nonce_is_replaced_and_the_allocation_stays() {
    let mut paper = Paper::relaying(600);
    paper.pass();
    let asked = paper.next(REFRESH);
    paper.challenge(&asked, 438);
    let asked = paper.next(REFRESH);
    paper.succeed(&asked, &[&Lifetime::new(600)], "p");
    assert!(matches!(paper.client.standing(), Standing::Relaying(..)));
}

#[test]
fn packets_go_out_on_a_channel_once_it_is_bound_and_come_in_by_both_ways() {
    let mut paper = Paper::relaying(600);
    paper.send(b"one");
    let asked = paper.next(CHANNEL_BIND);
    paper.send(b"two");
    assert_eq!(paper.client.poll_frame(), None);
    paper.succeed(&asked, &[], "p");
    paper.send(b"three");
    let out: Vec<_> = std::iter::from_fn(|| paper.client.poll_frame()).collect();
    assert_eq!(out, [framed(0x4000, b"one"), framed(0x4000, b"two"), framed(0x4000, b"three")]);
    let peer: SocketAddr = PEER.parse().unwrap();
    let heard = paper.client.hear(&framed(0x4000, b"echo"), paper.now);
    assert_eq!(heard, Heard::Data(peer, b"echo".to_vec()));
    assert_eq!(paper.client.hear(&framed(0x4001, b"echo"), paper.now), Heard::Nothing);
    let mut message = Message::builder_indication(DATA, MessageWriteVec::new());
    let from = XorPeerAddress::new(peer, message.transaction_id());
    message.add_attribute(&from).unwrap();
    message.add_attribute(&Data::new(b"told")).unwrap();
    let heard = paper.client.hear(&message.finish(), paper.now);
    assert_eq!(heard, Heard::Data(peer, b"told".to_vec()));
}

#[test]
fn a_peer_that_the_relay_does_not_reach_costs_only_itself() {
    let mut paper = Paper::relaying(600);
    paper.send(b"one");
    let asked = paper.next(CHANNEL_BIND);
    paper.challenge(&asked, 403);
    paper.send(b"two");
    assert_eq!(paper.client.poll_frame(), None);
    assert!(matches!(paper.client.standing(), Standing::Relaying(..)));
}

#[test]
fn rubbish_is_passed_over() {
    let mut paper = Paper::relaying(600);
    for bytes in [&b""[..], &[0x40], &[0x40, 0, 0, 9, 1], &[0; 20], &[0xff; 50], b"GET / HTTP"] {
        assert_eq!(paper.client.hear(bytes, paper.now), Heard::Nothing);
    }
}
