//! Who waits under each interest: a hash table for millions of names that one ticket
//! each has.
//!
//! What a ticket's ten names cost is ten waits for memory that no cache holds, and for
//! the addresses of its pages. So a place is as small as it can be: eight in a cache
//! line, of a table that has no more (linear probing). It holds a few bits of the name,
//! and which ticket's it is: what the bits leave open that ticket tells, whom one who
//! looks there is about to look at anyway. Names come as keyed fingerprints, so their
//! bits are as good as a hash.

use std::hint::black_box;

use slab::Slab;

use self::part::{Held, Holder, Part, Place};
use super::age_set::OldestFirst;
use super::fingerprint::Fingerprint;
use super::language_index::LanguageIndex;
use super::members::{Members, Named};
use super::policy::Traits;

mod part;

/// Each part grows on its own: all at once would stop the pool for a tenth of a
/// second. A power of two.
const PARTS: usize = 1024;

/// Indexes by interest; none of them is empty.
pub(super) struct Interests {
    parts: Box<[Part]>,
    /// Those under names that several tickets have, or had.
    crowds: Slab<Box<Crowd>>,
}

struct Crowd {
    interest: Fingerprint,
    index: LanguageIndex,
}

impl Default for Interests {
    fn default() -> Self {
        let parts = std::iter::repeat_with(Part::default).take(PARTS);
        Self { parts: parts.collect(), crowds: Slab::new() }
    }
}

impl Interests {
    /// Those under `interest` who suit the `seeker`'s languages, the longest wait first.
    /// One who stands there alone is among them whatever the languages: whoever reads
    /// has to check.
    pub(super) fn suiting(
        &self,
        interest: Fingerprint,
        seeker: &Traits,
        tickets: &impl Members,
    ) -> OldestFirst<'_> {
        match self.find(interest, tickets).1 {
            Held::Nobody => OldestFirst::default(),
            Held::One(named) => OldestFirst::of_one(tickets.member(named.key).waiter),
            Held::Crowd(slot) => self.crowds[slot].index.suiting(&seeker.languages, seeker.relaxed),
        }
    }

    /// Has the memory bring what stands at the places of these names: all at once, where
    /// each look for one of them would wait until the one before knows what it found.
    pub(super) fn touch(&self, interests: &[Fingerprint]) {
        let touched = interests
            .iter()
            .map(|interest| self.parts[part_of(*interest)].touch(tag_of(*interest)));
        black_box(touched.fold(0, |all, one| all ^ one));
    }

    /// Adds a ticket under what it `named`.
    pub(super) fn add(&mut self, named: Named, tickets: &impl Members) {
        let interest = tickets.interest(named);
        let (at, held) = self.find(interest, tickets);
        let part = &mut self.parts[part_of(interest)];
        let index = match held {
            Held::Nobody => {
                return part.fill(at, Place::new(tag_of(interest), Holder::one(named)));
            }
            Held::One(first) => {
                let mut crowd = Box::new(Crowd { interest, index: LanguageIndex::default() });
                crowd.index.insert(tickets.member(first.key));
                let slot = self.crowds.insert(crowd);
                part.give(at, Holder::crowd(slot));
                &mut self.crowds[slot].index
            }
            Held::Crowd(slot) => &mut self.crowds[slot].index,
        };
        index.insert(tickets.member(named.key));
    }

    /// Takes a ticket out under what it `named`, as it was added or last relaxed.
    pub(super) fn remove(&mut self, named: Named, tickets: &impl Members) {
        let interest = tickets.interest(named);
        let (at, held) = self.find(interest, tickets);
        match held {
            Held::One(only) if only == named => {}
            Held::Crowd(slot) => {
                let index = &mut self.crowds[slot].index;
                index.remove(tickets.member(named.key));
                if !index.is_empty() {
                    return;
                }
                self.crowds.remove(slot);
            }
            Held::Nobody | Held::One(_) => return,
        }
        self.parts[part_of(interest)].close_up(at);
    }

    /// Follows a ticket that stands under what it `named` and is now relaxed.
    pub(super) fn relax(&mut self, named: Named, tickets: &impl Members) {
        if let (_, Held::Crowd(slot)) = self.find(tickets.interest(named), tickets) {
            self.crowds[slot].index.relax(tickets.member(named.key));
        }
    }

    /// The place of `interest` in its part, and who is there; nobody at the free one
    /// where it would stand.
    fn find(&self, interest: Fingerprint, tickets: &impl Members) -> (usize, Held) {
        self.parts[part_of(interest)].find(tag_of(interest), |held| match *held {
            Held::Nobody => true,
            Held::One(named) => tickets.interest(named) == interest,
            Held::Crowd(slot) => self.crowds[slot].interest == interest,
        })
    }
}

/// By other bits than a place.
fn part_of(interest: Fingerprint) -> usize {
    (interest >> 64) as usize & (PARTS - 1)
}

/// What a place holds of a name.
fn tag_of(interest: Fingerprint) -> u32 {
    interest as u32
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use rand::rngs::Xoshiro256PlusPlus;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::clock::Moment;
    use crate::matchmaking::age_set::Waiter;
    use crate::matchmaking::members::Member;

    /// What each ticket named.
    struct Crowd<'a>(&'a [Vec<Fingerprint>]);

    impl Members for Crowd<'_> {
        fn member(&self, key: u32) -> Member<'_> {
            let waiter = Waiter { since: Moment::default(), key };
            Member { waiter, languages: &[], relaxed: false }
        }

        fn interest(&self, Named { key, nth }: Named) -> Fingerprint {
            self.0[key as usize][nth]
        }
    }

    fn add(interests: &mut Interests, key: usize, tickets: &[Vec<Fingerprint>]) {
        all(key, tickets).for_each(|named| interests.add(named, &Crowd(tickets)));
    }

    fn remove(interests: &mut Interests, key: usize, tickets: &[Vec<Fingerprint>]) {
        all(key, tickets).for_each(|named| interests.remove(named, &Crowd(tickets)));
    }

    fn all(key: usize, tickets: &[Vec<Fingerprint>]) -> impl Iterator<Item = Named> + use<> {
        (0..tickets[key].len()).map(move |nth| Named { key: key as u32, nth })
    }

    fn keys(
        interests: &Interests,
        interest: Fingerprint,
        tickets: &[Vec<Fingerprint>],
    ) -> Vec<usize> {
        let found = interests.suiting(interest, &Traits::default(), &Crowd(tickets));
        found.map(|waiter| waiter.key as usize).collect()
    }

    /// Names whose tags are equal, and whose places collide and wrap around the end.
    fn name(rng: &mut Xoshiro256PlusPlus) -> Fingerprint {
        // Low bits of seven in eight are one of three places, at the end.
        let near = u128::from(rng.random_range(0..3_u8)) | 0xFFFC;
        let [tag, rest] = [0, 0].map(|_: u8| u128::from(rng.random_range(0..20_u16)));
        tag << 16 | rest << 40 | if rng.random_ratio(7, 8) { near } else { 0 }
    }

    /// Tickets put in and taken out at random, beside a map that nobody doubts.
    #[test]
    fn it_holds_what_was_put_in_and_not_taken_out() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut interests = Interests::default();
        let mut model: BTreeMap<Fingerprint, BTreeSet<usize>> = BTreeMap::new();
        let (mut tickets, mut waiting) = (Vec::new(), Vec::new());
        for key in 0..60_000 {
            let names: BTreeSet<_> = (0..10).map(|_| name(&mut rng)).collect();
            tickets.push(names.into_iter().collect::<Vec<_>>());
            waiting.push(key);
            add(&mut interests, key, &tickets);
            for interest in &tickets[key] {
                model.entry(*interest).or_default().insert(key);
            }
            if waiting.len() > rng.random_range(0..200) {
                let gone = waiting.swap_remove(rng.random_range(0..waiting.len()));
                remove(&mut interests, gone, &tickets);
                for interest in &tickets[gone] {
                    model.get_mut(interest).unwrap().remove(&gone);
                }
            }
            let seen = &tickets[waiting.last().copied().unwrap_or(key)];
            let there = |interest| keys(&interests, interest, &tickets).into_iter();
            assert!(seen.iter().all(|interest| there(*interest).eq(model[interest].clone())));
        }
        let left = |(name, under): (&_, &BTreeSet<_>)| {
            keys(&interests, *name, &tickets).into_iter().eq(under.clone())
        };
        assert!(model.iter().all(left));
        let taken: usize = interests.parts.iter().map(Part::taken).sum();
        assert_eq!(taken, model.values().filter(|under| !under.is_empty()).count());
    }

    #[test]
    fn it_grows_in_parts_and_empties_again() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
        let tickets: Vec<Vec<u128>> = (0..100_000).map(|_| vec![rng.random()]).collect();
        let mut interests = Interests::default();
        (0..tickets.len()).for_each(|key| add(&mut interests, key, &tickets));
        let longest = interests.parts.iter().map(Part::places).max();
        assert!(longest <= Some(512), "{longest:?} for a hundred each");
        let there = |interests: &_, key: usize| keys(interests, tickets[key][0], &tickets);
        assert!((0..tickets.len()).all(|key| there(&interests, key) == [key]));
        (0..tickets.len()).for_each(|key| remove(&mut interests, key, &tickets));
        assert!(interests.parts.iter().all(|part| part.taken() == 0));
        assert!((0..tickets.len()).all(|key| there(&interests, key).is_empty()));
        assert!(interests.crowds.is_empty());
    }
}
