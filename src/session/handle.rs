//! A session as others hold it: its desk, under a lock.
//!
//! The lock is held for a few instructions and never across an await. Nobody
//! holds two at once but whoever seats two people, and that takes them in the
//! order of their addresses.

use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use prometheus::IntGauge;

use super::bell::Bell;
use super::desk::Desk;
use super::postbag;
use super::state::Standing;
use super::token::TokenHash;
use crate::clock::Moment;
use crate::guard::limiter;
use crate::guard::session::{Said, SessionLimits};
use crate::identity::Identity;
use crate::ids::{PersonId, RoomId, SessionId};
use crate::matchmaking::proposal::Likeness;
use crate::protocol::{CloseCode, ServerMessage};

/// One person's session.
#[derive(Debug)]
pub struct Session {
    id: SessionId,
    token: TokenHash,
    identity: Arc<Identity>,
    /// What it may still do: not at the desk, since only its own connection asks.
    limits: Option<Mutex<SessionLimits>>,
    desk: Apart,
}

/// No line of the caches holds parts of it and of anything else: mostly it is who sits
/// opposite that has something to put there.
#[derive(Debug)]
#[repr(align(64))]
struct Apart(Mutex<Desk>);

impl Session {
    /// A new one, idle and without a connection. What its outbox holds is
    /// counted in `kept_bytes`.
    #[must_use]
    pub fn new(
        id: SessionId,
        token: TokenHash,
        identity: Identity,
        kept_bytes: IntGauge,
    ) -> Arc<Self> {
        Self::limited(id, token, identity, kept_bytes, SessionLimits::none())
    }

    /// The same, which may do no more than `limits` say.
    #[must_use]
    pub fn limited(
        id: SessionId,
        token: TokenHash,
        identity: Identity,
        kept_bytes: IntGauge,
        limits: SessionLimits,
    ) -> Arc<Self> {
        let desk = Apart(Mutex::new(Desk::new(kept_bytes)));
        let limits = limits.are_any().then(|| limits.into());
        Arc::new(Self { id, token, identity: Arc::new(identity), limits, desk })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// By which a client that comes back is known.
    #[must_use]
    pub fn token(&self) -> TokenHash {
        self.token
    }

    /// Whose it is. Rooms that end remember it for a while.
    #[must_use]
    pub fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// Who is kept apart from former partners: the device.
    #[must_use]
    pub fn person(&self) -> PersonId {
        self.identity.person()
    }

    /// The session and the person.
    #[must_use]
    pub fn name(&self) -> (SessionId, PersonId) {
        (self.id, self.person())
    }

    /// What a partner's node has to know of it; `desk` is its own.
    #[must_use]
    pub fn likeness(&self, desk: &Desk) -> Likeness {
        Likeness {
            session: self.id,
            identity: *self.identity,
            token: self.token,
            preferences: desk.state.preferences().clone(),
            epoch: desk.state.epoch(),
        }
    }

    /// Locks it.
    pub fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.0.lock()
    }

    /// Takes what was `said` from what the session may do.
    ///
    /// # Errors
    /// It is too often.
    pub fn allow(&self, said: Said, now: Moment) -> Result<(), limiter::Refused> {
        self.limits.as_ref().map_or(Ok(()), |limits| limits.lock().take(said, now))
    }

    /// Does something at the desk and then wakes whoever serves it.
    pub fn update<R>(&self, act: impl FnOnce(&mut Desk) -> R) -> R {
        let mut desk = self.lock();
        let result = act(&mut desk);
        let bell = desk.unheard_bell().cloned();
        drop(desk);
        if let Some(bell) = bell {
            bell.ring();
        }
        result
    }

    /// Does something at the desk and then has it sent soon, by this thread where
    /// it can be. For what changes nothing about when the connection is looked
    /// after.
    pub fn hand<R>(self: &Arc<Self>, act: impl FnOnce(&mut Desk) -> R) -> R {
        let mut desk = self.lock();
        let result = act(&mut desk);
        let bell = self.put_in_bag(&desk);
        drop(desk);
        if let Some(bell) = bell {
            bell.ring();
        }
        result
    }

    /// Puts what was said in `room` at the desk, only while the session sits there
    /// (invariant 2), and then has it sent as with [`hand`](Self::hand); whether it did.
    pub fn hand_in(self: &Arc<Self>, room: RoomId, put: impl FnOnce(&mut Desk)) -> bool {
        self.hand(|desk| {
            let here = matches!(desk.state.standing(room), Standing::Here(_));
            if here {
                put(desk);
            }
            here
        })
    }

    /// Has this thread send soon what waits at the session's `desk`. Where it does not,
    /// the bell that is to be rung once the desk is let go.
    #[must_use = "a bell is to be rung"]
    pub fn put_in_bag(self: &Arc<Self>, desk: &Desk) -> Option<Arc<Bell>> {
        desk.unheard_bell().filter(|bell| !postbag::put(self, bell)).cloned()
    }

    /// Sends `message`.
    pub fn send(&self, message: &ServerMessage<'_>) {
        self.update(|desk| desk.push(message.encode(), None));
    }

    /// Has its connection closed with `code`, after what already waits.
    pub fn close(&self, code: CloseCode) {
        self.update(|desk| desk.close(code));
    }
}

/// Locks two sessions in the order of their addresses, so that two who do so
/// never wait for each other.
pub fn lock_both<'a>(one: &'a Arc<Session>, other: &'a Arc<Session>) -> [MutexGuard<'a, Desk>; 2] {
    if Arc::as_ptr(one) < Arc::as_ptr(other) {
        let first = one.lock();
        [first, other.lock()]
    } else {
        let second = other.lock();
        [one.lock(), second]
    }
}
