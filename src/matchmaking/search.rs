//! The look for one ticket's partner.
//!
//! The indexes yield only tickets whose preferences suit, so whoever is
//! examined is a candidate, or one of the few whom the seeker may not meet
//! (now or ever) or has met lately. These few are bounded by the seeker's own
//! past and number of sessions, the candidates by [`LOOKS`] a list: no look
//! grows with the crowd, and none misses the last one who suits.

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use super::acquaintances::{Acquaintances, Past, Relation};
use super::age_set::{OldestFirst, Waiter};
use super::fingerprint::Fingerprint;
use super::policy::{self, Rank, Traits};
use super::queue::Queue;
use super::ticket::Ticket;
use super::tickets::{Entry, Tickets};
use crate::clock::Moment;
use crate::ids::{PersonId, SessionId};

/// How many candidates of one list are compared: the oldest. Lists are longer
/// only where many who suit the seeker don't suit each other. Whoever shares
/// the most is missed only if all the lists that hold it are longer, and chance
/// then is among the oldest of a second.
const LOOKS: usize = 64;

/// What a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The best of those whom the seeker hasn't met lately.
    Stranger(u32),
    /// No stranger, but this is the best of those it has met.
    Acquaintance(u32),
    /// Nobody. Where someone suits but for the wait between two rooms, when
    /// the first of these waits ends.
    Nobody { retry: Option<Moment> },
}

/// Where to look.
pub(super) struct Search<'a, T> {
    pub(super) now: Moment,
    pub(super) tickets: &'a Tickets<T>,
    pub(super) queue: &'a Queue,
    pub(super) acquaintances: &'a Acquaintances,
    /// Whether two sessions of one person may meet.
    pub(super) allow_self: bool,
    pub(super) rng: &'a mut Xoshiro256PlusPlus,
    /// Counts the tickets that were looked at.
    pub(super) examined: &'a mut u64,
}

impl<'a, T> Search<'a, T> {
    /// Looks for a partner for `seeker`, which may stand in the queue itself.
    pub(super) fn run(self, seeker: &'a Entry<T>) -> Outcome {
        let past = self.acquaintances.past(seeker.ticket.person);
        let (seeker, traits) = (&seeker.ticket, &seeker.traits);
        let mut look = Look {
            person: seeker.person,
            session: seeker.session,
            traits,
            past,
            strangers: Best::default(),
            acquaintances: Best::default(),
            retry: None,
            search: self,
        };
        look.over_interests();
        if look.strangers.is_empty() && traits.open() {
            look.over_open();
        }
        look.outcome()
    }
}

/// A search under way.
struct Look<'a, T> {
    search: Search<'a, T>,
    person: PersonId,
    session: SessionId,
    traits: &'a Traits,
    past: Option<Past<'a>>,
    strangers: Best,
    acquaintances: Best,
    retry: Option<Moment>,
}

impl<'a, T> Look<'a, T> {
    fn over_interests(&mut self) {
        let (queue, tickets, traits) = (self.search.queue, self.search.tickets, self.traits);
        // All lists are looked up before any is read, so that the waits for
        // memory overlap.
        queue.touch(traits);
        let interests = traits.interests.iter().copied();
        let list = |interest| (interest, queue.sharing(interest, traits, tickets));
        let lists: Vec<_> = interests.map(list).collect();
        // Who shares several interests often stands at the head of several lists.
        let mut last = None;
        for (interest, list) in lists {
            let mut looks = 0;
            for waiter in list {
                let ceiling = self.rank(traits.interests.len(), waiter);
                if looks == LOOKS || self.strangers.beats(ceiling) {
                    break;
                }
                let again = last.filter(|(key, _)| *key == waiter.key);
                let counts = again
                    .map_or_else(|| self.consider(waiter, Some(interest)), |(_, counts)| counts);
                last = Some((waiter.key, counts));
                looks += usize::from(counts);
            }
        }
    }

    /// Whoever is here shares nothing with the seeker that hasn't been seen:
    /// only age counts, so the first stranger of the oldest is the partner.
    fn over_open(&mut self) {
        let (queue, traits) = (self.search.queue, self.traits);
        let mut oldest = queue.open(traits);
        let mut next = oldest.next();
        while let Some(first) = next {
            let mut equals = vec![first];
            next = self.equals_of(first, &mut oldest, &mut equals);
            while !equals.is_empty() {
                let drawn = self.search.rng.random_range(..equals.len());
                self.consider(equals.swap_remove(drawn), None);
                if !self.strangers.is_empty() {
                    return;
                }
            }
        }
    }

    /// Collects those that have waited as long as `first`, at most [`LOOKS`] of
    /// them, and returns the one after.
    fn equals_of(
        &self,
        first: Waiter,
        oldest: &mut OldestFirst<'_>,
        equals: &mut Vec<Waiter>,
    ) -> Option<Waiter> {
        let rank = self.rank(0, first);
        for waiter in oldest {
            if equals.len() == LOOKS || self.rank(0, waiter) != rank {
                return Some(waiter);
            }
            equals.push(waiter);
        }
        None
    }

    fn rank(&self, shared: usize, waiter: Waiter) -> Rank {
        Rank::new(shared, waiter.since, self.search.now)
    }

    /// Examines one ticket of the list of `interest`, or of the open one.
    /// Whether it counts as a look: those whom the seeker may not meet or has
    /// met don't, else a crowd of them could hide someone who suits.
    fn consider(&mut self, waiter: Waiter, interest: Option<Fingerprint>) -> bool {
        *self.search.examined += 1;
        let other = self.search.tickets.get(waiter.key);
        let Ticket { person, session, .. } = other.ticket;
        if session == self.session {
            return false;
        }
        let relation = if person != self.person {
            self.relation(person)
        } else if self.search.allow_self {
            self.relation_of_sessions(session)
        } else {
            return false;
        };
        if !self.seen_before(&other.traits, interest) {
            self.note(waiter, &other.traits, relation);
        }
        relation == Relation::Strangers
    }

    fn note(&mut self, waiter: Waiter, other: &Traits, relation: Relation) {
        let shared = policy::shared(self.traits, other);
        if !policy::suits(self.traits, other, shared) {
            return;
        }
        let rank = self.rank(shared, waiter);
        match relation {
            Relation::Strangers => self.strangers.offer(rank, waiter.key),
            Relation::Acquainted => self.acquaintances.offer(rank, waiter.key),
            Relation::ApartUntil(end) => {
                self.retry = Some(self.retry.map_or(end, |retry| retry.min(end)));
            }
            Relation::ApartForGood => {}
        }
    }

    /// Who shares several interests stands in several lists: it counts in the
    /// first of them.
    fn seen_before(&self, other: &Traits, interest: Option<Fingerprint>) -> bool {
        let mut shared = self.traits.interests.iter().filter(|id| other.interests.contains(id));
        shared.next().copied() != interest
    }

    fn relation(&self, person: PersonId) -> Relation {
        self.past.as_ref().map_or(Relation::Strangers, |past| past.with(person, self.search.now))
    }

    /// How the seeker's session stands to another of the same person.
    fn relation_of_sessions(&self, other: SessionId) -> Relation {
        let past = self.search.acquaintances.past(self.session.into());
        past.map_or(Relation::Strangers, |past| past.with(other.into(), self.search.now))
    }

    fn outcome(self) -> Outcome {
        let rng = self.search.rng;
        if let Some(key) = self.strangers.draw(rng) {
            Outcome::Stranger(key)
        } else if let Some(key) = self.acquaintances.draw(rng) {
            Outcome::Acquaintance(key)
        } else {
            Outcome::Nobody { retry: self.retry }
        }
    }
}

/// The best so far, and all that are equal to it.
#[derive(Default)]
struct Best {
    rank: Option<Rank>,
    equals: Vec<u32>,
}

impl Best {
    fn is_empty(&self) -> bool {
        self.equals.is_empty()
    }

    fn beats(&self, rank: Rank) -> bool {
        self.rank > Some(rank)
    }

    fn offer(&mut self, rank: Rank, key: u32) {
        if self.rank < Some(rank) {
            self.rank = Some(rank);
            self.equals.clear();
        }
        if self.rank == Some(rank) {
            self.equals.push(key);
        }
    }

    fn draw(&self, rng: &mut Xoshiro256PlusPlus) -> Option<u32> {
        match self.equals.len() {
            0 => None,
            len => Some(self.equals[rng.random_range(..len)]),
        }
    }
}
