//! A set of waiting tickets in the order in which their waits began.
//!
//! Most sets are empty or hold one ticket, so these two cost no allocation.

use std::collections::{BTreeSet, btree_set};

use crate::clock::Moment;

/// A ticket as the indexes know it, ordered by age; the key breaks ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Waiter {
    pub(super) since: Moment,
    pub(super) key: u32,
}

/// Tickets in order of age.
#[derive(Debug, Default)]
pub(super) enum AgeSet {
    #[default]
    Empty,
    One(Waiter),
    Many(BTreeSet<Waiter>),
}

impl AgeSet {
    pub(super) fn insert(&mut self, waiter: Waiter) {
        match self {
            Self::Empty => *self = Self::One(waiter),
            Self::One(first) => *self = Self::Many(BTreeSet::from([*first, waiter])),
            Self::Many(set) => {
                set.insert(waiter);
            }
        }
    }

    pub(super) fn remove(&mut self, waiter: Waiter) {
        match self {
            Self::One(only) if *only == waiter => *self = Self::Empty,
            Self::Many(set) => {
                set.remove(&waiter);
                if set.is_empty() {
                    *self = Self::Empty;
                }
            }
            Self::Empty | Self::One(_) => {}
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    fn iter(&self) -> Ages<'_> {
        match self {
            Self::Empty => Ages::One(None),
            Self::One(waiter) => Ages::One(Some(*waiter)),
            Self::Many(set) => Ages::Many(set.iter()),
        }
    }
}

enum Ages<'a> {
    One(Option<Waiter>),
    Many(btree_set::Iter<'a, Waiter>),
}

impl Iterator for Ages<'_> {
    type Item = Waiter;

    fn next(&mut self) -> Option<Waiter> {
        match self {
            Self::One(waiter) => waiter.take(),
            Self::Many(iter) => iter.next().copied(),
        }
    }
}

/// The members of several sets, the longest wait first, each once even where
/// several sets hold it.
#[derive(Default)]
pub(super) struct OldestFirst<'a> {
    /// The only member: most have no more, and need no allocation.
    only: Option<Waiter>,
    /// Each with its next member. There are few: one a language and two more.
    sources: Vec<(Waiter, Ages<'a>)>,
}

impl<'a> OldestFirst<'a> {
    pub(super) fn of_one(waiter: Waiter) -> Self {
        Self { only: Some(waiter), ..Self::default() }
    }

    pub(super) fn add(&mut self, set: &'a AgeSet) {
        let mut ages = set.iter();
        if let Some(first) = ages.next() {
            let only = self.only.take().map(|only| (only, Ages::One(None)));
            self.sources.extend(only);
            self.sources.push((first, ages));
        }
    }
}

impl Iterator for OldestFirst<'_> {
    type Item = Waiter;

    fn next(&mut self) -> Option<Waiter> {
        if self.only.is_some() {
            return self.only.take();
        }
        let oldest = self.sources.iter().map(|(next, _)| *next).min()?;
        self.sources.retain_mut(|(next, ages)| {
            if *next != oldest {
                return true;
            }
            ages.next().map(|following| *next = following).is_some()
        });
        Some(oldest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiter(since: u64, key: u32) -> Waiter {
        Waiter { since: Moment::from_micros(since), key }
    }

    fn set(waiters: &[Waiter]) -> AgeSet {
        let mut set = AgeSet::default();
        waiters.iter().for_each(|waiter| set.insert(*waiter));
        set
    }

    #[test]
    fn a_set_shrinks_back_to_nothing() {
        let (a, b) = (waiter(1, 1), waiter(2, 2));
        let mut set = set(&[b, a]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [a, b]);
        set.remove(a);
        set.remove(b);
        assert!(set.is_empty());
    }

    #[test]
    fn removing_a_stranger_to_the_set_changes_nothing() {
        let mut set = set(&[waiter(1, 1)]);
        set.remove(waiter(1, 2));
        assert_eq!(set.iter().count(), 1);
    }

    #[test]
    fn several_sets_are_read_as_one_without_repeats() {
        let (a, b, c) = (waiter(1, 1), waiter(2, 2), waiter(3, 3));
        let (first, second) = (set(&[a, c]), set(&[a, b]));
        let mut oldest = OldestFirst::of_one(b);
        oldest.add(&first);
        oldest.add(&second);
        assert_eq!(oldest.collect::<Vec<_>>(), [a, b, c]);
    }
}
