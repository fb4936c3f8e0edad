//! The rooms that a session left a short while ago.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::Moment;
use crate::ids::{PersonId, RoomId};

/// How long a room that ended is known (rule 2, and for reports).
const KEPT: Duration = Duration::from_secs(60);
/// As many are known however long ago they ended (rule 2).
const AT_LEAST: usize = 64;
/// No more are known however fast they end; the oldest goes first.
const AT_MOST: usize = 256;

/// A bounded memory of rooms, oldest first.
#[derive(Debug, Default)]
pub(super) struct FormerRooms(VecDeque<FormerRoom>);

#[derive(Debug)]
struct FormerRoom {
    room: RoomId,
    partner: PersonId,
    ended: Moment,
}

/// Former rooms as a file holds them, each with how long ago it ended.
pub(super) type FormerRecord = Vec<(RoomId, PersonId, Duration)>;

impl FormerRooms {
    /// All of them for a file.
    pub(super) fn record(&self, now: Moment) -> FormerRecord {
        self.0.iter().map(|former| (former.room, former.partner, now - former.ended)).collect()
    }

    /// What a file held.
    pub(super) fn restore(now: Moment, record: FormerRecord) -> Self {
        let former = record.into_iter().map(|(room, partner, ago)| FormerRoom {
            room,
            partner,
            ended: now.before(ago),
        });
        Self(former.collect())
    }

    /// Notes that `room`, shared with `partner`, ended now.
    pub(super) fn add(&mut self, now: Moment, room: RoomId, partner: PersonId) {
        while self.0.front().is_some_and(|oldest| {
            self.0.len() >= AT_MOST || self.0.len() >= AT_LEAST && now - oldest.ended > KEPT
        }) {
            self.0.pop_front();
        }
        self.0.push_back(FormerRoom { room, partner, ended: now });
    }

    /// The room that ended last.
    pub(super) fn last(&self) -> Option<RoomId> {
        self.0.back().map(|former| former.room)
    }

    /// Whether `room` is one of them.
    pub(super) fn contains(&self, room: RoomId) -> bool {
        self.find(room).is_some()
    }

    /// Who the partner in `room` was, if it ended at most 60 s ago.
    pub(super) fn recent_partner(&self, now: Moment, room: RoomId) -> Option<PersonId> {
        self.find(room).filter(|former| now - former.ended <= KEPT).map(|former| former.partner)
    }

    /// Newest first, for that is the one asked for most.
    fn find(&self, room: RoomId) -> Option<&FormerRoom> {
        self.0.iter().rev().find(|former| former.room == room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTNER: PersonId = PersonId::from_u128(9);

    fn at(seconds: u64) -> Moment {
        Moment::from_micros(seconds * 1_000_000)
    }

    fn after_rooms(count: u128, every_seconds: u64) -> FormerRooms {
        let mut former = FormerRooms::default();
        for room in 0..count {
            let second = room as u64 * every_seconds;
            former.add(at(second), RoomId::from_u128(room + 1), PARTNER);
        }
        former
    }

    #[test]
    fn rule_2_the_last_64_rooms_are_known_however_old() {
        let former = after_rooms(100, 100);
        assert!((37..=100).all(|room| former.contains(RoomId::from_u128(room))));
        assert!(!former.contains(RoomId::from_u128(36)));
    }

    #[test]
    fn rule_2_a_fast_run_of_rooms_is_known_for_a_minute_and_bounded() {
        assert!(after_rooms(61, 1).contains(RoomId::from_u128(1)));
        let former = after_rooms(1000, 0);
        assert_eq!(former.0.len(), AT_MOST);
        assert_eq!(former.last(), Some(RoomId::from_u128(1000)));
    }

    #[test]
    fn a_partner_can_be_named_for_a_minute() {
        let former = after_rooms(1, 1);
        let room = RoomId::from_u128(1);
        assert_eq!(former.recent_partner(at(60), room), Some(PARTNER));
        assert_eq!(former.recent_partner(at(61), room), None);
    }
}
