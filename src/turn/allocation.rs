//! An allocation: a client, whose it is, and the sockets that it was given.

use std::time::Duration;

use parking_lot::Mutex;
use stun_types::message::{IntegrityKey, TransactionId};
use tokio::sync::Notify;
use turn_types::AddressFamily;

use super::client::Client;
use super::config::Limits;
use super::grants::Grants;
use super::meter::Meter;
use super::relayed::RelayedSocket;
use super::request::family_of;
use crate::clock::Moment;
use crate::metrics::Counted;

/// An allocation. It is used from several threads: what changes stands behind
/// one lock that is held for a look-up.
pub(super) struct Allocation {
    pub client: Client,
    pub owner: Owner,
    pub offer: Offer,
    /// One socket, or one of each family.
    pub relayed: Vec<RelayedSocket>,
    pub state: Mutex<State>,
    /// Told when the state's `expires` or `over` changes.
    pub changed: Notify,
}

/// Whose an allocation is.
#[derive(Clone)]
pub(super) struct Owner {
    pub username: String,
    /// What all its requests are signed with.
    pub key: IntegrityKey,
    /// By which it is counted and ended.
    pub name: String,
    /// Which of the name's allocations it is.
    pub number: u64,
}

/// What the Allocate was answered, for when it is sent again.
pub(super) struct Offer {
    pub transaction: TransactionId,
    pub lifetime: Duration,
    /// Fetches the port above.
    pub token: Option<u64>,
    /// The family that could not be had, and why.
    pub missing: Option<(AddressFamily, u16)>,
}

/// What changes of an allocation.
pub(super) struct State {
    pub grants: Grants,
    pub expires: Moment,
    /// It has been closed; nothing is relayed any more.
    pub over: bool,
    /// The family that its client gave back.
    pub returned: Option<AddressFamily>,
    pub to_peer: Meter,
    pub from_peer: Meter,
    /// Its place among those that stand; none once it is over.
    pub counted: Option<Counted>,
}

impl State {
    pub(super) fn new(limits: &Limits, expires: Moment, counted: Counted) -> Self {
        Self {
            grants: Grants::default(),
            expires,
            over: false,
            returned: None,
            to_peer: Meter::new(limits.bytes_per_second),
            from_peer: Meter::new(limits.bytes_per_second),
            counted: Some(counted),
        }
    }

    /// Whether it still relays.
    pub(super) fn stands(&self, now: Moment) -> bool {
        !self.over && self.expires > now
    }
}

impl Allocation {
    /// Whether it has an address of a family that it did not give back.
    pub(super) fn has(&self, family: AddressFamily) -> bool {
        self.socket(family).is_some() && self.state.lock().returned != Some(family)
    }

    /// Its socket of a family.
    pub(super) fn socket(&self, family: AddressFamily) -> Option<&RelayedSocket> {
        self.relayed.iter().find(|relayed| family_of(relayed.address) == family)
    }
}
