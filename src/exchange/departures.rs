//! The sessions that went from this node to others, and those that are on their
//! way here.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use super::claims::Claim;
use crate::clock::Moment;
use crate::ids::{NodeId, RoomId, SessionId};
use crate::session::record::SessionRecord;
use crate::session::token::TokenHash;

/// When a session is sent again that may not have arrived.
const SEND_AGAIN: Duration = Duration::from_secs(1);

/// Remembers where sessions went for as long as somebody may ask.
#[derive(Debug)]
pub struct Departures {
    kept: Duration,
    table: Mutex<Table>,
    /// How many questions about sessions of other nodes are open.
    awaited: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct Table {
    gone: HashMap<SessionId, Departure>,
    by_token: HashMap<TokenHash, SessionId>,
    /// The newest epoch under which each session was seen between two nodes.
    seen: HashMap<SessionId, u64>,
    /// In the order in which they are forgotten.
    due: VecDeque<(Moment, SessionId, u64)>,
    /// Those that may not have arrived, in the order in which they are sent again.
    again: VecDeque<(Moment, SessionId, u64)>,
    /// Until when those may come again that were turned away here.
    turned_away: Moment,
}

/// A session that went to another node.
#[derive(Clone, Debug)]
pub struct Departure {
    /// Where.
    pub to: NodeId,
    /// How often it has moved with that, in the room in which it sat.
    pub moves: u32,
    /// That room.
    pub room: Option<RoomId>,
    /// Under which it left.
    pub epoch: u64,
    /// When it left.
    left: Moment,
    /// All of it, until it is known to have arrived.
    pub record: Option<SessionRecord>,
}

/// How long a session that has not arrived may yet go to a third node.
const ON_ITS_WAY: Duration = Duration::from_secs(4);

/// Where a session is that went to another node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// There, having moved so often.
    At(NodeId, u32),
    /// It may not have arrived, and may yet go to a third.
    OnItsWay,
}

/// While this is there, a session of another node may be on its way here.
#[derive(Debug)]
pub struct Awaiting(Arc<AtomicUsize>);

impl Departures {
    /// None yet; each is remembered for `kept`.
    #[must_use]
    pub fn new(kept: Duration) -> Self {
        Self { kept, table: Mutex::default(), awaited: Arc::default() }
    }

    /// Notes that a session goes to another node.
    pub fn add(&self, now: Moment, to: NodeId, record: SessionRecord) {
        let mut table = self.table.lock();
        let (session, token, epoch) = (record.id, record.token, record.epoch());
        table.see(now + self.kept, session, epoch);
        table.forget(now);
        let moves = record.bridge.as_ref().map_or(0, |bridge| bridge.moves() + 1);
        let room = record.room();
        let departure = Departure { to, moves, room, epoch, left: now, record: Some(record) };
        table.gone.insert(session, departure);
        table.by_token.insert(token, session);
        table.again.push_back((now + SEND_AGAIN, session, epoch));
    }

    /// Whether `record`, or a later one of its session, has been here.
    #[must_use]
    pub fn has_seen(&self, record: &SessionRecord) -> bool {
        let table = self.table.lock();
        table.seen.get(&record.id).is_some_and(|seen| *seen >= record.epoch())
    }

    /// Whether `record`, which came from another node, is news: it may have been
    /// said twice, or late, and the session been here and gone on, or ended.
    pub fn is_news(&self, now: Moment, record: &SessionRecord) -> bool {
        let mut table = self.table.lock();
        let epoch = record.epoch();
        let news = table.seen.get(&record.id).is_none_or(|seen| *seen < epoch);
        if news {
            table.see(now + self.kept, record.id, epoch);
        }
        news
    }

    /// It arrived, as it was under `epoch`.
    pub fn arrived(&self, session: SessionId, epoch: u64, at: NodeId) {
        if let Some(departure) = self.table.lock().gone.get_mut(&session)
            && (departure.to, departure.epoch) == (at, epoch)
        {
            departure.record = None;
        }
    }

    /// It is not taken there, and never was; all of it.
    pub fn declined(&self, session: SessionId, epoch: u64, at: NodeId) -> Option<SessionRecord> {
        let mut table = self.table.lock();
        let departure = table.gone.get(&session)?;
        let meant = (departure.to, departure.epoch) == (at, epoch);
        let record = departure.record.clone().filter(|_| meant)?;
        table.take_back(session);
        Some(record)
    }

    /// The node `at` has a later copy than any that was here.
    pub fn overtaken(&self, now: Moment, at: NodeId, claim: &Claim) {
        let Claim { session, token, epoch } = *claim;
        let mut table = self.table.lock();
        if table.gone.get(&session).is_some_and(|gone| gone.epoch >= epoch) {
            return;
        }
        // It may come here itself.
        let seen = table.seen.get(&session).copied().unwrap_or(0).max(epoch.saturating_sub(1));
        table.see(now + self.kept, session, seen);
        let departure = Departure { to: at, moves: 0, room: None, epoch, left: now, record: None };
        table.gone.insert(session, departure);
        table.by_token.insert(token, session);
    }

    /// One that never arrived is taken back as it was.
    pub fn take_back(&self, session: SessionId) {
        self.table.lock().take_back(session);
    }

    /// It is here again.
    pub fn back(&self, session: SessionId) {
        self.table.lock().gone.remove(&session);
    }

    /// The session that sat in `room` and went from here, without its record.
    #[must_use]
    pub fn find(&self, now: Moment, room: RoomId, session: SessionId) -> Option<Whereabouts> {
        let table = self.table.lock();
        let departure = table.gone.get(&session).filter(|gone| gone.room == Some(room))?;
        Some(match departure.record {
            Some(_) if now - departure.left < ON_ITS_WAY => Whereabouts::OnItsWay,
            _ => Whereabouts::At(departure.to, departure.moves),
        })
    }

    /// Those that are to be sent again by now: it is not known whether they have
    /// arrived.
    pub fn overdue(&self, now: Moment) -> Vec<Departure> {
        let mut table = self.table.lock();
        let mut overdue = Vec::new();
        while let Some((_, session, epoch)) = table.again.pop_front_if(|(due, ..)| *due <= now) {
            let departure = table.gone.get(&session);
            if let Some(departure) = departure.filter(|gone| gone.epoch == epoch)
                && departure.record.is_some()
            {
                overdue.push(departure.clone());
                table.again.push_back((now + SEND_AGAIN, session, epoch));
            }
        }
        overdue
    }

    /// Where the session of a token went, with the record where it may not have arrived.
    #[must_use]
    pub fn of_token(&self, token: TokenHash) -> Option<Departure> {
        let table = self.table.lock();
        table.gone.get(table.by_token.get(&token)?).cloned()
    }

    /// How many may not have arrived.
    #[must_use]
    pub fn unconfirmed(&self) -> usize {
        self.table.lock().gone.values().filter(|departure| departure.record.is_some()).count()
    }

    /// All of them.
    #[must_use]
    pub fn all_unconfirmed(&self) -> Vec<Departure> {
        let table = self.table.lock();
        table.gone.values().filter(|departure| departure.record.is_some()).cloned().collect()
    }

    /// Notes that a session may be on its way here.
    #[must_use]
    pub fn await_one(&self) -> Awaiting {
        self.awaited.fetch_add(1, Ordering::AcqRel);
        Awaiting(self.awaited.clone())
    }

    /// Whether one may be on its way here.
    #[must_use]
    pub fn awaiting(&self) -> bool {
        self.awaited.load(Ordering::Acquire) > 0
    }

    /// Notes that one came that could not be taken in yet: it is said again.
    pub fn turn_away(&self, now: Moment) {
        self.table.lock().turned_away = now + ON_ITS_WAY;
    }

    /// Whether one may be on its way here, or come again after it was turned away: then
    /// nobody says of a room that nobody sits in it here.
    #[must_use]
    pub fn may_come(&self, now: Moment) -> bool {
        self.awaiting() || now < self.table.lock().turned_away
    }
}

impl Table {
    fn see(&mut self, due: Moment, session: SessionId, epoch: u64) {
        self.seen.insert(session, epoch);
        self.due.push_back((due, session, epoch));
    }

    fn take_back(&mut self, session: SessionId) {
        self.gone.remove(&session);
        self.seen.remove(&session);
    }

    fn forget(&mut self, now: Moment) {
        while let Some((_, session, epoch)) = self.due.pop_front_if(|(due, ..)| *due <= now) {
            // Else it was seen again since.
            if self.seen.get(&session) == Some(&epoch) {
                self.seen.remove(&session);
                self.gone.remove(&session);
            }
            if self.due.len().is_multiple_of(1024) {
                let Self { gone, by_token, .. } = self;
                by_token.retain(|_, session| gone.contains_key(session));
            }
        }
    }
}

impl Drop for Awaiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_was_turned_away_may_come_again_for_a_while() {
        let at = |millis: u64| Moment::from_micros(millis * 1000);
        let departures = Departures::new(Duration::from_secs(60));
        assert!(!departures.may_come(at(1)));
        departures.turn_away(at(1));
        assert!(departures.may_come(at(4000)) && !departures.awaiting());
        assert!(!departures.may_come(at(4001)));
        let awaited = departures.await_one();
        assert!(departures.may_come(at(9000)));
        drop(awaited);
        assert!(!departures.may_come(at(9000)));
    }
}
