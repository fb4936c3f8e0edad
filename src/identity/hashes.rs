//! What is known of somebody, in a form that says nothing to whoever lacks the
//! secret.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clock::UnixMillis;
use crate::ids::{PersonId, SessionId};

/// A device: a keyed hash of what its cookie names. It may be stored and sent to
/// other nodes; the cookie can't be made from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceHash([u8; 16]);

/// An address (of IPv6 its /64): HMAC-SHA-256, cut to 16 bytes, under the key of
/// the number `key`. Hashes under different keys can't be compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AddressHash {
    /// Under which key. Keys rotate.
    pub key: u32,
    /// The hash.
    pub hash: [u8; 16],
}

/// Who somebody is, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The device.
    pub device: DeviceHash,
    /// When the device was first given its cookie.
    pub since: UnixMillis,
    /// Whether the cookie came with the connection; else it was made for it, and the
    /// address stands in for the device until it comes back.
    pub presented: bool,
    /// The address.
    pub address: AddressHash,
}

impl Identity {
    /// Somebody of whom nothing is known but the session.
    #[must_use]
    pub const fn of_session(session: SessionId) -> Self {
        Self {
            device: DeviceHash(session.bits().to_be_bytes()),
            since: UnixMillis(0),
            presented: false,
            address: AddressHash { key: 0, hash: [0; 16] },
        }
    }

    /// Who is kept apart from whom.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        PersonId::from_u128(u128::from_be_bytes(self.device.0))
    }
}

impl DeviceHash {
    /// One of the given bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }

    /// Reads 32 hex digits; `None` where `text` is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let bits = digits.then(|| u128::from_str_radix(text, 16).ok()).flatten()?;
        Some(Self(bits.to_be_bytes()))
    }
}

impl fmt::Display for DeviceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Display for AddressHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:032x}", self.key, u128::from_be_bytes(self.hash))
    }
}

impl AddressHash {
    /// Reads `KEY:HASH`; `None` where `text` is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (key, hash) = text.split_once(':')?;
        Some(Self { key: key.parse().ok()?, hash: DeviceHash::parse(hash)?.bytes() })
    }
}

/// Not for logs: not even the hash.
impl fmt::Debug for DeviceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceHash")
    }
}

/// Not for logs: not even the hash.
impl fmt::Debug for AddressHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressHash")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_have_a_text_form_for_moderators_and_none_for_logs() {
        let device = DeviceHash::from_bytes([0xab; 16]);
        assert_eq!(DeviceHash::parse(&device.to_string()), Some(device));
        let address = AddressHash { key: 7, hash: [1; 16] };
        assert_eq!(AddressHash::parse(&address.to_string()), Some(address));
        assert_eq!(format!("{device:?} {address:?}"), "DeviceHash AddressHash");
        for wrong in ["", "ab", "+0000000000000000000000000000000", "7:", ":ab"] {
            assert_eq!(DeviceHash::parse(wrong), None);
            assert_eq!(AddressHash::parse(wrong), None);
        }
    }
}
