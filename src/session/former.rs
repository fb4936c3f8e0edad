//! The rooms that a session left a short while ago.
//!
//! Everybody who talks has this memory, so it is dense: of most rooms only that
//! they were, and of those that a report may still be about with whom. It is made with the first room's end as large as it stays at an
//! ordinary pace, so the service doesn't grow while its people do.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::lines::Lines;
use super::state::Seat;
use crate::clock::Moment;
use crate::identity::Identity;
use crate::ids::RoomId;

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
    identity: Arc<Identity>,
    began: Moment,
    at: Moment,
    lines: Option<Box<Lines>>,
}

/// What was between two people in one room, for a report.
#[derive(Clone, Debug)]
pub struct Encounter {
    /// Who the partner is.
    pub identity: Arc<Identity>,
    /// When the two were told of each other.
    pub began: Moment,
    /// When the room ended, if it has.
    pub ended: Option<Moment>,
    /// What was said, as hashes.
    pub lines: Option<Box<Lines>>,
}

/// Former rooms as a file holds them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct FormerRecord {
    folds: Vec<u64>,
    /// How the newest of them ended.
    ends: Vec<EndRecord>,
}

/// How a room ended, as a file holds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct EndRecord {
    identity: Identity,
    began_ago: Duration,
    ago: Duration,
    lines: Option<Box<Lines>>,
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
        rooms.ends.extend(record.ends.into_iter().map(|end| end.restore(now)));
        Self((!rooms.folds.is_empty()).then(|| Box::new(rooms)))
    }

    /// Notes that the room of `seat` ended now, and keeps its lines.
    pub(super) fn add<P>(&mut self, now: Moment, seat: &mut Seat<P>) {
        let (identity, lines) = (seat.identity.clone(), seat.lines.take());
        self.end(now, seat.room, End { identity, began: seat.since, at: now, lines });
    }

    /// Notes that a `room` with somebody ended before it could go on here.
    pub(super) fn add_lost(
        &mut self,
        now: Moment,
        room: RoomId,
        identity: Identity,
        lines: Option<Box<Lines>>,
    ) {
        let identity = Arc::new(identity);
        self.end(now, room, End { identity, began: now, at: now, lines });
    }

    fn end(&mut self, now: Moment, room: RoomId, end: End) {
        let rooms = self.0.get_or_insert_with(|| Box::new(Rooms::new()));
        rooms.forget(now);
        rooms.folds.push_back(room.fold());
        rooms.ends.push_back(end);
    }

    /// Forgets with whom rooms were, and the lines of these, where that is too long ago.
    pub(super) fn tidy(&mut self, now: Moment) {
        if let Some(rooms) = &mut self.0 {
            rooms.forget(now);
        }
    }

    /// Whether `room` ended last.
    pub(super) fn last_is(&self, room: RoomId) -> bool {
        self.age(room) == Some(0)
    }

    /// Whether `room` is one of them.
    pub(super) fn contains(&self, room: RoomId) -> bool {
        self.age(room).is_some()
    }

    /// What was in `room`, if it ended at most 60 s ago.
    pub(super) fn recent(&self, now: Moment, room: RoomId) -> Option<Encounter> {
        let age = self.age(room)?;
        let end = self.0.as_ref()?.ends.iter().rev().nth(age)?;
        (now - end.at <= KEPT).then_some(Encounter {
            identity: end.identity.clone(),
            began: end.began,
            ended: Some(end.at),
            lines: end.lines.clone(),
        })
    }

    /// Where the lines of `room` are kept, as long as they are.
    pub(super) fn lines(&mut self, room: RoomId) -> Option<&mut Option<Box<Lines>>> {
        let age = self.age(room)?;
        self.0.as_mut()?.ends.iter_mut().rev().nth(age).map(|end| &mut end.lines)
    }

    /// How many rooms ended after `room`. Newest first, for that is the one asked
    /// for most.
    fn age(&self, room: RoomId) -> Option<usize> {
        let fold = room.fold();
        self.0.as_ref()?.folds.iter().rev().position(|former| *former == fold)
    }
}

impl End {
    fn record(&self, now: Moment) -> EndRecord {
        EndRecord {
            identity: *self.identity,
            began_ago: now - self.began,
            ago: now - self.at,
            lines: self.lines.clone(),
        }
    }
}

impl EndRecord {
    fn restore(self, now: Moment) -> End {
        End {
            identity: Arc::new(self.identity),
            began: now.before(self.began_ago),
            at: now.before(self.ago),
            lines: self.lines,
        }
    }
}

impl Rooms {
    fn new() -> Self {
        Self { folds: VecDeque::with_capacity(AT_LEAST), ends: VecDeque::with_capacity(ORDINARY) }
    }

    fn record(&self, now: Moment) -> FormerRecord {
        FormerRecord {
            folds: self.folds.iter().copied().collect(),
            ends: self.ends.iter().map(|end| end.record(now)).collect(),
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
    use crate::ids::SessionId;

    const PARTNER: u128 = 9;

    fn identity(number: u128) -> Identity {
        Identity::of_session(SessionId::from_u128(number))
    }

    fn named(former: &FormerRooms, now: Moment, number: u128) -> Option<Identity> {
        former.recent(now, room(number)).map(|encounter| *encounter.identity)
    }

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
            former.add_lost(at(second), room(number + 1), identity(PARTNER), None);
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
        assert_eq!(named(&former, at(60), 1), Some(identity(PARTNER)));
        assert_eq!(named(&former, at(61), 1), None);
    }

    #[test]
    fn what_was_said_is_forgotten_with_the_partner() {
        let mut former = FormerRooms::default();
        former.add_lost(at(0), room(1), identity(PARTNER), Some(Box::default()));
        former.tidy(at(60));
        assert!(former.recent(at(60), room(1)).unwrap().lines.is_some());
        former.tidy(at(61));
        assert!(former.lines(room(1)).is_none() && former.contains(room(1)));
    }

    #[test]
    fn each_room_had_its_own_partner_also_in_another_process() {
        let mut former = FormerRooms::default();
        let partner = |number| identity(1000 + number);
        (0..150).for_each(|number| {
            former.add_lost(at(number as u64), room(number), partner(number), None);
        });
        let record = serde_json::to_string(&former.record(at(150))).unwrap();
        let later = FormerRooms::restore(at(1150), serde_json::from_str(&record).unwrap());
        for (former, now) in [(former, at(150)), (later, at(1150))] {
            for number in 0..150 {
                let named = named(&former, now, number);
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
