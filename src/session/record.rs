//! A session between two owners: a process that stops and the next, or two
//! nodes.
//!
//! Times are kept as ages, since no two processes share a monotonic clock.

use std::sync::Arc;

use parking_lot::MutexGuard;
use serde::{Deserialize, Serialize};

use super::desk::{Desk, Way};
use super::handle::Session;
use super::outbox::OutboxRecord;
use super::state::StateRecord;
use super::token::TokenHash;
use crate::clock::Moment;
use crate::exchange::bridge::{self, Bridge, BridgeRecord};
use crate::identity::Identity;
use crate::ids::{RoomId, SessionId};
use crate::matchmaking::proposal::Acquaintance;

/// One session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Its id.
    pub id: SessionId,
    /// By which its client comes back.
    pub token: TokenHash,
    /// Whose it is.
    pub identity: Identity,
    /// Where it stands.
    pub state: StateRecord,
    /// What it is sent.
    pub outbox: OutboxRecord,
    /// The number of its last connection, or of the end of that.
    #[serde(default)]
    pub link: u64,
    /// The way to a partner on another node.
    #[serde(default)]
    pub bridge: Option<BridgeRecord>,
    /// Whom the person met or is kept apart from, where the new owner can't know.
    #[serde(default)]
    pub acquaintances: Vec<Acquaintance>,
}

impl SessionRecord {
    /// Takes all of a session; what its outbox held is moved, and so is what is
    /// under way to a partner on another node. `None` where it is over, or about
    /// to be because it could not hold what it was sent.
    #[must_use]
    pub fn of(session: &Session, now: Moment) -> Option<Self> {
        with_bridge(session, |desk, bridge| {
            let bridge = bridge.and_then(|(bridge, state)| state.record(bridge));
            Self::at(session, desk, bridge, now)
        })
    }

    /// The same of one whose desk, and the way to whose partner, are in hand.
    #[must_use]
    pub fn at(
        session: &Session,
        desk: &mut Desk,
        bridge: Option<BridgeRecord>,
        now: Moment,
    ) -> Option<Self> {
        if desk.overflowed() {
            return None;
        }
        let link = desk.link().number();
        let state = desk.state.record(now, |partner| partner.id())?;
        Some(Self {
            id: session.id(),
            token: session.token(),
            identity: **session.identity(),
            state,
            outbox: desk.record_outbox(),
            link,
            bridge,
            acquaintances: Vec::new(),
        })
    }

    /// Under which it stood: greater with each owner.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.state.epoch()
    }

    /// Puts it after all that a lost owner may have made of it.
    pub fn outrun(&mut self) {
        self.state.outrun();
        if let Some(bridge) = &mut self.bridge {
            bridge.outrun();
        }
    }

    /// Whether it was recorded to go to another node, or sits opposite somebody there.
    #[must_use]
    pub fn was_to_move(&self) -> bool {
        self.bridge.is_some() || !self.acquaintances.is_empty()
    }

    /// The room that it sits in.
    #[must_use]
    pub fn room(&self) -> Option<RoomId> {
        self.state.room()
    }
}

/// Does something at a session's desk, and at the way to its partner where that
/// one sits on another node.
pub fn with_bridge<R>(
    session: &Session,
    act: impl FnOnce(&mut Desk, Option<(&Bridge, &mut bridge::State)>) -> R,
) -> R {
    loop {
        let bridge = bridge_of(&session.lock());
        // The bridge is locked before the desk, and the seat may have changed since.
        let mut state = bridge.as_ref().map(|bridge| bridge.lock());
        let mut desk: MutexGuard<'_, Desk> = session.lock();
        let now_there = bridge_of(&desk);
        if bridge.as_ref().map(Arc::as_ptr) == now_there.as_ref().map(Arc::as_ptr) {
            let way = bridge.as_deref().zip(state.as_deref_mut());
            return act(&mut desk, way);
        }
    }
}

fn bridge_of(desk: &Desk) -> Option<Arc<Bridge>> {
    match &desk.state.seat()?.partner.way {
        Way::There(bridge) => Some(bridge.clone()),
        Way::Here(_) => None,
    }
}
