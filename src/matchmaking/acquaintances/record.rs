//! All that is remembered, for the process after this one.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Acquaintances;
use crate::clock::Moment;
use crate::ids::PersonId;

/// What is remembered of two people, for another process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// The two.
    between: [PersonId; 2],
    /// How long ago their last room ended; `None` where one reported the other.
    ended_ago: Option<Duration>,
}

impl Meeting {
    /// The two.
    #[must_use]
    pub const fn between(&self) -> [PersonId; 2] {
        self.between
    }
}

impl Acquaintances {
    /// All that is remembered, as of `now`.
    pub(crate) fn record(&self, now: Moment) -> Vec<Meeting> {
        let mut record = Vec::new();
        for (slot, person) in &self.people {
            let slot = u32::try_from(slot).expect("every place of the slab has a short number");
            let after = |other: &u32| *other > slot;
            let id = |other: u32| self.people[other as usize].id();
            record.extend(person.all_met().filter(|(other, _)| after(other)).map(
                |(other, ended)| Meeting {
                    between: [person.id(), id(other)],
                    ended_ago: Some(now - ended),
                },
            ));
            record.extend(
                person
                    .all_avoided()
                    .filter(after)
                    .map(|other| Meeting { between: [person.id(), id(other)], ended_ago: None }),
            );
        }
        record.sort_by_key(|meeting| std::cmp::Reverse(meeting.ended_ago));
        record
    }

    /// Takes on what was remembered; nothing is by now.
    pub(crate) fn restore(&mut self, now: Moment, record: Vec<Meeting>) {
        for Meeting { between: [a, b], ended_ago } in record {
            match ended_ago {
                Some(ago) => self.met(now.before(ago), a, b),
                None => self.separate(a, b),
            }
        }
    }
}
