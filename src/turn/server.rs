//! What each message brings about.
//!
//! Everything here is done at once, without waiting: a task that reads from
//! clients calls it for one message after the other.

use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use stun_types::attribute::{AttributeWrite, ErrorCode, XorMappedAddress};
use stun_types::message::{BINDING, IntegrityKey, Message, MessageClass};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH, SEND};

use super::allocations::Allocations;
use super::answer;
use super::authority::Authority;
use super::client::{Client, FiveTuple};
use super::config::Limits;
use super::crowd::Crowd;
use super::flood::{Flood, Treatment};
use super::framing::is_channel_data;
use super::nonce::Nonces;
use super::peers::Peers;
use super::relayed::{Homes, RelayedSocket};
use super::request::{Reject, message, understood};
use super::reservations::Reservations;
use crate::clock::{Clock, Moment};
use crate::metrics::{Metrics, Refusal};

/// All that the tasks of a relay share.
pub(super) struct Server {
    pub clock: Clock,
    pub realm: String,
    pub limits: Limits,
    pub authority: Arc<dyn Authority>,
    pub metrics: Arc<Metrics>,
    pub nonces: Nonces,
    pub peers: Peers,
    pub homes: Homes,
    pub allocations: Allocations,
    pub reservations: Mutex<Reservations<RelayedSocket>>,
    pub flood: Mutex<Flood>,
    pub crowd: Mutex<Crowd>,
}

/// What an answer holds that says that a request was done.
pub(super) type Attributes = Vec<Box<dyn AttributeWrite>>;
/// Whether a request was done.
pub(super) type Done = Result<Attributes, Reject>;

/// What came of a request, and what its answer is signed with.
struct Outcome {
    done: Done,
    key: Option<IntegrityKey>,
}

impl Server {
    /// Takes what a client sent: a message, channel data, or rubbish, which is
    /// dropped. `client` is asked for only where it is answered.
    pub(super) fn receive(
        self: &Arc<Self>,
        tuple: &FiveTuple,
        bytes: &[u8],
        client: impl FnOnce() -> Client,
    ) {
        let now = self.clock.now();
        if is_channel_data(bytes) {
            return self.channel_data(tuple, bytes, now);
        }
        let Some(message) = message(bytes) else { return };
        match message.class() {
            MessageClass::Request => self.request(&message, client(), now),
            MessageClass::Indication if message.has_method(SEND) => {
                self.send_indication(tuple, &message, now);
            }
            _ => (),
        }
    }

    fn request(self: &Arc<Self>, message: &Message<'_>, client: Client, now: Moment) {
        let outcome = match message.method() {
            BINDING => Outcome { done: binding(message, &client), key: None },
            ALLOCATE | REFRESH | CREATE_PERMISSION | CHANNEL_BIND => {
                self.authenticated(message, &client, now)
            }
            _ => return,
        };
        self.answer(message, &client, outcome, now);
    }

    fn authenticated(
        self: &Arc<Self>,
        message: &Message<'_>,
        client: &Client,
        now: Moment,
    ) -> Outcome {
        let access = match self.access(message, client, now) {
            Ok(access) => access,
            Err(reject) => return Outcome { done: Err(reject), key: None },
        };
        let key = Some(access.key.clone());
        let done = understood(message).and_then(|()| match message.method() {
            ALLOCATE => self.allocate(message, client, access, now),
            REFRESH => self.refresh(message, &*access.owned()?, now),
            CREATE_PERMISSION => self.create_permission(message, &*access.owned()?, now),
            _ => self.channel_bind(message, &*access.owned()?, now),
        });
        Outcome { done, key }
    }

    /// Answers a request. A challenge is never signed.
    fn answer(&self, message: &Message<'_>, client: &Client, outcome: Outcome, now: Moment) {
        let address = client.tuple.address;
        let Outcome { mut done, key } = outcome;
        if let Err(reject) = &done {
            self.count(reject);
        }
        let key = key.filter(|_| !matches!(done, Err(Reject::Challenge(_))));
        if key.is_none() {
            match self.sparingly(done, address.ip(), now) {
                Some(answered) => done = answered,
                None => return,
            }
        }
        let bytes = match &done {
            Ok(attributes) => {
                let attributes: Vec<_> = attributes.iter().map(|attribute| &**attribute).collect();
                answer::success(message, &attributes, key.as_ref())
            }
            Err(reject) => {
                let nonce = || self.nonces.issue(address, now);
                answer::error(message, reject, &self.realm, nonce, key.as_ref())
            }
        };
        client.answer(&bytes);
    }

    /// What is answered without a signature, which may go to a forged address:
    /// only so much, and then nothing.
    fn sparingly(&self, done: Done, ip: IpAddr, now: Moment) -> Option<Done> {
        let treatment = self.flood.lock().take(ip, now);
        if treatment == Treatment::Answer {
            return Some(done);
        }
        self.metrics.turn.refused(Refusal::Unauthenticated);
        let refused = Err(Reject::Code(ErrorCode::INSUFFICIENT_CAPACITY));
        (treatment == Treatment::Refuse).then_some(refused)
    }

    /// Challenges are no refusals; wrong credentials are counted where they are
    /// found.
    fn count(&self, reject: &Reject) {
        let reason = match reject {
            Reject::Challenge(_) => return,
            Reject::Code(ErrorCode::FORBIDDEN) => Refusal::Peer,
            Reject::Code(ErrorCode::WRONG_CREDENTIALS) => Refusal::OtherUser,
            Reject::Code(ErrorCode::ALLOCATION_QUOTA_REACHED) => Refusal::SessionQuota,
            Reject::Code(ErrorCode::INSUFFICIENT_CAPACITY) => Refusal::Capacity,
            Reject::Code(_) | Reject::Unknown(_) => Refusal::BadRequest,
        };
        self.metrics.turn.refused(reason);
    }
}

/// Tells a client its address as it is seen from here (RFC 8489, section 2).
fn binding(message: &Message<'_>, client: &Client) -> Done {
    understood(message)?;
    let address = XorMappedAddress::new(client.tuple.address, message.transaction_id());
    Ok(vec![Box::new(address)])
}

#[cfg(test)]
pub(super) mod tests;
