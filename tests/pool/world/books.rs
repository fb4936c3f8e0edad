//! What happened, kept apart from the pool, and the rules as they are written.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use passerby::clock::Moment;
use passerby::ids::PersonId;
use passerby::matchmaking::pool::Config;

use super::people::Waiting;

type Pair = (PersonId, PersonId);

/// The bookkeeping of the simulation.
#[derive(Default)]
pub(crate) struct Books {
    parted: HashMap<Pair, Moment>,
    reported: HashSet<Pair>,
    recent: VecDeque<Moment>,
    matches: usize,
    /// Of the matches: over a shared interest, and of two who had met.
    over_interests: usize,
    again: usize,
}

impl Books {
    pub(crate) fn parted(&mut self, now: Moment, a: PersonId, b: PersonId) {
        self.parted.insert(pair(a, b), now);
        self.recent.push_back(now);
    }

    pub(crate) fn reported(&mut self, a: PersonId, b: PersonId) {
        self.reported.insert(pair(a, b));
    }

    /// How many rooms ended within the last `span`.
    pub(crate) fn partings_within(&mut self, now: Moment, span: Duration) -> usize {
        while self.recent.front().is_some_and(|when| *when + span < now) {
            self.recent.pop_front();
        }
        self.recent.len()
    }

    /// Checks what a match says; the first moment at which it could be made.
    pub(crate) fn judge(&mut self, a: &Waiting, b: &Waiting, said: &[Box<str>]) -> Moment {
        assert_eq!(shared(&a.wishes.interests, &b.wishes.interests), said);
        self.matches += 1;
        self.over_interests += usize::from(!said.is_empty());
        self.again += usize::from(self.parted.contains_key(&pair(a.person, b.person)));
        let first = self.first_moment(a, b);
        first.unwrap_or_else(|| panic!("the two may never meet: {a:?} {b:?}"))
    }

    /// When two who wait with these wishes suit each other first, if ever.
    pub(crate) fn first_moment(&self, a: &Waiting, b: &Waiting) -> Option<Moment> {
        let both = pair(a.person, b.person);
        if a.wishes.mode != b.wishes.mode || a.person == b.person || self.reported.contains(&both) {
            return None;
        }
        let Config { rematch_wait, interest_wait, .. } = Config::default();
        let mut first = a.joined.max(b.joined);
        if let Some(ended) = self.parted.get(&both) {
            first = first.max(*ended + rematch_wait);
        }
        let unshared = shared(&a.wishes.interests, &b.wishes.interests).is_empty();
        let (ours, theirs) = (&a.wishes.languages, &b.wishes.languages);
        let foreign = !ours.is_empty() && !theirs.is_empty() && shared(ours, theirs).is_empty();
        for side in [a, b] {
            if foreign || (unshared && !side.wishes.interests.is_empty()) {
                first = first.max(side.since + interest_wait);
            }
        }
        Some(first)
    }

    pub(crate) fn check_variety(&self) {
        let Self { matches, over_interests, again, .. } = *self;
        assert!(matches > 100_000, "{matches} matches");
        assert!(over_interests > matches / 10, "{over_interests} over interests");
        assert!(again > matches / 1000, "{again} of two who had met");
        assert!(self.reported.len() > 1_000, "{} reports", self.reported.len());
    }
}

fn pair(a: PersonId, b: PersonId) -> Pair {
    (a.min(b), a.max(b))
}

fn shared(ours: &[Box<str>], theirs: &[Box<str>]) -> Vec<Box<str>> {
    ours.iter().filter(|name| theirs.contains(name)).cloned().collect()
}
