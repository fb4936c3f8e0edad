//! The token by which a client comes back to its session.
//!
//! It is a secret: it doesn't print itself, and the service keeps its hash
//! alone.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// 128 random bits, as the client holds them. Any other text is a token as
/// well, of no session.
#[derive(Clone)]
pub struct Token(Box<str>);

/// By which the service knows a token: its SHA-256 (FIPS 180-4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TokenHash([u8; 32]);

impl Token {
    /// A new one, from a cryptographically secure generator.
    #[must_use]
    pub fn random() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()).into())
    }

    /// What a client presented.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        Self(text.into())
    }

    /// For its client only.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// By which the service knows it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_are_known_by_their_hash() {
        let (one, other) = (Token::random(), Token::random());
        assert_eq!(one.secret().len(), 32);
        assert_ne!(one.hash(), other.hash());
        assert_eq!(Token::presented(one.secret()).hash(), one.hash());
        assert_ne!(Token::presented(&one.secret()[1..]).hash(), one.hash());
    }

    #[test]
    fn a_token_does_not_print_itself() {
        let token = Token::random();
        assert!(!format!("{token:?} {:?}", token.hash()).contains(token.secret()));
    }
}
