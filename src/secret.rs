//! The secret by which the nodes of one service trust what each of them gave out.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What signs tokens and the names of TURN. It doesn't print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

/// A secret that nobody would have to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret can't be empty")]
pub struct Empty;

impl Secret {
    /// Shorter ones can be guessed. In bytes.
    pub const SHORTEST: usize = 16;

    /// `text` without the white space around it.
    ///
    /// # Errors
    /// [`Empty`].
    pub fn new(text: &str) -> Result<Self, Empty> {
        let text = text.trim();
        if text.is_empty() { Err(Empty) } else { Ok(Self(text.into())) }
    }

    /// 256 random bits from a cryptographically secure generator.
    #[must_use]
    pub fn random() -> Self {
        let halves: [u128; 2] = rand::random();
        Self(format!("{:032x}{:032x}", halves[0], halves[1]).into())
    }

    /// By which nodes know that they share it: 16 hex digits that don't betray it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.derive("passerby cluster")[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A key for one `purpose`, which says nothing of those for others.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        hmac(self.0.as_bytes(), purpose.as_bytes())
    }

    /// For who signs with it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// HMAC-SHA-256 (RFC 2104).
#[must_use]
pub fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is one");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// Whether `tag` is the beginning of the HMAC-SHA-256 of `text`. How long that takes
/// says nothing of how much of it was right. An empty one never is.
#[must_use]
pub fn verifies(key: &[u8], text: &[u8], tag: &[u8]) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is one");
    mac.update(text);
    mac.verify_truncated_left(tag).is_ok()
}

impl std::str::FromStr for Secret {
    type Err = Empty;

    fn from_str(text: &str) -> Result<Self, Empty> {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_what_is_written_without_the_line_s_end_and_does_not_print_itself() {
        let secret = Secret::new(" hunter2\n").unwrap();
        assert_eq!(secret.expose(), "hunter2");
        assert!(!format!("{secret:?}").contains("hunter2"));
        assert_eq!(Secret::new(" \n"), Err(Empty));
        assert_ne!(Secret::random(), Secret::random());
        assert_eq!(Secret::random().expose().len(), 64);
    }
}
