//! Reports that were made a short while ago: one picture may follow, and the same said
//! again is none. Pure: time comes in.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::record::ReportId;
use crate::clock::UnixMillis;
use crate::ids::RoomId;
use crate::session::token::TokenHash;

/// How long a report is known here; later it is looked for in the store.
const KEPT: Duration = Duration::from_secs(10 * 60);
/// So many are known; beyond that the oldest is looked for in the store.
const AT_MOST: usize = 10_000;

type Key = (RoomId, TokenHash);

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub id: ReportId,
    /// Whether its picture came.
    pub pictured: bool,
}

/// The reports, by room and by who reported.
#[derive(Debug, Default)]
pub(super) struct Recent {
    known: HashMap<Key, Known>,
    order: VecDeque<(UnixMillis, Key)>,
}

impl Recent {
    /// Notes a report.
    pub(super) fn add(&mut self, now: UnixMillis, key: Key, id: ReportId) {
        self.forget(now);
        if self.order.len() == AT_MOST
            && let Some((_, oldest)) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.known.insert(key, Known { id, pictured: false });
        self.order.push_back((now, key));
    }

    /// The report of a room by somebody.
    pub(super) fn find(&mut self, now: UnixMillis, key: Key) -> Option<Known> {
        self.forget(now);
        self.known.get(&key).copied()
    }

    /// Notes that its picture came.
    pub(super) fn pictured(&mut self, key: Key) {
        if let Some(known) = self.known.get_mut(&key) {
            known.pictured = true;
        }
    }

    fn forget(&mut self, now: UnixMillis) {
        while let Some((_, key)) = self.order.pop_front_if(|(at, _)| now.since(*at) > KEPT) {
            self.known.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::session::token::Token;

    #[test]
    fn a_report_is_known_for_a_while_and_by_who_made_it() {
        let (mut recent, room) = (Recent::default(), RoomId::random());
        let [mine, theirs] = [1, 2].map(|_| Token::random().hash());
        let id = ReportId(Uuid::new_v4());
        let at = |seconds: u64| UnixMillis(seconds * 1000);
        recent.add(at(0), (room, mine), id);
        let known = |pictured| Some(Known { id, pictured });
        assert_eq!(recent.find(at(600), (room, mine)), known(false));
        recent.pictured((room, mine));
        assert_eq!(recent.find(at(600), (room, mine)), known(true));
        assert_eq!(recent.find(at(600), (room, theirs)), None);
        assert_eq!(recent.find(at(601), (room, mine)), None);
        assert!(recent.order.is_empty());
    }

    #[test]
    fn no_more_are_known_than_may_be() {
        let (mut recent, token) = (Recent::default(), Token::random().hash());
        let room = |number: usize| RoomId::from_u128(number as u128);
        for number in 0..AT_MOST + 5 {
            recent.add(UnixMillis(0), (room(number), token), ReportId(Uuid::nil()));
        }
        assert_eq!((recent.known.len(), recent.order.len()), (AT_MOST, AT_MOST));
        assert!(recent.find(UnixMillis(0), (room(4), token)).is_none());
    }
}
