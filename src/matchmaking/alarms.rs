//! When time alone may bring a ticket a partner: at most one alarm a ticket.
//!
//! An ordered set and not a heap with lazy deletion: a removal leaves nothing
//! behind, so no clean-up ever stops the pool for long.

use std::collections::BTreeSet;

use crate::clock::Moment;

/// The alarms of the waiting tickets, the next one first.
#[derive(Default)]
pub(super) struct Alarms(BTreeSet<(Moment, u32)>);

impl Alarms {
    pub(super) fn set(&mut self, at: Moment, key: u32) {
        self.0.insert((at, key));
    }

    pub(super) fn clear(&mut self, at: Moment, key: u32) {
        self.0.remove(&(at, key));
    }

    pub(super) fn next(&self) -> Option<Moment> {
        self.0.first().map(|(at, _)| *at)
    }

    /// Takes out what is due at `now`, in order of time.
    pub(super) fn take_due(&mut self, now: Moment) -> Vec<u32> {
        let mut due = Vec::new();
        while let Some(&(at, key)) = self.0.first() {
            if at > now {
                break;
            }
            self.0.pop_first();
            due.push(key);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_comes_out_in_order_and_the_rest_stays() {
        let mut alarms = Alarms::default();
        for (at, key) in [(30, 1), (10, 2), (20, 3), (15, 4)] {
            alarms.set(Moment::from_micros(at), key);
        }
        alarms.clear(Moment::from_micros(15), 4);
        assert_eq!(alarms.take_due(Moment::from_micros(20)), [2, 3]);
        assert_eq!(alarms.next(), Some(Moment::from_micros(30)));
    }
}
