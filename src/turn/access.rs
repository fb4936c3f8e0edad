//! Whose a request is (RFC 8489, section 9.2).
//!
//! The requests of an allocation that stands are checked against the username
//! and key that it was made with, so that its credentials may run out.

use std::sync::Arc;

use stun_types::attribute::{
    AttributeStaticType, ErrorCode, MessageIntegrity, Nonce, Realm, Username,
};
use stun_types::message::{IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials, Message};
use turn_types::message::ALLOCATE;

use super::allocation::Allocation;
use super::client::Client;
use super::request::{Reject, required};
use super::server::Server;
use crate::clock::Moment;
use crate::metrics::Refusal;

/// Who asks, and what the client has.
pub(super) struct Access {
    pub username: String,
    pub key: IntegrityKey,
    pub name: String,
    /// The client's allocation, be it this user's or not.
    pub standing: Option<Arc<Allocation>>,
}

const UNAUTHORIZED: Reject = Reject::Challenge(ErrorCode::UNAUTHORIZED);

impl Access {
    /// The client's allocation, which must be this user's.
    ///
    /// # Errors
    /// 437 where there is none, 441 where it is another's (RFC 8656, section 5).
    pub(super) fn owned(self) -> Result<Arc<Allocation>, Reject> {
        let standing = self.standing.ok_or(Reject::Code(ErrorCode::ALLOCATION_MISMATCH))?;
        if standing.owner.username == self.username {
            Ok(standing)
        } else {
            Err(Reject::Code(ErrorCode::WRONG_CREDENTIALS))
        }
    }
}

impl Server {
    /// Checks who signed a request.
    ///
    /// # Errors
    /// 401 with a challenge where it is nobody who may ask this, 438 where the
    /// nonce is too old, 400 where something is malformed or missing.
    pub(super) fn access(
        &self,
        message: &Message<'_>,
        client: &Client,
        now: Moment,
    ) -> Result<Access, Reject> {
        if !message.has_attribute(MessageIntegrity::TYPE) {
            return Err(UNAUTHORIZED);
        }
        let username: Username = required(message)?;
        let realm: Realm = required(message)?;
        let nonce: Nonce = required(message)?;
        // First, as it is cheap: without a nonce nobody makes us compute keys.
        if !self.nonces.holds(nonce.nonce(), client.tuple.address, now) {
            return Err(Reject::Challenge(ErrorCode::STALE_NONCE));
        }
        let standing = self.allocations.find(&client.tuple, now);
        let username = username.username();
        let (key, name, expired) = match &standing {
            Some(own) if own.owner.username == username => {
                (own.owner.key.clone(), own.owner.name.clone(), false)
            }
            _ => self.account(username).ok_or_else(|| self.refused(Refusal::Credentials))?,
        };
        if realm.realm() != self.realm || message.validate_integrity_with_key(&key).is_err() {
            return Err(self.refused(Refusal::Credentials));
        }
        if expired && message.has_method(ALLOCATE) {
            return Err(self.refused(Refusal::Expired));
        }
        Ok(Access { username: username.to_owned(), key, name, standing })
    }

    fn account(&self, username: &str) -> Option<(IntegrityKey, String, bool)> {
        let account = self.authority.account(username)?;
        let realm = self.realm.clone();
        let credentials = LongTermKeyCredentials::new(username.into(), account.password, realm);
        Some((credentials.make_key(IntegrityAlgorithm::Sha1), account.name, account.expired))
    }

    fn refused(&self, reason: Refusal) -> Reject {
        self.metrics.turn.refused(reason);
        UNAUTHORIZED
    }
}
