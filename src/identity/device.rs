//! The device cookie: by which a browser is known again without an account.
//!
//! It names 16 random bytes and when they were given out, and is signed, so that
//! nobody makes one up or makes one older. It is a secret of the browser's: it
//! doesn't print itself, and nothing but a hash of it is kept.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::hashes::DeviceHash;
use crate::clock::UnixMillis;
use crate::secret::{Secret, hmac, verifies};

/// The bytes of the id, of the time of issue and of the signature.
const ID: usize = 16;
const TIME: usize = 8;
const SIGNATURE: usize = 16;

/// The characters of the text form: base64url (RFC 4648 section 5) without padding.
const TEXT: usize = (ID + TIME + SIGNATURE) * 4 / 3 + 1;

/// How far the clocks of two nodes may be apart.
const SKEW: Duration = Duration::from_secs(24 * 60 * 60);

/// What signs cookies and what hashes devices, the same on all nodes of a service.
#[derive(Clone)]
pub struct DeviceKey {
    signing: [u8; 32],
    /// Another one, so that who reads what is stored can't make a cookie of it.
    hashing: [u8; 32],
}

/// A device, as its cookie names it.
#[derive(Clone, PartialEq, Eq)]
pub struct Device {
    id: [u8; ID],
    since: UnixMillis,
    signature: [u8; SIGNATURE],
}

impl DeviceKey {
    /// The keys of a service, from its secret.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self {
            signing: secret.derive("passerby device cookies"),
            hashing: secret.derive("passerby device hashes"),
        }
    }

    /// A new device. `random` comes from a cryptographically secure generator.
    #[must_use]
    pub fn mint(&self, random: [u8; 16], now: UnixMillis) -> Device {
        let tag = hmac(&self.signing, &signed(random, now));
        let signature = *tag.first_chunk().expect("the signature is a part of the tag");
        Device { id: random, since: now, signature }
    }

    /// The device that the value of a cookie names; `None` where this service gave out
    /// no such cookie, or will only do so in more than a day.
    #[must_use]
    pub fn read(&self, value: &str, now: UnixMillis) -> Option<Device> {
        if value.len() != TEXT {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(value).ok()?;
        let (id, rest) = bytes.split_first_chunk::<ID>()?;
        let (time, tag) = rest.split_first_chunk::<TIME>()?;
        let since = UnixMillis(u64::from_be_bytes(*time));
        let signature = tag.try_into().ok()?;
        let genuine = verifies(&self.signing, &signed(*id, since), tag);
        (genuine && since <= now + SKEW).then_some(Device { id: *id, since, signature })
    }
}

impl Device {
    /// What of it may be kept.
    #[must_use]
    pub fn hash(&self, key: &DeviceKey) -> DeviceHash {
        let hash = hmac(&key.hashing, &self.id);
        DeviceHash::from_bytes(*hash.first_chunk().expect("a hash of 32 bytes"))
    }

    /// When it was given out.
    #[must_use]
    pub const fn since(&self) -> UnixMillis {
        self.since
    }

    /// For its browser only.
    #[must_use]
    pub fn cookie_value(&self) -> String {
        let mut bytes = signed(self.id, self.since).to_vec();
        bytes.extend(self.signature);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }
}

fn signed(id: [u8; ID], since: UnixMillis) -> [u8; ID + TIME] {
    let mut bytes = [0; ID + TIME];
    bytes[..ID].copy_from_slice(&id);
    bytes[ID..].copy_from_slice(&since.0.to_be_bytes());
    bytes
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey(..)")
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Device(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn key() -> DeviceKey {
        DeviceKey::new(&Secret::new("a secret of tests").unwrap())
    }

    #[test]
    fn a_cookie_comes_back_as_the_device_that_it_was_given_to() {
        let device = key().mint([7; 16], NOW);
        let text = device.cookie_value();
        assert_eq!(text.len(), TEXT);
        let later = NOW + Duration::from_secs(400 * 24 * 60 * 60);
        let again = key().read(&text, later).unwrap();
        assert_eq!(again, device);
        assert_eq!((again.since(), again.cookie_value()), (NOW, text));
        assert_eq!(again.hash(&key()), device.hash(&key()));
    }

    #[test]
    fn whoever_lacks_the_secret_makes_none_and_changes_none() {
        let text = key().mint([7; 16], NOW).cookie_value();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&text).unwrap();
        for (at, bit) in (0..bytes.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            let changed = BASE64_URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(key().read(&changed, NOW), None, "byte {at}, bit {bit}");
        }
        let stranger = DeviceKey::new(&Secret::random());
        assert_eq!(stranger.read(&text, NOW), None);
        for odd in ["", "é", &text[1..], &format!("{text}A"), &"=".repeat(TEXT), &"é".repeat(27)]
        {
            assert_eq!(key().read(odd, NOW), None, "{odd}");
        }
    }

    #[test]
    fn clocks_may_differ_by_a_day_and_no_more() {
        let text = key().mint([7; 16], NOW + SKEW).cookie_value();
        assert!(key().read(&text, NOW).is_some());
        let text = key().mint([7; 16], NOW + SKEW + Duration::from_millis(1)).cookie_value();
        assert_eq!(key().read(&text, NOW), None);
    }

    #[test]
    fn what_is_kept_or_printed_is_not_what_the_browser_holds() {
        let device = key().mint([7; 16], NOW);
        assert_ne!(device.hash(&key()).bytes(), [7; 16]);
        let kept = device.hash(&key()).bytes();
        assert_ne!(key().mint(kept, NOW).hash(&key()), device.hash(&key()));
        assert_eq!(format!("{device:?} {:?}", key()), "Device(..) DeviceKey(..)");
    }
}
