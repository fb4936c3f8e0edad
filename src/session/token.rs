//! The token by which a client comes back to its session.
//!
//! It is a secret: it doesn't print itself, and the service keeps its hash
//! alone.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::NodeId;
use crate::secret::{Secret, hmac};

/// The characters of the part that is the secret, of the node's name, of what is another
/// each time, and of the signature of all that.
const SECRET: usize = 32;
const NODE: usize = 16;
const CHANCE: usize = 8;
const SIGNATURE: usize = 16;
/// Of those that are given out; those of older versions have no part that is chance.
const LENGTHS: [usize; 2] = [SECRET + NODE + CHANCE + SIGNATURE, SECRET + NODE + SIGNATURE];

/// 128 random bits, as the client holds them, with the node that gave them out and a
/// signature: no two that are given out are alike. Any other text is a token as well, of
/// no session.
#[derive(Clone)]
pub struct Token(Box<str>);

/// By which the service knows a token: the SHA-256 (FIPS 180-4) of its secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TokenHash([u8; 32]);

/// What a node signs tokens with, the same on all nodes of a service.
#[derive(Clone)]
pub struct TokenKey {
    node: NodeId,
    key: [u8; 32],
}

impl TokenKey {
    /// The key of the node `node`, from the service's secret.
    #[must_use]
    pub fn new(node: NodeId, secret: &Secret) -> Self {
        Self { node, key: secret.derive("passerby tokens") }
    }

    fn sign(&self, text: &str) -> String {
        let signature = hmac(&self.key, text.as_bytes());
        let (half, _) = signature.split_first_chunk().expect("a signature has 32 bytes");
        format!("{:0SIGNATURE$x}", u64::from_be_bytes(*half))
    }
}

impl Token {
    /// A new one, from a cryptographically secure generator.
    #[must_use]
    pub fn random() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()).into())
    }

    /// The same, saying that the session is on the node of `key`.
    #[must_use]
    pub fn given_out(&self, key: &TokenKey) -> Self {
        let chance = rand::random::<u32>();
        let named = format!("{}{}{chance:0CHANCE$x}", self.secret_part(), key.node);
        Self(format!("{named}{}", key.sign(&named)).into())
    }

    /// The node that gave it out last, if one that shares `key` did.
    #[must_use]
    pub fn origin(&self, key: &TokenKey) -> Option<NodeId> {
        let (named, signature) = self.0.split_at_checked(self.0.len().checked_sub(SIGNATURE)?)?;
        let node = NodeId::parse(named.get(SECRET..SECRET + NODE)?)?;
        // What is compared is no secret of anybody else's session.
        (signature == key.sign(named)).then_some(node)
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
        TokenHash(Sha256::digest(self.secret_part().as_bytes()).into())
    }

    /// What is another one each time that it is given out.
    #[must_use]
    pub fn hash_as_given(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.as_bytes()).into())
    }

    fn secret_part(&self) -> &str {
        let given_out = LENGTHS.contains(&self.0.len());
        self.0.get(..SECRET).filter(|_| given_out).unwrap_or(&self.0)
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(..)")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl TokenHash {
    /// Its bytes.
    #[must_use]
    pub const fn bytes(self) -> [u8; 32] {
        self.0
    }

    /// One of the given bytes, as they were kept.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
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
    fn a_token_names_the_node_that_gave_it_out_and_stays_the_same_session_s() {
        let secret = Secret::random();
        let [one, other] = [1, 2].map(|bits| TokenKey::new(NodeId::from_bits(bits), &secret));
        let token = Token::random();
        let first = token.given_out(&one);
        let then = first.given_out(&other);
        assert_eq!(first.origin(&other), Some(NodeId::from_bits(1)));
        assert_eq!(then.origin(&one), Some(NodeId::from_bits(2)));
        assert!(token.hash() == first.hash() && first.hash() == then.hash());
        let again = first.given_out(&one);
        assert!(again.hash() == first.hash() && again.hash_as_given() != first.hash_as_given());
        assert_eq!(token.origin(&one), None);
        let forged = first.secret().replacen("0000000000000001", "0000000000000003", 1);
        assert_eq!(Token::presented(&forged).origin(&one), None);
        let stranger = TokenKey::new(NodeId::from_bits(1), &Secret::random());
        assert_eq!(first.origin(&stranger), None);
        for odd in ["", "é", &"é".repeat(32), &"0".repeat(72)] {
            assert_eq!(Token::presented(odd).origin(&one), None);
            let _ = Token::presented(odd).hash();
        }
    }

    #[test]
    fn a_token_of_an_older_version_is_known() {
        let key = TokenKey::new(NodeId::from_bits(1), &Secret::random());
        let token = Token::random();
        let named = format!("{}{}", token.secret(), NodeId::from_bits(1));
        let older = Token::presented(&format!("{named}{}", key.sign(&named)));
        assert_eq!(older.origin(&key), Some(NodeId::from_bits(1)));
        assert!(older.hash() == token.hash());
    }

    #[test]
    fn a_token_does_not_print_itself() {
        let token = Token::random();
        assert!(!format!("{token:?} {:?}", token.hash()).contains(token.secret()));
    }
}
