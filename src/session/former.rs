//! The rooms that a session left a short while ago.
//!
//! Everybody who talks has this memory, so it is dense: of most rooms only that
//! they were. It is made with the first room's end as large as it stays at an
//! ordinary pace, so the service doesn't grow while its people do.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{PersonId, RoomId};

/// How long a room that ended is known (rule 2, and for reports).
const KEPT: Duration = Duration::from_secs(60);
/// As many are known however long ago they ended (rule 2).
const AT_LEAST: usize = 64;
/// No more are known however fast they end; the oldest goes first.
const AT_MOST: usize = 256;
/// There is place at once for so many that ended within [`KEPT`].
const ORDINARY: usize = 32;

/// A bounded memory of rooms. One that never had any takes no more than a pointer.
#[derive(Debug, Default)]
pub(super) struct FormerRooms(Option<Box<Rooms>>);

#[derive(Debug)]
struct Rooms {
    /// The [fold](RoomId::fold) of each, oldest first.
    folds: VecDeque<u64>,
    /// How the newest of them ended: all within [`KEPT`] of the last end.
    ends: VecDeque<End>,
}

/// How a room ended.
#[derive(Debug)]
struct End {
    partner: PersonId,
    at: Moment,
}

/// Former rooms as a file holds them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct FormerRecord {
    folds: Vec<u64>,
    /// Of the newest of them the partner, and how long ago they ended.
    ends: Vec<(PersonId, Duration)>,
}

impl FormerRooms {
    /// All of them for a file.
    pub(super) fn record(&self, now: Moment) -> FormerRecord {
        self.0.as_ref().map(|rooms| rooms.record(now)).unwrap_or_default()
    }

    /// What a file held.
    pub(super) fn restore(now: Moment, record: FormerRecord) -> Self {
        let mut rooms = Rooms::new();
        rooms.folds.extend(record.folds);
        let end = |(partner, ago)| End { partner, at: now.before(ago) };
        rooms.ends.extend(record.ends.into_iter().map(end));
        Self((!rooms.folds.is_empty()).then(|| Box::new(rooms)))
    }

    /// Notes that `room`, shared with `partner`, ended now.
    pub(super) fn add(&mut self, now: Moment, room: RoomId, partner: PersonId) {
        let rooms = self.0.get_or_insert_with(|| Box::new(Rooms::new()));
        rooms.forget(now);
        rooms.folds.push_back(room.fold());
        rooms.ends.push_back(End { partner, at: now });
    }

    /// Whether `room` ended last.
    pub(super) fn last_is(&self, room: RoomId) -> bool {
        self.age(room) == Some(0)
    }

    /// Whether `room` is one of them.
    pub(super) fn contains(&self, room: RoomId) -> bool {
        self.age(room).is_some()
    }

    /// Who the partner in `room` was, if it ended at most 60 s ago.
    pub(super) fn recent_partner(&self, now: Moment, room: RoomId) -> Option<PersonId> {
        let age = self.age(room)?;
        let end = self.0.as_ref()?.ends.iter().rev().nth(age)?;
        (now - end.at <= KEPT).then_some(end.partner)
    }

    /// How many rooms ended after `room`. Newest first, for that is the one asked
    /// for most.
    fn age(&self, room: RoomId) -> Option<usize> {
        let fold = room.fold();
        self.0.as_ref()?.folds.iter().rev().position(|former| *former == fold)
    }
}

impl Rooms {
    fn new() -> Self {
        Self { folds: VecDeque::with_capacity(AT_LEAST), ends: VecDeque::with_capacity(ORDINARY) }
    }

    fn record(&self, now: Moment) -> FormerRecord {
        FormerRecord {
            folds: self.folds.iter().copied().collect(),
            ends: self.ends.iter().map(|end| (end.partner, now - end.at)).collect(),
        }
    }

    /// Makes place for one more.
    fn forget(&mut self, now: Moment) {
        while self.ends.len() >= AT_MOST
            || self.ends.front().is_some_and(|oldest| now - oldest.at > KEPT)
        {
            self.ends.pop_front();
        }
        while self.folds.len() >= AT_LEAST && self.folds.len() > self.ends.len() {
            self.folds.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTNER: PersonId = PersonId::from_u128(9);

    fn at(seconds: u64) -> Moment {
        Moment::from_micros(seconds * 1_000_000)
    }

    fn room(number: u128) -> RoomId {
        RoomId::from_u128(number)
    }

    fn after_rooms(count: u128, every_seconds: u64) -> FormerRooms {
        let mut former = FormerRooms::default();
        for number in 0..count {
            let second = number as u64 * every_seconds;
            former.add(at(second), room(number + 1), PARTNER);
        }
        former
    }

    #[test]
    fn rule_2_the_last_64_rooms_are_known_however_old() {
        let former = after_rooms(100, 100);
        assert!((37..=100).all(|number| former.contains(room(number))));
        assert!(!former.contains(room(36)));
    }

    #[test]
    fn rule_2_a_fast_run_of_rooms_is_known_for_a_minute_and_bounded() {
        assert!(after_rooms(61, 1).contains(room(1)));
        let fast = after_rooms(1000, 0);
        assert!((745..=1000).all(|number| fast.contains(room(number))));
        let rooms = fast.0.as_ref().unwrap();
        assert_eq!((rooms.folds.len(), rooms.ends.len()), (AT_MOST, AT_MOST));
        assert!(fast.last_is(room(1000)) && !fast.last_is(room(999)));
    }

    #[test]
    fn a_partner_can_be_named_for_a_minute() {
        let former = after_rooms(1, 1);
        assert_eq!(former.recent_partner(at(60), room(1)), Some(PARTNER));
        assert_eq!(former.recent_partner(at(61), room(1)), None);
    }

    #[test]
    fn each_room_had_its_own_partner_also_in_another_process() {
        let mut former = FormerRooms::default();
        let partner = |number| PersonId::from_u128(1000 + number);
        (0..150).for_each(|number| former.add(at(number as u64), room(number), partner(number)));
        let record = serde_json::to_string(&former.record(at(150))).unwrap();
        let later = FormerRooms::restore(at(1150), serde_json::from_str(&record).unwrap());
        for (former, now) in [(former, at(150)), (later, at(1150))] {
            for number in 0..150 {
                let named = former.recent_partner(now, room(number));
                assert_eq!(named, (number >= 90).then(|| partner(number)));
                assert_eq!(former.contains(room(number)), number >= 150 - 64);
            }
        }
    }

    #[test]
    fn at_an_ordinary_pace_it_stays_as_large_as_it_was_made() {
        let size = |former: FormerRooms| {
            former.0.map(|rooms| (rooms.folds.capacity(), rooms.ends.capacity()))
        };
        assert_eq!(size(FormerRooms::default()), None);
        assert_eq!(size(after_rooms(1, 2)), size(after_rooms(1000, 2)));
    }
}
