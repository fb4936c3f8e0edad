//! Short words for scenes with the pool. Times are milliseconds; a session's
//! number is also its person's, unless said otherwise, and its ticket's payload.

use std::sync::Arc;

use passerby::clock::Moment;
use passerby::ids::{PersonId, SessionId};
use passerby::matchmaking::pool::{Config, Match, Pool, Ticket};
use passerby::protocol::Preferences;

/// The moment `millis` after the origin.
pub fn at(millis: u64) -> Moment {
    Moment::from_micros(millis * 1000)
}

/// A person by number.
pub fn person(number: u128) -> PersonId {
    PersonId::from_u128(number)
}

/// A session by number.
pub fn session(number: u64) -> SessionId {
    SessionId::from_u128(number.into())
}

/// No wishes.
pub fn nothing() -> Preferences {
    Preferences::default()
}

/// These interests, which must be sorted.
pub fn interests(named: &[&str]) -> Preferences {
    Preferences { interests: named.iter().map(|name| (*name).into()).collect(), ..nothing() }
}

/// These languages, which must be sorted.
pub fn languages(named: &[&str]) -> Preferences {
    Preferences { languages: named.iter().map(|name| (*name).into()).collect(), ..nothing() }
}

/// A pool that speaks in numbers.
pub struct Waits {
    /// The pool itself.
    pub inner: Pool<u64>,
}

impl Waits {
    /// An empty pool.
    pub fn new(seed: u64) -> Self {
        Self { inner: Pool::new(Config::default(), seed) }
    }

    /// Joins now; the session it is paired with, if any.
    pub fn join(&mut self, now: u64, session: u64, wishes: Preferences) -> Option<u64> {
        self.join_since(now, now, session, wishes)
    }

    /// Joins after a wait that began at `since`.
    pub fn join_since(
        &mut self,
        now: u64,
        since: u64,
        session: u64,
        wishes: Preferences,
    ) -> Option<u64> {
        let made = self.inner.join(at(now), ticket(since, session, session.into(), wishes))?;
        let owners = [made.offerer.owner, made.answerer.owner];
        owners.into_iter().find(|owner| *owner != session)
    }

    /// Joins now; the match itself.
    pub fn join_raw(&mut self, now: u64, session: u64, wishes: Preferences) -> Option<Match<u64>> {
        self.join_as(now, session, session.into(), wishes)
    }

    /// Joins now as a session of the person of that number.
    pub fn join_as(
        &mut self,
        now: u64,
        session: u64,
        person: u128,
        wishes: Preferences,
    ) -> Option<Match<u64>> {
        self.inner.join(at(now), ticket(now, session, person, wishes))
    }

    /// Advances; the pairs made, the smaller number first.
    pub fn advance(&mut self, now: u64) -> Vec<(u64, u64)> {
        let made = self.inner.advance(at(now));
        let owners = made.iter().map(|made| (made.offerer.owner, made.answerer.owner));
        owners.map(|(a, b)| (a.min(b), a.max(b))).collect()
    }

    /// Takes the session out; whether it waited.
    pub fn waits(&mut self, number: u64) -> bool {
        self.inner.leave(session(number)).is_some()
    }
}

/// A ticket in numbers.
pub fn ticket(since: u64, number: u64, whose: u128, wishes: Preferences) -> Ticket<u64> {
    Ticket {
        session: session(number),
        person: person(whose),
        preferences: Arc::new(wishes),
        since: at(since),
        owner: number,
    }
}
