//! Nonces that prove themselves, so that a flood of requests leaves nothing
//! behind (RFC 8489, section 9.2.4).
//!
//! A nonce is the time of its issue and a keyed hash over that and the client's
//! address. It holds until the process ends or its life is over.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::clock::Moment;

/// How long a nonce holds. A client that comes later is given a fresh one.
const LIFE: Duration = Duration::from_secs(60 * 60);
/// Bytes of the hash that a nonce shows.
const TAG_BYTES: usize = 16;
/// Characters of the time, in hexadecimal.
const TIME_CHARS: usize = 16;

/// Issues and checks nonces.
#[derive(Clone)]
pub(super) struct Nonces(Hmac<Sha256>);

impl Nonces {
    /// With a key that nobody else knows.
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self(Hmac::new_from_slice(&key).expect("any length of key will do"))
    }

    /// A nonce for a client.
    pub(super) fn issue(&self, client: SocketAddr, now: Moment) -> String {
        let issued = u64::try_from(now.since(Moment::default()).as_micros()).unwrap_or(u64::MAX);
        let hash = self.hash(client, issued).finalize().into_bytes();
        let tag = hash[..TAG_BYTES].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        format!("{issued:016x}{tag}")
    }

    /// Whether this relay issued `nonce` to the client within its life.
    pub(super) fn holds(&self, nonce: &str, client: SocketAddr, now: Moment) -> bool {
        let Some((time, tag)) = nonce.split_at_checked(TIME_CHARS) else { return false };
        let Ok(issued) = u64::from_str_radix(time, 16) else { return false };
        let Some(tag) = bytes(tag) else { return false };
        now.since(Moment::from_micros(issued)) <= LIFE
            && self.hash(client, issued).verify_truncated_left(&tag).is_ok()
    }

    fn hash(&self, client: SocketAddr, issued: u64) -> Hmac<Sha256> {
        let mut hash = self.0.clone();
        hash.update(&issued.to_be_bytes());
        hash.update(&octets(client.ip()));
        hash.update(&client.port().to_be_bytes());
        hash
    }
}

/// An address as bytes of one length, so that no two run into each other.
fn octets(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

/// The tag of a nonce; none where it has another length or form.
fn bytes(tag: &str) -> Option<[u8; TAG_BYTES]> {
    if tag.len() != 2 * TAG_BYTES || !tag.is_ascii() {
        return None;
    }
    let mut bytes = [0; TAG_BYTES];
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&tag[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_holds_for_its_client_and_its_life() {
        let nonces = Nonces::new([7; 32]);
        let client = "192.0.2.1:4000".parse().unwrap();
        let now = Moment::from_micros(5_000_000);
        let nonce = nonces.issue(client, now);
        assert!(nonces.holds(&nonce, client, now));
        assert!(nonces.holds(&nonce, client, now + LIFE));
        assert!(!nonces.holds(&nonce, client, now + LIFE + Duration::from_micros(1)));
        assert!(!nonces.holds(&nonce, "192.0.2.1:4001".parse().unwrap(), now));
        assert!(!nonces.holds(&nonce, "192.0.2.2:4000".parse().unwrap(), now));
        assert!(!Nonces::new([8; 32]).holds(&nonce, client, now));
    }

    #[test]
    fn what_is_no_nonce_does_not_hold() {
        let nonces = Nonces::new([7; 32]);
        let client = "192.0.2.1:4000".parse().unwrap();
        let now = Moment::from_micros(5_000_000);
        let nonce = nonces.issue(client, now);
        let later = format!("{:016x}{}", 6_000_000, &nonce[16..]);
        for other in ["", "0", "ä", &nonce[..47], &nonce[..16], &later, &format!("{nonce}00")] {
            assert!(!nonces.holds(other, client, now), "{other}");
        }
        assert!(!nonces.holds(&"é".repeat(24), client, now));
        assert!(!nonces.holds(&format!("{}+{}", &nonce[..16], &nonce[17..]), client, now));
    }
}
