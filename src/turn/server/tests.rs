//! What runs out, in virtual time: a client talks to the server without a
//! socket of its own.

use std::net::SocketAddr;
use std::time::Duration;

use stun_types::attribute::{Nonce, Realm, Username};
use stun_types::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, MessageWrite, MessageWriteExt, MessageWriteVec,
    Method,
};
use tokio::time::advance;
use turn_types::attribute::{ChannelNumber, Lifetime, RequestedTransport, XorPeerAddress};

use super::*;
use crate::guard::limiter::Allowance;
use crate::metrics::Transport;
use crate::turn::authority::Account;
use crate::turn::client::Sink;
use crate::turn::outbox::Outbox;
use crate::turn::peers::Home;

const REALM: &str = "realm";
const CLIENT: ([u8; 4], u16) = ([192, 0, 2, 1], 4000);

struct Anybody;

impl Authority for Anybody {
    fn account(&self, username: &str) -> Option<Account> {
        let password = "password".to_owned();
        Some(Account { password, name: username.to_owned(), expired: false })
    }
}

/// A server on the loopback and its only client.
pub(in crate::turn) struct World {
    pub server: Arc<Server>,
    pub client: Client,
    outbox: Arc<Outbox>,
    nonce: String,
}

impl World {
    pub(in crate::turn) fn new() -> Self {
        let unauthenticated = Allowance { burst: 100, every: Duration::ZERO };
        let limits =
            Limits { allocations: 9, per_session: 1, bytes_per_second: 1, unauthenticated };
        let home = Home { bound: [127, 0, 0, 1].into(), external: [127, 0, 0, 1].into() };
        let ports = 49152..=65535;
        let server = Server {
            clock: Clock::start(),
            realm: REALM.to_owned(),
            limits,
            authority: Arc::new(Anybody),
            metrics: Arc::default(),
            nonces: Nonces::new([1; 32]),
            homes: Homes::new(&[home], &ports),
            peers: Peers::new(vec![], vec![home], &[home.bound], ports),
            allocations: Allocations::new(&limits),
            reservations: Mutex::default(),
            flood: Flood::new(unauthenticated).into(),
            crowd: Crowd::new(0).into(),
        };
        let outbox = Arc::new(Outbox::default());
        let tuple = FiveTuple { listener: 0, address: CLIENT.into(), stream: 1 };
        let sink = Sink::Stream(outbox.clone());
        let client = Client { tuple, transport: Transport::Tcp, sink };
        let mut world = Self { server: Arc::new(server), client, outbox, nonce: String::new() };
        world.renew_nonce();
        world
    }

    fn renew_nonce(&mut self) {
        self.nonce = self.server.nonces.issue(CLIENT.into(), self.server.clock.now());
    }

    /// The code of the answer to a request, or 0.
    async fn ask(&self, method: Method, attributes: &[&dyn AttributeWrite]) -> u16 {
        let message = Message::builder_request(method, MessageWriteVec::new());
        self.exchange(message, attributes).await
    }

    async fn exchange(
        &self,
        mut message: MessageWriteVec,
        attributes: &[&dyn AttributeWrite],
    ) -> u16 {
        attributes.iter().for_each(|attribute| message.add_attribute(*attribute).unwrap());
        message.add_attribute(&Username::new("name").unwrap()).unwrap();
        message.add_attribute(&Realm::new(REALM).unwrap()).unwrap();
        message.add_attribute(&Nonce::new(&self.nonce).unwrap()).unwrap();
        let credentials =
            LongTermKeyCredentials::new("name".into(), "password".into(), REALM.into());
        let key = credentials.make_key(IntegrityAlgorithm::Sha1);
        message.add_message_integrity_with_key(&key, IntegrityAlgorithm::Sha1).unwrap();
        self.server.receive(&self.client.tuple, &message.finish(), || self.client.clone());
        let mut answer = Vec::new();
        assert!(self.outbox.next(&mut answer).await);
        let answer = Message::from_bytes(&answer).unwrap();
        answer.attribute::<ErrorCode>().map_or(0, |error| error.code())
    }

    pub(in crate::turn) async fn allocate(&self) {
        let udp = RequestedTransport::new(RequestedTransport::UDP);
        assert_eq!(self.ask(ALLOCATE, &[&udp]).await, 0);
    }

    /// The code of the answer to the binding of the first channel.
    async fn bind(&self, peer: SocketAddr) -> u16 {
        let message = Message::builder_request(CHANNEL_BIND, MessageWriteVec::new());
        let peer = XorPeerAddress::new(peer, message.transaction_id());
        self.exchange(message, &[&ChannelNumber::new(0x4000), &peer]).await
    }

    fn standing(&self) -> bool {
        let text = self.server.metrics.render().unwrap();
        text.contains("passerby_turn_allocations{transport=\"tcp\"} 1\n")
    }
}

/// Lets as much time pass, and the tasks see it.
async fn pass(seconds: u64) {
    advance(Duration::from_secs(seconds)).await;
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_allocation_runs_out_unless_it_is_refreshed() {
    let world = World::new();
    world.allocate().await;
    pass(599).await;
    assert!(world.standing());
    assert_eq!(world.ask(REFRESH, &[&Lifetime::new(700)]).await, 0);
    pass(699).await;
    assert!(world.standing());
    pass(2).await;
    assert!(!world.standing(), "its task closed it");
    assert_eq!(world.ask(REFRESH, &[]).await, 437);
    world.allocate().await;
}

#[tokio::test(start_paused = true)]
async fn a_nonce_runs_out_and_the_allocation_stays() {
    let mut world = World::new();
    world.allocate().await;
    assert_eq!(world.ask(REFRESH, &[&Lifetime::new(3600)]).await, 0);
    pass(3590).await;
    assert_eq!(world.ask(REFRESH, &[&Lifetime::new(3600)]).await, 0);
    pass(20).await;
    assert_eq!(world.ask(REFRESH, &[&Lifetime::new(3600)]).await, 438);
    world.renew_nonce();
    assert_eq!(world.ask(REFRESH, &[&Lifetime::new(3600)]).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_channel_runs_out() {
    let world = World::new();
    world.allocate().await;
    world.ask(REFRESH, &[&Lifetime::new(3600)]).await;
    let peers: [SocketAddr; 2] = [([127, 0, 0, 1], 1).into(), ([127, 0, 0, 1], 2).into()];
    assert_eq!(world.bind(peers[0]).await, 0);
    pass(599).await;
    assert_eq!(world.bind(peers[1]).await, 400);
    pass(2).await;
    assert_eq!(world.bind(peers[1]).await, 0);
}
