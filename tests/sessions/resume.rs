//! How clients connect: anew, or to go on where they were.

use std::sync::Arc;
use std::time::Duration;

use passerby::ice::Ice;
use passerby::identity::Identity;
use passerby::session::attendance::{Resume, Service, come_back, open};
use passerby::session::bell::Bell;
use passerby::session::desk::Resumed;
use passerby::session::handle::Session;
use passerby::session::token::{Token, TokenKey};

use super::book::{Book, Place};
use super::connection::{Connection, Greeting};
use super::tasks::{NewsOf, Then};
use super::world::World;

/// What a `welcome` says of the service.
fn service<'a>(ice: &'a Ice, key: &'a TokenKey) -> Service<'a> {
    Service { online: 7, grace: Duration::from_secs(15), ice, key }
}

impl World {
    /// Connects `client` anew.
    pub(crate) fn begin(&mut self, client: usize) {
        let token = Token::random();
        let hash = token.hash();
        let who =
            self.books.open(|id, gauge| Session::new(id, hash, Identity::of_session(id), gauge));
        let session = self.books.session(who).expect("it was opened");
        let bell = Arc::new(Bell::default());
        let link = open(&session, &token, service(&self.ice, &self.key), &bell);
        let of = (&session, who, client);
        let connection = Connection::new(of, link, bell, Greeting::fresh(), 0);
        self.clients[client].adopt(token, who, session, Some(0));
        self.connect(client, connection);
        self.books.check(who);
    }

    /// `client` comes back and names `seq`.
    pub(crate) fn resume(&mut self, client: usize, seq: Option<u64>) {
        let (session, who) = (self.clients[client].session.clone(), self.clients[client].who);
        let resume = Resume { token: self.clients[client].token.clone(), seq };
        let bell = Arc::new(Bell::default());
        let book = self.books.of(who);
        let over = book.place == Place::Over || book.overflowed;
        let service = service(&self.ice, &self.key);
        let Some((resumed, aftermath)) = come_back(&session, &resume, service, &bell) else {
            assert!(over, "refused, but it still was there");
            return self.begin(client);
        };
        assert!(!over, "a session that was over is resumed");
        let was_away = !book.here();
        let base = book.resume(seq, &resumed);
        let skips = book.room().is_some_and(|room| book.skip_older(base, room));
        let greeting = Greeting {
            resumed: true,
            room: book.room(),
            waiting: book.place == Place::Waiting,
            last_seq: book.last_seq(),
            missed: resumed.replay.missed,
        };
        self.tally_resume(seq, &resumed, skips);
        let news = self.news(who, NewsOf::Link(resumed.link.number())).filter(|_| was_away);
        let of = (&session, who, client);
        let connection = Connection::new(of, resumed.link, bell, greeting, base);
        let id = self.connect(client, connection);
        self.begin_task(aftermath, news, Then::Connection(id));
        self.books.check(who);
    }

    fn tally_resume(&mut self, seq: Option<u64>, resumed: &Resumed, skips: bool) {
        let tally = &mut self.books.tally;
        tally.add(if resumed.was_away { "resume" } else { "takeover" });
        for (what, happened) in
            [("reload", seq.is_none()), ("missed", resumed.replay.missed), ("left out", skips)]
        {
            if happened {
                tally.add(what);
            }
        }
    }

    fn connect(&mut self, client: usize, connection: Connection) -> usize {
        self.connected += 1;
        self.connections.insert(self.connected, connection);
        self.clients[client].connection = Some(self.connected);
        self.connected
    }
}

impl Book {
    /// Enters a resume by a client that named `seq`; after which number
    /// everything is owed to it.
    fn resume(&mut self, seq: Option<u64>, resumed: &Resumed) -> u64 {
        assert_eq!(resumed.was_away, !self.here());
        let missed = resumed.replay.missed;
        self.reached = self.reached.max(self.handed());
        let known = seq.filter(|seq| *seq <= self.reached);
        let gone = known.is_some_and(|seq| seq < self.released);
        let evicted = known.is_some_and(|seq| seq < self.evictable);
        assert!(missed || !gone, "{seq:?} is gone, but nothing is missed: {self:?}");
        assert!(!missed || gone || evicted, "nothing after {seq:?} is gone: {self:?}");
        let base = known.filter(|_| !missed).unwrap_or(self.reached);
        self.taken = base;
        self.confirm(base);
        self.announced |= self.place == Place::Waiting;
        self.link += if self.here() { 2 } else { 1 };
        assert_eq!(resumed.link.number(), self.link);
        base
    }
}
