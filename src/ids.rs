//! Identifiers, a type each, so that one can't stand in for another.
//!
//! All are random and say nothing about the person, the machine or the time:
//! 128 bits (UUID version 4, RFC 9562 section 5.4), a node's 64.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new one, from a cryptographically secure generator.
            #[must_use]
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }

            /// One of the given bits, for seeded runs.
            #[must_use]
            pub const fn from_u128(bits: u128) -> Self {
                Self(Uuid::from_u128(bits))
            }

            /// Its bits.
            #[must_use]
            pub const fn bits(&self) -> u128 {
                self.0.as_u128()
            }

            /// Its text form, written into `buffer`.
            #[must_use]
            pub fn text<'a>(&self, buffer: &'a mut [u8; 36]) -> &'a str {
                self.0.hyphenated().encode_lower(buffer)
            }

            /// Reads the usual text form; `None` where `text` is none.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

id! {
    /// One client's session: what `welcome` names.
    SessionId
}

id! {
    /// One room of two: what `matched` names.
    RoomId
}

id! {
    /// Who is kept apart from whom: a session, or the device where it is known.
    PersonId
}

impl From<SessionId> for PersonId {
    fn from(session: SessionId) -> Self {
        Self(session.0)
    }
}

impl RoomId {
    /// No room: a random id is never nil.
    pub const NOBODYS: Self = Self(Uuid::nil());

    /// Half as many bits, which tell random ids apart as well among a few
    /// hundred. Somebody can make up an id with the fold of another.
    #[must_use]
    pub(crate) const fn fold(self) -> u64 {
        let (high, low) = self.0.as_u64_pair();
        high ^ low
    }
}

/// One process of the service: what its peers in a cluster know it by. Each start
/// has another, so that none takes what was meant for the one before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(u64);

impl NodeId {
    /// A new one, from a cryptographically secure generator.
    #[must_use]
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// One of the given bits, for seeded runs.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Its bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Reads the text form, 16 lower-case hex digits; `None` where `text` is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let well_formed = text.len() == 16 && text.bytes().all(digits);
        well_formed.then(|| u64::from_str_radix(text, 16).ok().map(Self)).flatten()
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_has_one_text_form() {
        for node in [NodeId::random(), NodeId::from_bits(0), NodeId::from_bits(u64::MAX)] {
            assert_eq!(NodeId::parse(&node.to_string()), Some(node));
        }
        assert_eq!(NodeId::from_bits(0xab).to_string(), "00000000000000ab");
        for wrong in [
            "",
            "ab",
            "00000000000000AB",
            "+0000000000000ab",
            "000000000000000ab",
            "é00000000000000",
        ] {
            assert_eq!(NodeId::parse(wrong), None, "{wrong}");
        }
    }
}
