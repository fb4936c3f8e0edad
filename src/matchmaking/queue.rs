//! The waiting tickets of one mode, indexed so that a seeker comes upon those
//! whose preferences suit and nobody else.
//!
//! A ticket stands under each of its interests and, while it takes a partner
//! who shares none, in the open index as well.

use super::age_set::OldestFirst;
use super::fingerprint::Fingerprint;
use super::interests::Interests;
use super::language_index::LanguageIndex;
use super::members::{Members, Named};
use super::policy::Traits;
use super::tickets::Tickets;

/// One mode's indexes. They refer to tickets by key and own none.
pub(super) struct Queue {
    interests: Interests,
    open: LanguageIndex,
    waiting: usize,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self { interests: Interests::default(), open: LanguageIndex::default(), waiting: 0 }
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    pub(super) fn insert<T>(&mut self, key: u32, tickets: &Tickets<T>) {
        let traits = &tickets.get(key).traits;
        named(key, traits).for_each(|named| self.interests.add(named, tickets));
        if traits.open() {
            self.open.insert(tickets.member(key));
        }
        self.waiting += 1;
    }

    pub(super) fn remove<T>(&mut self, key: u32, tickets: &Tickets<T>) {
        let traits = &tickets.get(key).traits;
        named(key, traits).for_each(|named| self.interests.remove(named, tickets));
        if traits.open() {
            self.open.remove(tickets.member(key));
        }
        self.waiting -= 1;
    }

    /// Follows a ticket that stands here and has just been marked as relaxed.
    pub(super) fn relax<T>(&mut self, key: u32, tickets: &Tickets<T>) {
        let traits = &tickets.get(key).traits;
        named(key, traits).for_each(|named| self.interests.relax(named, tickets));
        if traits.interests.is_empty() {
            self.open.relax(tickets.member(key));
        } else {
            self.open.insert(tickets.member(key));
        }
    }

    /// Prepares for looks at all that a ticket's interests lead to.
    pub(super) fn touch(&self, traits: &Traits) {
        self.interests.touch(&traits.interests);
    }

    /// Those who named `interest` and whose languages suit the seeker's.
    pub(super) fn sharing<T>(
        &self,
        interest: Fingerprint,
        seeker: &Traits,
        tickets: &Tickets<T>,
    ) -> OldestFirst<'_> {
        self.interests.suiting(interest, seeker, tickets)
    }

    /// Those who take anyone and whose languages suit the seeker's.
    pub(super) fn open(&self, seeker: &Traits) -> OldestFirst<'_> {
        self.open.suiting(&seeker.languages, seeker.relaxed)
    }
}

/// What the ticket `key` named.
fn named(key: u32, traits: &Traits) -> impl Iterator<Item = Named> {
    (0..traits.interests.len().min(Named::AT_MOST)).map(move |nth| Named { key, nth })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;
    use crate::ids::{PersonId, SessionId};
    use crate::matchmaking::pool::{Config, Pool, Ticket};
    use crate::protocol::Preferences;

    #[test]
    fn who_names_more_than_is_permitted_hurts_nobody() {
        let ticket = |number: u128, names: usize| {
            let interests = (0..names).map(|name| name.to_string().into()).collect();
            Ticket {
                session: SessionId::from_u128(number),
                person: PersonId::from_u128(number),
                preferences: Preferences { interests, ..Preferences::default() }.into(),
                since: Moment::default(),
                owner: (),
            }
        };
        let mut pool = Pool::new(Config::default(), 1);
        assert!(pool.join(Moment::default(), ticket(1, 2 * Named::AT_MOST)).is_none());
        assert!(pool.leave(SessionId::from_u128(1)).is_some());
        assert!(pool.join(Moment::default(), ticket(1, 2 * Named::AT_MOST)).is_none());
        assert!(pool.join(Moment::default(), ticket(2, 1)).is_some());
    }
}
