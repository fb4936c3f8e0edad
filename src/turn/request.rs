//! Reads requests and indications, without trust in what they hold.

use std::net::SocketAddr;

use stun_types::attribute::{
    Attribute, AttributeFromRaw, AttributeStaticType, AttributeType, ErrorCode, MessageIntegrity,
    MessageIntegritySha256, Nonce, Realm, Username,
};
use stun_types::message::{Message, MessageHeader, StunParseError};
use turn_types::AddressFamily;
use turn_types::attribute::{
    ChannelNumber, Data, EvenPort, Lifetime, RequestedAddressFamily, RequestedTransport,
    ReservationToken, XorPeerAddress,
};

/// Attributes that must be understood and are. DONT-FRAGMENT is not: the socket
/// of a relayed port can't be told so a packet.
const KNOWN: [AttributeType; 13] = [
    Username::TYPE,
    MessageIntegrity::TYPE,
    MessageIntegritySha256::TYPE,
    Nonce::TYPE,
    Realm::TYPE,
    ChannelNumber::TYPE,
    Data::TYPE,
    EvenPort::TYPE,
    Lifetime::TYPE,
    RequestedAddressFamily::TYPE,
    RequestedTransport::TYPE,
    ReservationToken::TYPE,
    XorPeerAddress::TYPE,
];
/// Unknown attributes that an answer names at most.
const MOST_UNKNOWN: usize = 32;

/// Why a request is not done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reject {
    /// An error of RFC 8489 or RFC 8656.
    Code(u16),
    /// An error that names the realm and a fresh nonce.
    Challenge(u16),
    /// These attributes are not understood.
    Unknown(Vec<AttributeType>),
}

/// What is malformed or missing.
pub(super) const BAD_REQUEST: Reject = Reject::Code(ErrorCode::BAD_REQUEST);

/// The message that `bytes` are; none where they are not.
pub(crate) fn message(bytes: &[u8]) -> Option<Message<'_>> {
    // The codec would take what follows a message for attributes of it.
    let header = MessageHeader::from_bytes(bytes).ok()?;
    let length = MessageHeader::LENGTH + usize::from(header.data_length());
    (bytes.len() == length).then(|| Message::from_bytes(bytes).ok()).flatten()
}

/// An attribute, or nothing where it is not there.
pub(super) fn attribute<'a, A>(message: &'a Message<'a>) -> Result<Option<A>, Reject>
where
    A: AttributeFromRaw<'a> + AttributeStaticType + Attribute,
{
    match message.attribute::<A>() {
        Ok(attribute) => Ok(Some(attribute)),
        Err(StunParseError::MissingAttribute(_)) => Ok(None),
        Err(_) => Err(BAD_REQUEST),
    }
}

/// An attribute that must be there.
pub(super) fn required<'a, A>(message: &'a Message<'a>) -> Result<A, Reject>
where
    A: AttributeFromRaw<'a> + AttributeStaticType + Attribute,
{
    attribute(message)?.ok_or(BAD_REQUEST)
}

/// Rejects what holds attributes that must be understood and are not.
pub(super) fn understood(message: &Message<'_>) -> Result<(), Reject> {
    let kinds = message.iter_attributes().map(|(_, attribute)| attribute.get_type());
    let unknown = kinds.filter(|kind| kind.comprehension_required() && !KNOWN.contains(kind));
    let unknown: Vec<_> = unknown.take(MOST_UNKNOWN).collect();
    if unknown.is_empty() { Ok(()) } else { Err(Reject::Unknown(unknown)) }
}

/// The address family that is asked for; one that does not exist is not
/// supported.
pub(super) fn family(message: &Message<'_>) -> Result<Option<AddressFamily>, Reject> {
    match message.attribute::<RequestedAddressFamily>() {
        Ok(requested) => Ok(Some(requested.family())),
        Err(StunParseError::MissingAttribute(_)) => Ok(None),
        Err(StunParseError::InvalidAttributeData) => {
            Err(Reject::Code(ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED))
        }
        Err(_) => Err(BAD_REQUEST),
    }
}

/// All peers that are named.
pub(super) fn peers(message: &Message<'_>) -> Result<Vec<SocketAddr>, Reject> {
    let peers = message.iter_attributes().map(|(_, attribute)| attribute);
    let peers = peers.filter(|attribute| attribute.get_type() == XorPeerAddress::TYPE);
    let transaction = message.transaction_id();
    let peers = peers.map(|raw| Ok(XorPeerAddress::from_raw_ref(&raw)?.addr(transaction)));
    peers.collect::<Result<_, StunParseError>>().map_err(|_| BAD_REQUEST)
}

/// The family of an address.
pub(super) fn family_of(address: SocketAddr) -> AddressFamily {
    if address.is_ipv4() { AddressFamily::IPV4 } else { AddressFamily::IPV6 }
}

#[cfg(test)]
mod tests {
    use stun_types::attribute::RawAttribute;
    use stun_types::message::{MessageWrite, MessageWriteExt, MessageWriteVec};
    use turn_types::attribute::DontFragment;
    use turn_types::message::ALLOCATE;

    use super::*;

    fn request(attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut message = Message::builder_request(ALLOCATE, MessageWriteVec::new());
        for (kind, value) in attributes {
            message.add_attribute(&RawAttribute::new(AttributeType::new(*kind), value)).unwrap();
        }
        message.finish()
    }

    #[test]
    fn a_message_is_as_long_as_it_says() {
        let mut bytes = request(&[(0x8022, b"name")]);
        assert!(message(&bytes).is_some());
        assert!(message(&bytes[..bytes.len() - 1]).is_none());
        bytes.extend([0; 4]);
        assert!(message(&bytes).is_none());
    }

    #[test]
    fn what_must_be_understood_and_is_not_is_named() {
        let bytes = request(&[(0x7777, b""), (0x8777, b""), (0x000D, &[0; 4]), (0x001A, b"")]);
        let unknown = vec![AttributeType::new(0x7777), DontFragment::TYPE];
        assert_eq!(understood(&message(&bytes).unwrap()), Err(Reject::Unknown(unknown)));
    }

    #[test]
    fn a_family_that_does_not_exist_is_not_supported() {
        let asked = |value: &[u8]| family(&message(&request(&[(0x0017, value)])).unwrap());
        assert_eq!(asked(&[2, 0, 0, 0]), Ok(Some(AddressFamily::IPV6)));
        assert_eq!(asked(&[3, 0, 0, 0]), Err(Reject::Code(440)));
        assert_eq!(asked(&[1]), Err(BAD_REQUEST));
    }

    #[test]
    fn peers_are_read_all_or_none() {
        let good = [0, 1, 0x21, 0x12, 0x21, 0x12, 0xa4, 0x42];
        let two = request(&[(0x0012, &good), (0x0012, &good)]);
        assert_eq!(peers(&message(&two).unwrap()).unwrap(), ["0.0.0.0:0".parse().unwrap(); 2]);
        let one = request(&[(0x0012, &good), (0x0012, &good[..6])]);
        assert_eq!(peers(&message(&one).unwrap()), Err(BAD_REQUEST));
    }
}
