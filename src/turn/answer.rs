//! Writes answers and indications.

use std::net::SocketAddr;

use stun_types::attribute::{
    AttributeStaticType, AttributeWrite, ErrorCode, Fingerprint, Nonce, Realm, UnknownAttributes,
};
use stun_types::message::{
    IntegrityAlgorithm, IntegrityKey, Message, MessageWrite, MessageWriteExt, MessageWriteVec,
};
use turn_types::attribute::{Data, XorPeerAddress};
use turn_types::message::DATA;

use super::request::Reject;

/// The answer that a request was done.
pub(super) fn success(
    request: &Message<'_>,
    attributes: &[&dyn AttributeWrite],
    key: Option<&IntegrityKey>,
) -> Vec<u8> {
    let mut answer = Message::builder_success(request, MessageWriteVec::with_capacity(128));
    attributes.iter().for_each(|attribute| add(&mut answer, *attribute));
    finish(answer, request, key)
}

/// The answer that a request was not done. A challenge names the realm and the
/// nonce.
pub(super) fn error(
    request: &Message<'_>,
    reject: &Reject,
    realm: &str,
    nonce: impl FnOnce() -> String,
    key: Option<&IntegrityKey>,
) -> Vec<u8> {
    let mut answer = Message::builder_error(request, MessageWriteVec::with_capacity(128));
    match reject {
        Reject::Code(code) => add(&mut answer, &error_code(*code)),
        Reject::Challenge(code) => {
            add(&mut answer, &error_code(*code));
            add(&mut answer, &Realm::new(realm).expect("its length was checked at the start"));
            add(&mut answer, &Nonce::new(&nonce()).expect("a nonce is short"));
        }
        Reject::Unknown(kinds) => {
            add(&mut answer, &error_code(ErrorCode::UNKNOWN_ATTRIBUTE));
            add(&mut answer, &UnknownAttributes::new(kinds));
        }
    }
    finish(answer, request, key)
}

/// What a peer without a channel sent.
pub(super) fn data_indication(peer: SocketAddr, data: &[u8]) -> Vec<u8> {
    let writer = MessageWriteVec::with_capacity(64 + data.len());
    let mut message = Message::builder_indication(DATA, writer);
    let peer = XorPeerAddress::new(peer, message.transaction_id());
    add(&mut message, &peer);
    add(&mut message, &Data::new(data));
    message.finish()
}

/// An error with its usual words.
pub(super) fn error_code(code: u16) -> ErrorCode {
    ErrorCode::builder(code).build().expect("codes are from 300 to 699")
}

fn add(message: &mut MessageWriteVec, attribute: &dyn AttributeWrite) {
    message.add_attribute(attribute).expect("answers are short, and signed last");
}

/// Signs an answer where its request was, and adds a fingerprint where that had
/// one.
fn finish(
    mut answer: MessageWriteVec,
    request: &Message<'_>,
    key: Option<&IntegrityKey>,
) -> Vec<u8> {
    if let Some(key) = key {
        let signed = answer.add_message_integrity_with_key(key, IntegrityAlgorithm::Sha1);
        signed.expect("it is signed once");
    }
    if request.has_attribute(Fingerprint::TYPE) {
        answer.add_fingerprint().expect("it is added once");
    }
    answer.finish()
}
