//! What the service's tasks do around a session, one step at a time.

use std::sync::Arc;

use passerby::protocol::ErrorNote;
use passerby::protocol::{CloseCode, ServerMessage, decode};
use passerby::session::aftermath::Aftermath;
use passerby::session::attendance::{Fate, Parting, look_after, release};
use passerby::session::bell::Bell;
use passerby::session::voice::Voice;
use rand::RngExt;

use super::book::Place;
use super::connection::{Connection, Down, Up};
use super::say::Say;
use super::tasks::{Keeper, News, NewsOf, Then};
use super::world::{GRACE, World};

impl World {
    /// The connection writes what it can. `eager`: the network takes everything.
    pub(crate) fn serve(&mut self, id: usize, eager: bool) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        if connection.busy || connection.ended {
            return;
        }
        if connection.unsent.is_empty() && !connection.heard() {
            return;
        }
        let mut room = match self.rng.random_range(..8_u32) {
            0 if !eager => self.rng.random_range(..5_usize),
            _ => usize::MAX,
        };
        loop {
            let held = connection.unsent.len();
            connection.write(room);
            room -= held - connection.unsent.len();
            if !connection.unsent.is_empty() {
                return self.books.tally.add("partial write");
            }
            let enough = [1, 400, 65_536][self.rng.random_range(..3_usize)];
            let last = match connection.take(enough, self.books.of(connection.who)) {
                Ok(last) => last,
                Err(code) => return self.close(id, code),
            };
            if self.rng.random_range(..4_u32) == 0 {
                connection.unsent.push_back((0, Down::Ping(connection.taken)));
            }
            if last {
                return connection.write(room);
            }
        }
    }

    /// The connection reads what came in, as much of it as chance has it.
    pub(crate) fn read_some(&mut self, id: usize) {
        let count = [1, 4, 40][self.rng.random_range(..3_usize)];
        self.read(id, count);
    }

    /// The connection reads so many things, all at once.
    pub(crate) fn read(&mut self, id: usize, count: usize) {
        (0..count).for_each(|_| self.read_one(id));
        self.hand_over(id);
    }

    fn read_one(&mut self, id: usize) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        if connection.busy || connection.ended {
            return;
        }
        match connection.up.pop_front() {
            None => (),
            Some(Up::Say(say)) => self.act(id, &say),
            Some(Up::Pong(seq)) => {
                connection.session.lock().confirm(connection.link, seq);
                let book = self.books.of(connection.who);
                if book.link == connection.link.number() && !book.overflowed {
                    book.confirm(seq);
                }
            }
            Some(Up::Close(left)) => {
                self.hand_over(id);
                self.end(id, left, false);
            }
        }
    }

    /// The network tells the service that the connection is gone.
    pub(crate) fn notice(&mut self, id: usize) {
        let Some(connection) = self.connections.get(&id) else { return };
        if connection.cut && !connection.busy && !connection.ended {
            self.end(id, false, false);
        }
    }

    /// Looks after sessions that are away: one by chance, and those whose grace
    /// is over.
    pub(crate) fn keep(&mut self, place: usize) {
        let Keeper { session, who, link, bell, due } = &self.keepers[place];
        let expired = *due <= self.now;
        if !bell.heard() && !expired {
            return;
        }
        let (who, overflowed) = (*who, session.lock().overflowed());
        let current = self.books.of(who).link == link.number();
        match look_after(session, *link, expired, self.now) {
            Fate::Elsewhere => {
                assert!(!current, "given up, but nobody came");
                self.keepers.swap_remove(place);
            }
            Fate::Away(..) => assert!(current && !expired && !overflowed),
            Fate::Ended(aftermath) => {
                assert!(current && (expired || overflowed), "ended too early");
                self.books.tally.add("expiry");
                self.keepers.swap_remove(place);
                self.over(who, aftermath, "disconnected");
            }
        }
    }

    fn connection(&mut self, id: usize) -> &mut Connection {
        self.connections.get_mut(&id).expect("open")
    }

    fn act(&mut self, id: usize, say: &Say) {
        let connection = &self.connections[&id];
        let (who, link, session) = (connection.who, connection.link, connection.session.clone());
        let heeds = session.lock().heeds(link);
        assert_eq!(heeds.is_ok(), self.books.of(who).link == link.number());
        if heeds.is_err() {
            self.books.tally.add("words of an older connection");
        }
        let serves = session.lock().serves(link);
        if let Err(code) = serves {
            self.hand_over(id);
            return self.close(id, code);
        }
        let expected = self.expect(who, say);
        let text = say.text();
        let mut voice = std::mem::replace(&mut self.connection(id).voice, Voice::of(link));
        let said = voice.say(&session, decode(&text), self.now, &self.services());
        self.connection(id).voice = voice;
        match said.expect("it is served") {
            Ok(aftermath) => {
                assert_ne!(expected.refused, Some(true), "taken: {say:?}");
                self.begin_task(aftermath, expected.news, Then::Connection(id));
            }
            Err(refused) => {
                assert_ne!(expected.refused, Some(false), "{refused:?}: {say:?}");
                let note = ErrorNote::default();
                let message =
                    ServerMessage::Error { code: refused.code, message: &refused.words, note };
                session.update(|desk| desk.say(link, message.encode()));
            }
        }
        self.books.check(who);
        if let Some(partner) = expected.receiver {
            self.connection(id).spoken_to.insert(partner);
        }
    }

    /// The connection hands over what it has read.
    fn hand_over(&mut self, id: usize) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let (session, link) = (connection.session.clone(), connection.link);
        let mut voice = std::mem::replace(&mut connection.voice, Voice::of(link));
        let spoken_to = std::mem::take(&mut connection.spoken_to);
        voice.hand_over(&session, self.now, &self.services());
        self.connection(id).voice = voice;
        for partner in spoken_to {
            self.books.check(partner);
        }
    }

    /// The service closes the connection; what it has taken still goes out.
    pub(crate) fn close(&mut self, id: usize, code: CloseCode) {
        let connection = self.connections.get_mut(&id).expect("open");
        let replaced = self.books.of(connection.who).link != connection.link.number();
        assert_eq!(code == CloseCode::Replaced, replaced);
        let mut words = Vec::new();
        connection.session.lock().last_words(connection.link, &mut words);
        self.end(id, false, true);
        let connection = self.connections.get_mut(&id).expect("still there");
        connection.write(usize::MAX);
        if !connection.cut {
            connection.wire.push_back(Down::Close);
        }
    }

    fn end(&mut self, id: usize, left: bool, reads_on: bool) {
        let connection = self.connections.get_mut(&id).expect("open");
        connection.ended = true;
        let (who, link, session) = (connection.who, connection.link, connection.session.clone());
        let handed = if reads_on { connection.taken } else { connection.handed };
        let current = self.books.of(who).link == link.number();
        let overflowed = session.lock().overflowed();
        let bell = Arc::new(Bell::default());
        let parting = Parting { handed, left, keeps: true };
        match release(&session, link, parting, &bell, self.now) {
            Fate::Elsewhere => assert!(!current, "nobody looks after it"),
            Fate::Ended(aftermath) => {
                assert!(current && (left || overflowed), "ended by a drop");
                self.over(who, aftermath, if left { "left" } else { "disconnected" });
            }
            Fate::Away(link, aftermath) => {
                assert!(current && !left && !overflowed, "kept");
                self.books.tally.add("drop");
                let book = self.books.of(who);
                (book.link, book.taken) = (book.link + 1, handed);
                let news = self.news(who, NewsOf::Link(link.number()));
                let due = self.now + GRACE;
                let keeper = Keeper { session, who, link, bell, due };
                self.begin_task(aftermath, news, Then::Keep(keeper));
                self.books.check(who);
            }
        }
    }

    fn over(&mut self, who: usize, aftermath: Aftermath, reason: &'static str) {
        let news = self.news(who, NewsOf::Parted(reason));
        self.books.close(who);
        self.begin_task(aftermath, news, Then::Nothing);
    }

    /// What the partner of `who` must hear.
    pub(crate) fn news(&mut self, who: usize, what: NewsOf) -> Option<News> {
        let Place::Room(room) = self.books.of(who).place else { return None };
        let to = self.books.opposite(who, room).expect("a partner");
        Some(News { to, room, what })
    }
}
