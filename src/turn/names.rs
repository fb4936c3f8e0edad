//! Whose the allocations are: how many each name has, and which names have
//! ended. Pure.
//!
//! A name that ended can't allocate again with credentials that still hold; it
//! is remembered until so many others ended that its credentials are over.

use std::collections::{HashMap, HashSet, VecDeque};

use super::config::Limits;

/// Ended names that are remembered; the oldest is forgotten first.
const ENDED: usize = 65_536;

/// Why a name may not allocate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Barred {
    /// It has ended.
    Ended,
    /// It has as many as it may.
    Quota,
    /// All together have as many as they may.
    Capacity,
}

/// The names with allocations of type `T`.
#[derive(Debug)]
pub(super) struct Names<T> {
    allocations: usize,
    per_name: usize,
    total: usize,
    next: u64,
    standing: HashMap<String, HashMap<u64, Option<T>>>,
    ended: HashSet<String>,
    ended_in_order: VecDeque<String>,
}

impl<T> Names<T> {
    /// Without any.
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            allocations: limits.allocations,
            per_name: limits.per_session,
            total: 0,
            next: 0,
            standing: HashMap::new(),
            ended: HashSet::new(),
            ended_in_order: VecDeque::new(),
        }
    }

    /// Counts one more allocation of `name` that is yet to be made; the number
    /// that it is known by.
    pub(super) fn enter(&mut self, name: &str) -> Result<u64, Barred> {
        if self.ended.contains(name) {
            return Err(Barred::Ended);
        }
        if self.standing.get(name).map_or(0, HashMap::len) >= self.per_name {
            return Err(Barred::Quota);
        }
        if self.total >= self.allocations {
            return Err(Barred::Capacity);
        }
        self.total += 1;
        self.next += 1;
        self.standing.entry(name.to_owned()).or_default().insert(self.next, None);
        Ok(self.next)
    }

    /// Hands over what was made; whether the name still stands.
    pub(super) fn made(&mut self, name: &str, number: u64, allocation: T) -> bool {
        let place = self.standing.get_mut(name).and_then(|own| own.get_mut(&number));
        place.map(|place| *place = Some(allocation)).is_some()
    }

    /// One allocation is gone, or was not made after all.
    pub(super) fn gone(&mut self, name: &str, number: u64) {
        let Some(own) = self.standing.get_mut(name) else { return };
        if own.remove(&number).is_some() {
            self.total -= 1;
        }
        if own.is_empty() {
            self.standing.remove(name);
        }
    }

    /// Ends a name for good; what it has.
    pub(super) fn end(&mut self, name: &str) -> Vec<T> {
        if self.ended.insert(name.to_owned()) {
            self.ended_in_order.push_back(name.to_owned());
        }
        if self.ended_in_order.len() > ENDED
            && let Some(oldest) = self.ended_in_order.pop_front()
        {
            self.ended.remove(&oldest);
        }
        let own = self.standing.remove(name).unwrap_or_default();
        self.total -= own.len();
        own.into_values().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::guard::limiter::Allowance;

    fn names(allocations: usize, per_session: usize) -> Names<&'static str> {
        let unauthenticated = Allowance { burst: 1, every: Duration::ZERO };
        let bytes_per_second = 1;
        Names::new(&Limits { allocations, per_session, bytes_per_second, unauthenticated })
    }

    #[test]
    fn each_name_and_all_together_have_a_bound() {
        let mut names = names(3, 2);
        let first = names.enter("a").unwrap();
        names.enter("a").unwrap();
        assert_eq!(names.enter("a"), Err(Barred::Quota));
        names.enter("b").unwrap();
        assert_eq!(names.enter("b"), Err(Barred::Capacity));
        names.gone("a", first);
        names.gone("a", first);
        names.enter("b").unwrap();
        assert_eq!(names.enter("c"), Err(Barred::Capacity));
    }

    #[test]
    fn an_ended_name_loses_what_it_has_and_gets_no_more() {
        let mut names = names(2, 2);
        let made = names.enter("a").unwrap();
        let making = names.enter("a").unwrap();
        assert!(names.made("a", made, "first"));
        assert_eq!(names.end("a"), ["first"]);
        assert!(!names.made("a", making, "second"));
        names.gone("a", making);
        assert_eq!(names.enter("a"), Err(Barred::Ended));
        assert_eq!([names.enter("b").is_ok(), names.enter("c").is_ok()], [true; 2]);
    }

    #[test]
    fn the_oldest_that_ended_is_forgotten_first() {
        let mut names = names(2, 2);
        names.end("first");
        names.end("second");
        names.end("second");
        for other in 1..ENDED {
            names.end(&other.to_string());
        }
        assert!(names.enter("first").is_ok());
        assert_eq!(names.enter("second"), Err(Barred::Ended));
        assert_eq!((names.ended.len(), names.ended_in_order.len()), (ENDED, ENDED));
    }
}
