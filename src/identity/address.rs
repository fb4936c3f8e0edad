//! Addresses, of which nothing but keyed hashes is kept.
//!
//! Each week has a key of its own, so that hashes of different weeks can't be
//! compared. All keys follow from the secret: every node knows them without a word
//! to another, and one that a ban was made under can be had as long as the ban
//! lasts. So whoever has the secret can find out by trial what a hash stands for
//! (there are few addresses): the hashes protect who is in a stolen database, not
//! in a stolen machine.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use super::hashes::AddressHash;
use crate::clock::UnixMillis;
use crate::secret::{Secret, hmac};

/// How long a key is used.
const PERIOD: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What hashes addresses, the same on all nodes of a service.
#[derive(Clone)]
pub struct AddressKeys([u8; 32]);

impl AddressKeys {
    /// The keys of a service, from its secret.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self(secret.derive("passerby addresses"))
    }

    /// The id of the key in use at `now`: the number of weeks since 1970.
    #[must_use]
    pub fn id(now: UnixMillis) -> u32 {
        let periods = u128::from(now.0) / PERIOD.as_millis();
        u32::try_from(periods).unwrap_or(u32::MAX)
    }

    /// The hash of `ip` under the key of the id `key`.
    #[must_use]
    pub fn hash(&self, ip: IpAddr, key: u32) -> AddressHash {
        let keyed = hmac(&self.0, &key.to_be_bytes());
        let hash = match network(ip) {
            Network::V4(bytes) => hmac(&keyed, &bytes),
            Network::V6(bytes) => hmac(&keyed, &bytes),
        };
        AddressHash { key, hash: *hash.first_chunk().expect("a hash of 32 bytes") }
    }

    /// The hash of `ip` under the key in use at `now`.
    #[must_use]
    pub fn hash_now(&self, ip: IpAddr, now: UnixMillis) -> AddressHash {
        self.hash(ip, Self::id(now))
    }

    /// The hash under the key in use first, then those under `others`, by which bans
    /// made under earlier keys are found.
    #[must_use]
    pub fn hashes(
        &self,
        ip: IpAddr,
        now: UnixMillis,
        others: impl IntoIterator<Item = u32>,
    ) -> Vec<AddressHash> {
        let present = Self::id(now);
        let others = others.into_iter().filter(|key| *key != present);
        std::iter::once(present).chain(others).map(|key| self.hash(ip, key)).collect()
    }
}

/// What one customer of a provider has.
enum Network {
    V4([u8; 4]),
    V6([u8; 8]),
}

/// Of IPv6 the /64: the smallest that a site is given (RFC 6177), within which every
/// machine takes new addresses as it likes (RFC 8981).
fn network(ip: IpAddr) -> Network {
    match ip.to_canonical() {
        IpAddr::V4(ip) => Network::V4(ip.octets()),
        IpAddr::V6(ip) => Network::V6(*ip.octets().first_chunk().expect("an address of 16 bytes")),
    }
}

impl fmt::Debug for AddressKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressKeys(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn keys() -> AddressKeys {
        AddressKeys::new(&Secret::new("a secret of tests").unwrap())
    }

    fn hash(ip: &str) -> AddressHash {
        keys().hash_now(ip.parse().unwrap(), NOW)
    }

    #[test]
    fn an_address_is_what_one_customer_has() {
        assert_eq!(hash("192.0.2.1"), hash("::ffff:192.0.2.1"));
        assert_ne!(hash("192.0.2.1"), hash("192.0.2.2"));
        assert_eq!(hash("2001:db8::1"), hash("2001:db8::ffff:ffff:ffff:ffff"));
        assert_ne!(hash("2001:db8::1"), hash("2001:db8:0:1::1"));
    }

    #[test]
    fn keys_change_each_week_and_can_be_had_again() {
        let ip = "192.0.2.1".parse().unwrap();
        let later = NOW + PERIOD;
        assert_eq!(AddressKeys::id(later), AddressKeys::id(NOW) + 1);
        assert_ne!(keys().hash_now(ip, later).hash, keys().hash_now(ip, NOW).hash);
        let under = [AddressKeys::id(later), AddressKeys::id(NOW)];
        let all = keys().hashes(ip, later, under);
        assert_eq!(all, [keys().hash_now(ip, later), keys().hash_now(ip, NOW)]);
        assert_eq!(AddressKeys::id(UnixMillis(u64::MAX)), u32::MAX);
        assert_eq!(AddressKeys::id(UnixMillis(PERIOD.as_millis() as u64 - 1)), 0);
    }

    #[test]
    fn the_secret_is_needed() {
        let stranger = AddressKeys::new(&Secret::random());
        let ip = "192.0.2.1".parse().unwrap();
        assert_ne!(stranger.hash_now(ip, NOW), keys().hash_now(ip, NOW));
        assert_eq!(format!("{:?}", keys()), "AddressKeys(..)");
    }
}
