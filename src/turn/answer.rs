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

/// The longest data of an indication: the attributes of a message have 65,532
/// bytes, of which an IPv6 address takes 24 and the data's header 4.
const INDICATED_BYTES: usize = 65_532 - 24 - 4;

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

/// What a peer without a channel sent; nothing where it is too long to be told
/// so.
pub(super) fn data_indication(peer: SocketAddr, data: &[u8]) -> Option<Vec<u8>> {
    if data.len() > INDICATED_BYTES {
        return None;
    }
    let writer = MessageWriteVec::with_capacity(64 + data.len());
    let mut message = Message::builder_indication(DATA, writer);
    let peer = XorPeerAddress::new(peer, message.transaction_id());
    add(&mut message, &peer);
    add(&mut message, &Data::new(data));
    Some(message.finish())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_data_is_still_indicated_and_what_is_longer_is_not() {
        let peer = "[2001:db8::1]:1".parse().unwrap();
        let bytes = data_indication(peer, &vec![1; INDICATED_BYTES]).unwrap();
        let message = Message::from_bytes(&bytes).unwrap();
        assert_eq!(message.attribute::<Data<'_>>().unwrap().data().len(), INDICATED_BYTES);
        assert_eq!(data_indication(peer, &vec![1; INDICATED_BYTES + 1]), None);
    }
}
