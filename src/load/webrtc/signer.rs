//! Writes a TURN client's requests, signed by long-term credentials (RFC 8489,
//! section 9.2).

use std::net::SocketAddr;

use stun_types::attribute::{AttributeWrite, Nonce, Realm, Username};
use stun_types::message::{
    IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials, Message, MessageWrite,
    MessageWriteExt, MessageWriteVec,
};
use turn_types::attribute::{ChannelNumber, Lifetime, RequestedTransport, XorPeerAddress};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, REFRESH};

use super::servers::Credentials;

/// What a TURN client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// A relayed address, for UDP.
    Allocate,
    /// That the allocation stays for so many seconds; for none, that it ends.
    Refresh(u32),
    /// A channel to a peer.
    Bind(u16, SocketAddr),
}

/// Signs as soon as a server has said for which realm.
pub(super) struct Signer {
    credentials: Credentials,
    challenge: Option<Challenge>,
}

struct Challenge {
    realm: String,
    nonce: String,
    key: IntegrityKey,
}

impl Signer {
    pub(super) fn new(credentials: Credentials) -> Self {
        Self { credentials, challenge: None }
    }

    /// Takes what a server asks to be signed with; whether it can be.
    pub(super) fn challenged(&mut self, answer: &Message<'_>) -> bool {
        let nonce = answer.attribute::<Nonce>().map(|nonce| nonce.nonce().to_owned());
        let realm = answer.attribute::<Realm>().map(|realm| realm.realm().to_owned());
        let (Ok(nonce), Ok(realm)) = (nonce, realm) else { return false };
        let Credentials { username, password } = self.credentials.clone();
        let key = LongTermKeyCredentials::new(username, password, realm.clone())
            .make_key(IntegrityAlgorithm::Sha1);
        self.challenge = Some(Challenge { realm, nonce, key });
        true
    }

    /// Whether requests are signed already.
    pub(super) fn signs(&self) -> bool {
        self.challenge.is_some()
    }

    /// Whether an answer is the server's own.
    pub(super) fn trusts(&self, answer: &Message<'_>) -> bool {
        let Some(challenge) = &self.challenge else { return false };
        answer.validate_integrity_with_key(&challenge.key).is_ok()
    }

    /// Writes a request; none where the credentials don't fit into one.
    pub(super) fn write(&self, wish: Wish) -> Option<Vec<u8>> {
        let mut message = unsigned(wish);
        if let Some(Challenge { realm, nonce, key }) = &self.challenge {
            add(&mut message, &Username::new(&self.credentials.username).ok()?);
            add(&mut message, &Realm::new(realm).ok()?);
            add(&mut message, &Nonce::new(nonce).ok()?);
            message.add_message_integrity_with_key(key, IntegrityAlgorithm::Sha1).ok()?;
        }
        Some(message.finish())
    }
}

fn unsigned(wish: Wish) -> MessageWriteVec {
    let request = |method| Message::builder_request(method, MessageWriteVec::with_capacity(256));
    match wish {
        Wish::Allocate => {
            let mut message = request(ALLOCATE);
            add(&mut message, &RequestedTransport::new(RequestedTransport::UDP));
            message
        }
        Wish::Refresh(seconds) => {
            let mut message = request(REFRESH);
            add(&mut message, &Lifetime::new(seconds));
            message
        }
        Wish::Bind(number, peer) => {
            let mut message = request(CHANNEL_BIND);
            let peer = XorPeerAddress::new(peer, message.transaction_id());
            add(&mut message, &ChannelNumber::new(number));
            add(&mut message, &peer);
            message
        }
    }
}

fn add(message: &mut MessageWriteVec, attribute: &dyn AttributeWrite) {
    message.add_attribute(attribute).expect("requests are short, and signed last");
}
