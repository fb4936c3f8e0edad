//! Lets everything come to rest, and looks whether it is as it must be.

use std::time::Duration;

use passerby::protocol::Mode;

use super::book::Place;
use super::connection::Connection;
use super::tasks::Keeper;
use super::world::{GRACE, World};

/// What one connection's turn brings about for others needs another round, and
/// what that does one more.
const QUIET_ROUNDS: usize = 4;
/// A wait is announced so soon after it began.
const ANNOUNCED: Duration = Duration::from_millis(5);

impl World {
    /// Everybody who can comes back and reads everything; then those who didn't
    /// run out of their grace.
    pub(crate) fn settle(&mut self) {
        for client in 0..self.clients.len() {
            if client % 2 == 0 && self.clients[client].connection.is_none() {
                self.resume(client, self.clients[client].last);
            }
        }
        self.rest();
        self.let_time_pass(ANNOUNCED);
        self.check_rest();
        self.let_time_pass(GRACE * 2);
        self.check_rest();
        self.check_rooms();
        self.check_queue();
    }

    /// Everybody leaves; nothing is left.
    pub(crate) fn finish(&mut self) {
        let ids: Vec<_> = self.connections.keys().copied().collect();
        ids.into_iter().for_each(|id| self.cut(id));
        self.rest();
        self.let_time_pass(GRACE * 2);
        assert!(self.books.live().is_empty(), "sessions outlive everybody");
        assert_eq!(self.metrics.rooms.get(), 0, "rooms outlive everybody");
    }

    /// Each kind of thing happened at least so often.
    pub(crate) fn check_variety(&self, at_least: usize) {
        self.books.tally.check(at_least);
    }

    /// Time passes, and whatever is due happens.
    fn let_time_pass(&mut self, span: Duration) {
        let target = self.now + span;
        while let Some(wake) = self.host.next_wake().filter(|wake| *wake <= target) {
            self.now = self.now.max(wake);
            self.rest();
        }
        self.now = target;
        self.rest();
    }

    fn rest(&mut self) {
        let mut quiet_rounds = 0;
        while quiet_rounds < QUIET_ROUNDS {
            while !self.tasks.is_empty() {
                self.go_on(0);
            }
            while !self.events.is_empty() {
                self.run_host();
            }
            self.run_host();
            (0..self.keepers.len()).rev().for_each(|place| self.keep(place));
            let busy = self.run_connections();
            let quiet = !busy && self.tasks.is_empty() && self.events.is_empty();
            quiet_rounds = if quiet { quiet_rounds + 1 } else { 0 };
        }
    }

    /// Whether any of them had something to do.
    fn run_connections(&mut self) -> bool {
        let ids: Vec<_> = self.connections.keys().copied().collect();
        let mut busy = false;
        for id in ids {
            self.notice(id);
            self.serve(id, true);
            self.deliver(id, usize::MAX);
            busy |= self.connections.get(&id).is_some_and(|connection| !connection.up.is_empty());
            self.read(id, 1);
        }
        busy
    }

    /// Everything that is owed to who is here was sent, and is true.
    fn check_rest(&mut self) {
        self.check_pool();
        self.check_tasks();
        for who in self.books.live() {
            self.books.check(who);
            let book = self.books.of(who);
            let link = book.link;
            let waits = book.here() && book.place == Place::Waiting;
            assert!(!waits || book.announced, "{who} waits untold");
            if let Some(room) = book.room() {
                let told = book.told_away();
                let partner = self.books.opposite(who, room).expect("a partner");
                let partner = self.books.of(partner);
                assert_eq!(partner.place, Place::Room(room), "one member: {who}");
                assert_eq!(told, !partner.here(), "what {who} was told of its partner");
            }
            if link % 2 == 1 {
                let serves = |connection: &&Connection| {
                    connection.who == who && connection.link.number() == link
                };
                let connection = self.connections.values().find(serves).expect("it is here");
                connection.check_complete(self.books.of(who));
            }
        }
    }

    /// Once all graces are over nobody is away.
    fn check_rooms(&mut self) {
        for who in self.books.live() {
            assert!(self.books.of(who).here(), "{who} is kept beyond its grace");
        }
        assert!(self.keepers.is_empty());
        let books = &mut self.books;
        let seated = books.live().into_iter().filter(|who| books.of(*who).room().is_some()).count();
        assert_eq!(seated as i64, 2 * self.metrics.rooms.get(), "rooms are counted wrongly");
    }

    /// Who has a connection and waits is in the pool, and nobody else.
    fn check_pool(&mut self) {
        self.host.show();
        for mode in Mode::ALL {
            let waiting = self.waiting(mode);
            let tickets = self.metrics.waiting_by_mode[mode].get();
            assert_eq!(waiting.len() as i64, tickets, "{waiting:?} wait in {mode:?}");
        }
    }

    /// Two who suit each other never both wait.
    fn check_queue(&mut self) {
        for mode in Mode::ALL {
            let waiting = self.waiting(mode);
            assert!(waiting.len() < 2, "{waiting:?} all wait in {mode:?}");
        }
    }

    /// Nobody serves or looks after a session that another has taken over.
    fn check_tasks(&mut self) {
        for Connection { who, link, cut, ended, .. } in self.connections.values() {
            let current = self.books.of(*who).link == link.number();
            assert!(current || *ended || *cut, "an older connection of {who} stays");
        }
        for Keeper { who, link, .. } in &self.keepers {
            assert_eq!(self.books.of(*who).link, link.number(), "{who} is looked after twice");
        }
    }

    fn waiting(&mut self, mode: Mode) -> Vec<usize> {
        let books = &mut self.books;
        let live = books.live();
        let waits = |who: &usize| {
            let book = books.of(*who);
            book.here() && book.place == Place::Waiting && book.mode == mode
        };
        live.into_iter().filter(waits).collect()
    }
}
