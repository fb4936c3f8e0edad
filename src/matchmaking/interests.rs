//! Who waits under each interest: a hash table for millions of names that one ticket
//! each has.
//!
//! What a ticket's ten names cost is ten waits for memory that no cache holds. So a
//! name stands beside what is under it, two of them in a cache line, in the first
//! free place from where its number says (linear probing): a look is one such wait
//! nearly always, where a table with its control bytes apart has two. Names come as
//! keyed fingerprints, so their bits are as good as a hash.

use std::hint::black_box;

use super::fingerprint::Fingerprint;
use super::language_index::LanguageIndex;

/// Each part grows on its own: all at once would stop the pool for a tenth of a
/// second. A power of two.
const PARTS: usize = 1024;
/// A part's first number of places; a power of two, as all later ones.
const FIRST: usize = 4;

/// Indexes by interest; none of them is empty.
pub(super) struct Interests {
    parts: Box<[Part]>,
}

/// A share of the names.
#[derive(Default)]
struct Part {
    places: Box<[Place]>,
    taken: usize,
}

/// Free where the index is empty.
#[derive(Default)]
struct Place {
    interest: Fingerprint,
    index: LanguageIndex,
}

impl Default for Interests {
    fn default() -> Self {
        Self { parts: std::iter::repeat_with(Part::default).take(PARTS).collect() }
    }
}

impl Interests {
    pub(super) fn get(&self, interest: Fingerprint) -> Option<&LanguageIndex> {
        let part = &self.parts[part_of(interest)];
        part.find(interest).ok().map(|at| &part.places[at].index)
    }

    pub(super) fn get_mut(&mut self, interest: Fingerprint) -> Option<&mut LanguageIndex> {
        let part = &mut self.parts[part_of(interest)];
        part.find(interest).ok().map(|at| &mut part.places[at].index)
    }

    /// Has the memory bring what stands at the places of these names: all at once, where
    /// each look for one of them would wait until the one before knows what it found.
    pub(super) fn touch(&self, interests: &[Fingerprint]) {
        let touched = interests.iter().map(|interest| {
            let part = &self.parts[part_of(*interest)];
            part.places.get(part.home(*interest)).map_or(0, |place| place.interest as usize)
        });
        black_box(touched.fold(0, |all, one| all ^ one));
    }

    /// Has `add` put something into the index of `interest`, which is empty where
    /// nobody named that.
    pub(super) fn add(&mut self, interest: Fingerprint, add: impl FnOnce(&mut LanguageIndex)) {
        self.parts[part_of(interest)].add(interest, add);
    }

    /// Has `take` take something out of the index of `interest`, if that is there.
    pub(super) fn take(&mut self, interest: Fingerprint, take: impl FnOnce(&mut LanguageIndex)) {
        let part = &mut self.parts[part_of(interest)];
        let Ok(at) = part.find(interest) else { return };
        let index = &mut part.places[at].index;
        take(index);
        if index.is_empty() {
            part.close_up(at);
        }
    }
}

impl Part {
    /// The place of `interest`, or the free one where it would stand; where the part
    /// has no places yet, one that is not there.
    fn find(&self, interest: Fingerprint) -> Result<usize, usize> {
        if self.places.is_empty() {
            return Err(0);
        }
        let mut at = self.home(interest);
        loop {
            let place = &self.places[at];
            if place.index.is_empty() {
                return Err(at);
            }
            if place.interest == interest {
                return Ok(at);
            }
            at = self.after(at);
        }
    }

    fn add(&mut self, interest: Fingerprint, add: impl FnOnce(&mut LanguageIndex)) {
        let at = match self.find(interest) {
            Ok(at) => at,
            Err(free) => {
                let free = if self.is_full() { self.grow(interest) } else { free };
                self.places[free].interest = interest;
                self.taken += 1;
                free
            }
        };
        add(&mut self.places[at].index);
        debug_assert!(!self.places[at].index.is_empty(), "something was put in");
    }

    /// A quarter stays free, so that looks are short.
    fn is_full(&self) -> bool {
        self.taken * 4 >= self.places.len() * 3
    }

    /// Makes room; the free place where `interest` would stand.
    fn grow(&mut self, interest: Fingerprint) -> usize {
        let count = (self.places.len() * 2).max(FIRST);
        let larger = std::iter::repeat_with(Place::default).take(count).collect();
        for place in std::mem::replace(&mut self.places, larger) {
            if !place.index.is_empty() {
                let free = self.free(place.interest);
                self.places[free] = place;
            }
        }
        self.free(interest)
    }

    fn free(&self, interest: Fingerprint) -> usize {
        self.find(interest).expect_err("each name stands once")
    }

    /// Frees the place `at`: what stands behind and was kept from its own place moves
    /// up, so that every look may end at a free place.
    fn close_up(&mut self, at: usize) {
        self.taken -= 1;
        let (mut gap, mut next) = (at, self.after(at));
        while !self.places[next].index.is_empty() {
            let home = self.home(self.places[next].interest);
            if self.way(home, next) >= self.way(gap, next) {
                self.places.swap(gap, next);
                gap = next;
            }
            next = self.after(next);
        }
    }

    fn home(&self, interest: Fingerprint) -> usize {
        interest as usize & self.places.len().wrapping_sub(1)
    }

    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.places.len() - 1)
    }

    /// How many places on from `from`, around the end, `to` is.
    fn way(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.places.len() - 1)
    }
}

/// By other bits than a place.
fn part_of(interest: Fingerprint) -> usize {
    (interest >> 64) as usize & (PARTS - 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rand::rngs::Xoshiro256PlusPlus;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::clock::Moment;
    use crate::matchmaking::age_set::Waiter;
    use crate::matchmaking::language_index::Member;

    fn member(key: u32) -> Member<'static> {
        let waiter = Waiter { since: Moment::default(), key };
        Member { waiter, languages: &[], relaxed: false }
    }

    fn add(interests: &mut Interests, interest: Fingerprint, key: u32) {
        interests.add(interest, |index| index.insert(member(key), member));
    }

    fn remove(interests: &mut Interests, interest: Fingerprint, key: u32) {
        interests.take(interest, |index| index.remove(member(key)));
    }

    fn keys(interests: &Interests, interest: Fingerprint) -> Vec<u32> {
        let index = interests.get(interest);
        let found = index.map(|index| index.suiting(&[], false, |key| member(key).waiter));
        found.into_iter().flatten().map(|waiter| waiter.key).collect()
    }

    /// Names whose places collide and wrap around the end, put in and taken out at
    /// random, beside a map that nobody doubts.
    #[test]
    fn it_holds_what_was_put_in_and_not_taken_out() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let (mut interests, mut model) = (Interests::default(), BTreeMap::new());
        for key in 0..200_000 {
            // Low bits of seven in eight are one of three places, at the end.
            let near = u128::from(rng.random_range(0..3_u8)) | 0xFFFC;
            let name = u128::from(rng.random_range(0..400_u16)) << 16;
            let interest = name | if rng.random_ratio(7, 8) { near } else { 0 };
            let under: &mut Vec<u32> = model.entry(interest).or_default();
            if rng.random_ratio(under.len() as u32, 2) {
                let gone = under.remove(0);
                remove(&mut interests, interest, gone);
            } else {
                under.push(key);
                add(&mut interests, interest, key);
            }
            assert_eq!(keys(&interests, interest), model[&interest]);
        }
        assert!(model.iter().all(|(name, under)| keys(&interests, *name) == *under));
        let taken: usize = interests.parts.iter().map(|part| part.taken).sum();
        assert_eq!(taken, model.values().filter(|under| !under.is_empty()).count());
    }

    #[test]
    fn it_grows_in_parts_and_empties_again() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
        let names: Vec<u128> = (0..100_000).map(|_| rng.random()).collect();
        let mut interests = Interests::default();
        (0..).zip(&names).for_each(|(key, name)| add(&mut interests, *name, key));
        let longest = interests.parts.iter().map(|part| part.places.len()).max();
        assert!(longest <= Some(512), "{longest:?} for a hundred each");
        assert!((0..).zip(&names).all(|(key, name)| keys(&interests, *name) == [key]));
        (0..).zip(&names).for_each(|(key, name)| remove(&mut interests, *name, key));
        assert!(interests.parts.iter().all(|part| part.taken == 0));
        assert!(names.iter().all(|name| interests.get(*name).is_none()));
    }
}
