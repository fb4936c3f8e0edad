//! A client of TURN (RFC 8656), as far as the service's own tests want one.

use std::net::SocketAddr;

use serde_json::Value;
use stun_types::attribute::{ErrorCode, Nonce, Realm, Username};
use stun_types::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageWrite, MessageWriteExt,
    MessageWriteVec, Method,
};
use stun_types::prelude::Attribute;
use tokio::net::UdpSocket;
use tokio::time::timeout;
use turn_types::attribute::{ChannelNumber, RequestedTransport, XorPeerAddress};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH};

use super::server::DEADLINE;

/// The code of an answer that is no error.
pub const SUCCESS: u16 = 0;
const CHANNEL: u16 = 0x4000;

/// One socket's dealings with a relay.
pub struct Allocation {
    socket: UdpSocket,
    credentials: LongTermKeyCredentials,
    nonce: String,
}

impl Allocation {
    /// Asks a relay of `ice_servers` for an allocation; its dealings, and the
    /// code of the answer.
    pub async fn ask(ice_servers: &Value) -> (Self, u16) {
        let servers = ice_servers.as_array().unwrap();
        let server = servers.iter().find(|server| server["username"].is_string()).unwrap();
        let url = server["urls"][0].as_str().unwrap();
        let address = url.strip_prefix("turn:").unwrap().split('?').next().unwrap();
        let text = |name: &str| server[name].as_str().unwrap().to_owned();
        Self::ask_at(address.parse().unwrap(), text("username"), text("credential")).await
    }

    /// Asks the relay at `address`.
    pub async fn ask_at(address: SocketAddr, username: String, password: String) -> (Self, u16) {
        let socket = UdpSocket::bind((address.ip(), 0)).await.unwrap();
        socket.connect(address).await.unwrap();
        let (realm, nonce) = challenge(&socket).await;
        let credentials = LongTermKeyCredentials::new(username, password, realm);
        let mut allocation = Self { socket, credentials, nonce };
        let code = allocation.request(ALLOCATE, &[&RequestedTransport::new(17)]).await;
        (allocation, code)
    }

    /// The codes of the answers to all that keeps an allocation in use.
    pub async fn keep(&mut self) -> [u16; 3] {
        let refreshed = self.request(REFRESH, &[]).await;
        [refreshed, self.permit(self.local()).await, self.bind(self.local()).await]
    }

    /// Asks to relay to and from `peer`.
    pub async fn permit(&mut self, peer: SocketAddr) -> u16 {
        self.about(CREATE_PERMISSION, &[], peer).await
    }

    async fn bind(&mut self, peer: SocketAddr) -> u16 {
        self.about(CHANNEL_BIND, &[&ChannelNumber::new(CHANNEL)], peer).await
    }

    fn local(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    async fn request(&mut self, method: Method, parts: &[&dyn Part]) -> u16 {
        let message = Message::builder_request(method, MessageWriteVec::new());
        self.exchange(message, parts).await
    }

    async fn about(&mut self, method: Method, parts: &[&dyn Part], peer: SocketAddr) -> u16 {
        let mut message = Message::builder_request(method, MessageWriteVec::new());
        let id = message.transaction_id();
        message.add_attribute(&XorPeerAddress::new(peer, id)).unwrap();
        self.exchange(message, parts).await
    }

    async fn exchange(&mut self, mut message: MessageWriteVec, parts: &[&dyn Part]) -> u16 {
        parts.iter().for_each(|part| part.add(&mut message));
        Username::new(self.credentials.username()).unwrap().add(&mut message);
        Realm::new(self.credentials.realm()).unwrap().add(&mut message);
        Nonce::new(&self.nonce).unwrap().add(&mut message);
        let credentials = self.credentials.clone().into();
        message.add_message_integrity(&credentials, IntegrityAlgorithm::Sha1).unwrap();
        code(&Message::from_bytes(&answer(&self.socket, &message.finish()).await).unwrap())
    }
}

/// Something to put into a message.
trait Part {
    fn add(&self, message: &mut MessageWriteVec);
}

impl<A: Attribute + stun_types::prelude::AttributeWrite> Part for A {
    fn add(&self, message: &mut MessageWriteVec) {
        message.add_attribute(self).unwrap();
    }
}

/// The realm and nonce that a relay gives to who sends no credentials.
async fn challenge(socket: &UdpSocket) -> (String, String) {
    let mut message = Message::builder_request(ALLOCATE, MessageWriteVec::new());
    RequestedTransport::new(17).add(&mut message);
    let answer = answer(socket, &message.finish()).await;
    let answer = Message::from_bytes(&answer).unwrap();
    assert_eq!(code(&answer), ErrorCode::UNAUTHORIZED);
    let realm = answer.attribute::<Realm>().unwrap();
    (realm.realm().to_owned(), answer.attribute::<Nonce>().unwrap().nonce().to_owned())
}

/// The loopback loses nothing: no request is sent twice.
async fn answer(socket: &UdpSocket, request: &[u8]) -> Vec<u8> {
    socket.send(request).await.unwrap();
    let mut buffer = [0; 1500];
    let received = timeout(DEADLINE, socket.recv(&mut buffer)).await;
    buffer[..received.expect("an answer in time").unwrap()].to_vec()
}

fn code(answer: &Message<'_>) -> u16 {
    answer.attribute::<ErrorCode>().map_or(SUCCESS, |error| error.code())
}
