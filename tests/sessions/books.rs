//! The books of all sessions, and what of the machine must agree with them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use passerby::ids::{RoomId, SessionId};
use passerby::session::desk::Desk;
use passerby::session::handle::Session;
use prometheus::IntGauge;

use super::book::{Book, MAX_BYTES, Place};
use super::owed::What;
use super::tally::Tally;

/// What a session's outbox may hold beyond its bound: a `welcome`.
const WELCOME_BYTES: i64 = 2048;

#[derive(Default)]
pub(crate) struct Books {
    books: Vec<Book>,
    /// Those that are not over, and what their outboxes keep.
    live: BTreeMap<usize, (Arc<Session>, IntGauge)>,
    /// Who was seated in a room.
    rooms: HashMap<RoomId, [usize; 2]>,
    pub(crate) tally: Tally,
}

impl Books {
    /// Opens a book for the session that is made next; its number and id.
    pub(crate) fn open(&mut self, make: impl FnOnce(SessionId, IntGauge) -> Arc<Session>) -> usize {
        let who = self.books.len();
        let gauge = IntGauge::new("bytes", "kept").expect("a plain name");
        let session = make(id(who), gauge.clone());
        self.books.push(Book::new());
        self.live.insert(who, (session, gauge));
        who
    }

    /// Takes note that `who`'s session is another process's object now.
    pub(crate) fn replace(&mut self, who: usize, session: Arc<Session>, gauge: IntGauge) {
        self.live.insert(who, (session, gauge));
    }

    pub(crate) fn of(&mut self, who: usize) -> &mut Book {
        &mut self.books[who]
    }

    pub(crate) fn session(&self, who: usize) -> Option<Arc<Session>> {
        self.live.get(&who).map(|(session, _)| session.clone())
    }

    pub(crate) fn live(&self) -> Vec<usize> {
        self.live.keys().copied().collect()
    }

    /// Whom `who` shared `room` with.
    pub(crate) fn opposite(&self, who: usize, room: RoomId) -> Option<usize> {
        let [one, other] = *self.rooms.get(&room)?;
        Some(if one == who { other } else { one })
    }

    /// The session `who` is over.
    pub(crate) fn close(&mut self, who: usize) {
        let (_, gauge) = self.live.remove(&who).expect("it was live");
        assert_eq!(gauge.get(), 0, "an ended session keeps bytes");
        let book = &mut self.books[who];
        book.place = Place::Over;
        book.owed = Vec::new();
    }

    /// Checks one session.
    pub(crate) fn check(&mut self, who: usize) {
        let Some((session, gauge)) = self.live.get(&who) else { return };
        let desk = session.lock();
        let book = &mut self.books[who];
        if desk.overflowed() && !book.overflowed {
            book.overflow();
            self.tally.add("overflow");
        }
        book.agrees(who, &desk);
        let bytes = gauge.get();
        assert!((0..=MAX_BYTES as i64 + WELCOME_BYTES).contains(&bytes), "{bytes} bytes kept");
    }

    /// Takes note of what the host brought about, and checks it.
    pub(crate) fn observe_host(&mut self) {
        let mut seated: BTreeMap<RoomId, Vec<usize>> = BTreeMap::new();
        for who in self.live() {
            let (session, _) = &self.live[&who];
            let desk = session.lock();
            let book = &mut self.books[who];
            let room = desk.state.seat().map(|seat| seat.room);
            let new_room = room.filter(|room| book.place != Place::Room(*room));
            let news = desk.outbox.last_seq() > book.last_seq() + u64::from(new_room.is_some());
            if news {
                assert_eq!(book.place, Place::Waiting, "told that it waits");
                book.owe(None, What::Waiting);
            }
            if let Some(room) = new_room {
                book.sit(room);
                seated.entry(room).or_default().push(who);
            }
            drop(desk);
            self.check(who);
        }
        for (room, members) in seated {
            self.seat(room, &members);
        }
    }

    fn seat(&mut self, room: RoomId, members: &[usize]) {
        let &[one, other] = members else { panic!("{members:?} in a room") };
        assert!(self.rooms.insert(room, [one, other]).is_none(), "a room used twice");
        self.tally.add("pair");
        assert_eq!(self.books[one].mode, self.books[other].mode);
        let [first, second] = [one, other].map(|who| &self.live[&who].0);
        let roles = [first, second].map(|session| {
            let desk = session.lock();
            let seat = desk.state.seat().expect("just seated");
            (seat.role, seat.partner.id())
        });
        assert_ne!(roles[0].0, roles[1].0);
        assert_eq!([roles[0].1, roles[1].1], [second.id(), first.id()]);
    }
}

impl Book {
    fn agrees(&self, who: usize, desk: &Desk) {
        let state = &desk.state;
        let place = match state.seat() {
            Some(seat) => Place::Room(seat.room),
            None if state.waits() => Place::Waiting,
            None if state.ended() => Place::Over,
            None => Place::Idle,
        };
        assert_eq!(place, self.place, "of session {who}");
        assert_eq!(desk.link().number(), self.link, "of session {who}");
        if !self.overflowed {
            assert_eq!(desk.outbox.last_seq(), self.last_seq(), "of session {who}: {self:?}");
        }
    }
}

/// The id of the session numbered `who`.
pub(crate) fn id(who: usize) -> SessionId {
    SessionId::from_u128(who as u128 + 1)
}

/// Its number.
pub(crate) fn number(id: SessionId) -> usize {
    usize::from_str_radix(&id.to_string().replace('-', ""), 16).expect("made here") - 1
}
