//! Identifiers, a type each, so that one can't stand in for another.
//!
//! All are 128 random bits (UUID version 4, RFC 9562 section 5.4) and say
//! nothing about the person, the node or the time.

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
}
