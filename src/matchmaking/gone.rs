//! People who left, until what is remembered of them may be forgotten.
//!
//! Somebody who closes a page and opens it again is the same person (rule 4), where
//! the device is known; so the end of a session does not make strangers of those
//! whom the person met.

use std::collections::VecDeque;
use std::time::Duration;

use foldhash::HashMap;

use crate::clock::Moment;
use crate::ids::PersonId;

/// So many are remembered after they left; beyond that who left first is forgotten
/// first.
const AT_MOST: usize = 50_000;

/// Who left, and until when each is remembered.
pub(super) struct Gone {
    briefly: Duration,
    long: Duration,
    due: HashMap<PersonId, Moment>,
    /// In order of leaving: those who come back soon, and those who do not.
    order: [VecDeque<(Moment, PersonId)>; 2],
}

impl Gone {
    /// Whoever may come back is remembered for `long`, others `briefly`.
    pub(super) fn new(briefly: Duration, long: Duration) -> Self {
        let order = [VecDeque::new(), VecDeque::new()];
        Self { briefly, long: long.max(briefly), due: HashMap::default(), order }
    }

    /// The last that was here of a person ended.
    pub(super) fn add(&mut self, now: Moment, person: PersonId, returns: bool) {
        let due = now + if returns { self.long } else { self.briefly };
        self.due.insert(person, due);
        self.order[usize::from(returns)].push_back((due, person));
    }

    /// The person is here again.
    pub(super) fn is_back(&mut self, person: PersonId) {
        if !self.due.is_empty() {
            self.due.remove(&person);
        }
    }

    /// Somebody to be forgotten now, if there is one.
    pub(super) fn take_due(&mut self, now: Moment) -> Option<PersonId> {
        for list in 0..self.order.len() {
            while let Some(&(due, person)) = self.order[list].front() {
                if due > now && self.order[list].len() <= AT_MOST {
                    break;
                }
                self.order[list].pop_front();
                // One who came back and left again has a later place.
                if self.due.get(&person) == Some(&due) {
                    self.due.remove(&person);
                    return Some(person);
                }
            }
        }
        None
    }

    /// When the next is due.
    pub(super) fn next_wake(&self) -> Option<Moment> {
        self.order.iter().filter_map(|list| list.front()).map(|(due, _)| *due).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BRIEFLY: Duration = Duration::from_secs(30);
    const LONG: Duration = Duration::from_secs(3600);

    fn at(seconds: u64) -> Moment {
        Moment::from_micros(seconds * 1_000_000)
    }

    fn person(number: u128) -> PersonId {
        PersonId::from_u128(number)
    }

    #[test]
    fn whoever_may_come_back_is_remembered_longer() {
        let mut gone = Gone::new(BRIEFLY, LONG);
        gone.add(at(0), person(1), true);
        gone.add(at(1), person(2), false);
        assert_eq!(gone.take_due(at(30)), None);
        assert_eq!(gone.next_wake(), Some(at(31)));
        assert_eq!(gone.take_due(at(31)), Some(person(2)));
        assert_eq!(gone.take_due(at(3599)), None);
        assert_eq!(gone.take_due(at(3600)), Some(person(1)));
        assert_eq!(gone.next_wake(), None);
    }

    #[test]
    fn whoever_is_back_is_not_forgotten() {
        let mut gone = Gone::new(BRIEFLY, LONG);
        gone.add(at(0), person(1), false);
        gone.is_back(person(1));
        assert_eq!(gone.take_due(at(100)), None);
        gone.add(at(200), person(1), false);
        gone.is_back(person(1));
        gone.add(at(210), person(1), false);
        assert_eq!(gone.take_due(at(235)), None, "that was the earlier end");
        assert_eq!(gone.take_due(at(240)), Some(person(1)));
    }

    #[test]
    fn no_more_are_remembered_than_may_be() {
        let mut gone = Gone::new(BRIEFLY, LONG);
        let count = AT_MOST as u128 + 10;
        (0..count).for_each(|number| gone.add(at(0), person(number), true));
        let forgotten = std::iter::from_fn(|| gone.take_due(at(1)));
        assert!(forgotten.eq((0..10).map(person)));
    }
}
