//! A typed client of the relay.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use stun_types::attribute::{
    AttributeFromRaw, AttributeStaticType, AttributeWrite, ErrorCode, Nonce, Realm, Username,
};
use stun_types::message::{
    IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials, Message, MessageClass, MessageWrite,
    MessageWriteExt, MessageWriteVec, Method, TransactionId,
};
use tokio::time::timeout;
use turn_types::attribute::{
    ChannelNumber, Data, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress,
};
use turn_types::channel::ChannelData;
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, DATA, REFRESH, SEND};

use crate::running::{DEADLINE, REALM, password};
use crate::wire::Wire;

/// What a request holds beside its credentials.
pub enum Part {
    /// XOR-PEER-ADDRESS, which depends on the transaction.
    Peer(SocketAddr),
    /// Any other attribute.
    Other(Box<dyn AttributeWrite>),
}

impl<A: AttributeWrite + 'static> From<A> for Part {
    fn from(attribute: A) -> Self {
        Self::Other(Box::new(attribute))
    }
}

/// What an Allocate needs.
pub fn udp() -> Part {
    RequestedTransport::new(RequestedTransport::UDP).into()
}

/// LIFETIME.
pub fn lifetime(seconds: u32) -> Part {
    Lifetime::new(seconds).into()
}

/// A client, which asks for its nonce when it needs one.
pub struct Client {
    pub wire: Wire,
    pub username: String,
    pub key: IntegrityKey,
    pub nonce: Option<String>,
    /// What came in while something else was waited for.
    waiting: VecDeque<Vec<u8>>,
}

impl Client {
    /// One by UDP.
    pub async fn udp(server: SocketAddr, username: &str) -> Self {
        Self::over(Wire::udp(server).await, username)
    }

    /// One by TCP.
    pub async fn tcp(server: SocketAddr, username: &str) -> Self {
        Self::over(Wire::tcp(server).await, username)
    }

    /// One over what is there.
    pub fn over(wire: Wire, username: &str) -> Self {
        let key = key(username, &password(username));
        let (username, waiting) = (username.to_owned(), VecDeque::new());
        Self { wire, username, key, nonce: None, waiting }
    }

    /// A request as it is sent, with credentials.
    pub fn signed(&self, method: Method, parts: &[Part]) -> Vec<u8> {
        let mut message = unsigned(method, parts);
        message.add_attribute(&Username::new(&self.username).unwrap()).unwrap();
        message.add_attribute(&Realm::new(REALM).unwrap()).unwrap();
        let nonce = self.nonce.as_deref().unwrap_or("none");
        message.add_attribute(&Nonce::new(nonce).unwrap()).unwrap();
        message.add_message_integrity_with_key(&self.key, IntegrityAlgorithm::Sha1).unwrap();
        message.finish()
    }

    /// Sends a request and takes its answer, which must be signed unless it is a
    /// challenge.
    pub async fn request(&mut self, method: Method, parts: &[Part]) -> Answer {
        if self.nonce.is_none() {
            let challenge = self.exchange(&unsigned(ALLOCATE, &[udp()]).finish()).await;
            self.nonce = Some(challenge.get::<Nonce>().nonce().to_owned());
        }
        let answer = self.exchange(&self.signed(method, parts)).await;
        if ![401, 438].contains(&answer.code()) {
            answer.message().validate_integrity_with_key(&self.key).expect("it is signed");
        }
        answer
    }

    /// Sends a request as it stands and takes its answer. The loopback
    /// loses no datagram of one that waits for its answer.
    pub async fn exchange(&mut self, request: &[u8]) -> Answer {
        let id = Message::from_bytes(request).unwrap().transaction_id();
        let answered = async {
            self.wire.send(request).await;
            loop {
                let frame = self.wire.receive().await;
                match Message::from_bytes(&frame) {
                    Ok(answer) if answer.is_response() && answer.transaction_id() == id => {
                        return Answer(frame);
                    }
                    _ => self.waiting.push_back(frame),
                }
            }
        };
        timeout(DEADLINE, answered).await.expect("an answer in time")
    }

    /// Allocates with further attributes, and must succeed.
    pub async fn allocate(&mut self, mut parts: Vec<Part>) -> SocketAddr {
        parts.insert(0, udp());
        let answer = self.request(ALLOCATE, &parts).await;
        assert_eq!(answer.code(), 0);
        answer.relayed()[0]
    }

    /// The code of a Refresh.
    pub async fn refresh(&mut self, seconds: u32) -> u16 {
        self.request(REFRESH, &[lifetime(seconds)]).await.code()
    }

    /// The code of a CreatePermission.
    pub async fn permit(&mut self, peers: &[SocketAddr]) -> u16 {
        let parts: Vec<_> = peers.iter().map(|peer| Part::Peer(*peer)).collect();
        self.request(CREATE_PERMISSION, &parts).await.code()
    }

    /// The code of a ChannelBind.
    pub async fn bind(&mut self, number: u16, peer: SocketAddr) -> u16 {
        let parts = [ChannelNumber::new(number).into(), Part::Peer(peer)];
        self.request(CHANNEL_BIND, &parts).await.code()
    }

    /// Sends data to a peer by an indication.
    pub async fn send_to(&mut self, peer: SocketAddr, data: &[u8]) {
        let writer = MessageWriteVec::new();
        let mut message = Message::builder_indication(SEND, writer);
        let peer = XorPeerAddress::new(peer, message.transaction_id());
        message.add_attribute(&peer).unwrap();
        message.add_attribute(&Data::new(data)).unwrap();
        self.wire.send(&message.finish()).await;
    }

    /// Sends data on a channel.
    pub async fn send_on(&mut self, number: u16, data: &[u8]) {
        let mut frame = vec![0; 4 + data.len()];
        ChannelData::new(number, data).write_into_unchecked(&mut frame);
        self.wire.send(&frame).await;
    }

    /// The next data that comes in.
    pub async fn hear(&mut self) -> Heard {
        let frame = match self.waiting.pop_front() {
            Some(frame) => frame,
            None => timeout(DEADLINE, self.wire.receive()).await.expect("data in time"),
        };
        if let Ok(data) = ChannelData::parse(&frame) {
            return Heard::On(data.id(), data.data().to_vec());
        }
        let message = Message::from_bytes(&frame).unwrap();
        assert!(message.has_class(MessageClass::Indication) && message.has_method(DATA));
        let peer = message.attribute::<XorPeerAddress>().unwrap().addr(message.transaction_id());
        Heard::From(peer, message.attribute::<Data<'_>>().unwrap().data().to_vec())
    }

    /// Asserts that no data came in before the answer to a request.
    pub async fn hears_nothing(&mut self) {
        self.exchange(&unsigned(stun_types::message::BINDING, &[]).finish()).await;
        // Datagrams of the loopback come in order.
        let more = timeout(Duration::ZERO, self.wire.receive()).await;
        assert!(self.waiting.is_empty() && more.is_err());
    }
}

/// Data from a peer.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// On a channel.
    On(u16, Vec<u8>),
    /// In an indication.
    From(SocketAddr, Vec<u8>),
}

/// An answer to a request.
pub struct Answer(pub Vec<u8>);

impl Answer {
    pub fn message(&self) -> Message<'_> {
        Message::from_bytes(&self.0).unwrap()
    }

    /// Its error code, or 0 where it is none.
    pub fn code(&self) -> u16 {
        let message = self.message();
        if message.has_class(MessageClass::Success) {
            return 0;
        }
        message.attribute::<ErrorCode>().expect("an error has a code").code()
    }

    /// An attribute that must be there.
    pub fn get<A>(&self) -> A
    where
        A: AttributeStaticType + for<'a> AttributeFromRaw<'a>,
    {
        let raw = self.message().raw_attribute(A::TYPE).expect("the attribute").into_owned();
        A::from_raw_ref(&raw).expect("a well-formed attribute")
    }

    /// The relayed addresses.
    pub fn relayed(&self) -> Vec<SocketAddr> {
        let message = self.message();
        let relayed = (0..2).filter_map(|n| message.nth_attribute::<XorRelayedAddress>(n).ok());
        relayed.map(|relayed| relayed.addr(message.transaction_id())).collect()
    }

    /// LIFETIME.
    pub fn seconds(&self) -> u32 {
        self.get::<Lifetime>().seconds()
    }
}

/// What a username signs with.
pub fn key(username: &str, password: &str) -> IntegrityKey {
    let (username, password) = (username.to_owned(), password.to_owned());
    LongTermKeyCredentials::new(username, password, REALM.to_owned())
        .make_key(IntegrityAlgorithm::Sha1)
}

/// A request without credentials.
pub fn unsigned(method: Method, parts: &[Part]) -> MessageWriteVec {
    let mut message = Message::builder_request(method, MessageWriteVec::new());
    let id: TransactionId = message.transaction_id();
    for part in parts {
        match part {
            Part::Peer(peer) => message.add_attribute(&XorPeerAddress::new(*peer, id)).unwrap(),
            Part::Other(attribute) => message.add_attribute(&**attribute).unwrap(),
        }
    }
    message
}
