//! What is remembered of one person, as others ask for it.

use super::{Acquaintances, Relation};
use crate::clock::Moment;
use crate::ids::PersonId;
use crate::matchmaking::person::Person;
use crate::matchmaking::proposal::Acquaintance;

/// One person's past.
pub(crate) struct Past<'a> {
    pub(super) all: &'a Acquaintances,
    pub(super) person: &'a Person,
}

impl Past<'_> {
    /// Whom the person met, the longest ago first, and whom it is kept apart from.
    pub(crate) fn all(&self, now: Moment) -> Vec<Acquaintance> {
        let id = |slot: u32| self.all.people[slot as usize].id();
        let mut met: Vec<_> = self.person.all_met().collect();
        met.sort_by_key(|(_, ended)| *ended);
        let met = met.into_iter().map(|(slot, ended)| (slot, Some(now - ended)));
        let avoided = self.person.all_avoided().map(|slot| (slot, None));
        let all = met.chain(avoided);
        all.map(|(slot, ended_ago)| Acquaintance { person: id(slot), ended_ago }).collect()
    }

    /// How the person stands to `other` at `now`.
    pub(crate) fn with(&self, other: PersonId, now: Moment) -> Relation {
        let Some(&other) = self.all.slots.get(&other) else { return Relation::Strangers };
        if self.person.avoids(other) {
            return Relation::ApartForGood;
        }
        let memory = &self.all.memory;
        match self.person.met(other) {
            Some(ended) if ended + memory.apart > now => Relation::ApartUntil(ended + memory.apart),
            Some(ended) if ended + memory.acquainted > now => Relation::Acquainted,
            _ => Relation::Strangers,
        }
    }
}
