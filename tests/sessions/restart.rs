//! The process stops, and the next one takes its sessions over.

use std::collections::BTreeMap;
use std::sync::Arc;

use passerby::matchmaking::host::Host;
use passerby::metrics::Metrics;
use passerby::protocol::CloseCode;
use passerby::session::handle::Session;
use passerby::session::record::SessionRecord;
use passerby::session::revive::revive;
use prometheus::IntGauge;
use rand::RngExt;
use rand::seq::SliceRandom;

use super::book::Place;
use super::books::{id, number};
use super::tasks::Keeper;
use super::world::{GRACE, World, config};

impl World {
    /// Whatever its tasks were about is lost, save what the sessions are.
    pub(crate) fn restart(&mut self) {
        self.books.tally.add("restart");
        if self.rng.random() {
            self.drain();
        }
        let mut live = self.books.live();
        live.shuffle(&mut self.rng);
        let records: Vec<_> = live
            .iter()
            .filter_map(|who| {
                let session = self.books.session(*who).expect("live");
                let record = SessionRecord::of(&session, self.now);
                assert_eq!(record.is_some(), !self.books.of(*who).overflowed, "of {who}");
                record
            })
            .collect();
        let file = serde_json::to_string(&(records, self.host.memory(self.now)))
            .expect("a record is plain data");
        self.forget_process(&live);
        let (records, memory) = serde_json::from_str(&file).expect("it was just written");
        self.metrics = Arc::new(Metrics::new());
        self.host = Host::new(config(), self.rng.random(), self.ice.clone(), self.metrics.clone());
        self.host.remember(self.now, memory);
        self.revive(records);
    }

    /// All connections are closed in time.
    fn drain(&mut self) {
        for who in self.books.live() {
            self.books.session(who).expect("live").close(CloseCode::GoingAway);
        }
        let ids: Vec<_> = self.connections.keys().copied().collect();
        for id in ids {
            self.serve(id, true);
            self.deliver(id, usize::MAX);
        }
    }

    fn forget_process(&mut self, live: &[usize]) {
        self.connections.clear();
        self.clients.iter_mut().for_each(|client| client.connection = None);
        self.events.clear();
        self.tasks.clear();
        self.keepers.clear();
        for who in live {
            if self.books.of(*who).overflowed {
                self.books.close(*who);
            }
        }
    }

    fn revive(&mut self, records: Vec<SessionRecord>) {
        let gauges: BTreeMap<_, _> = self
            .books
            .live()
            .into_iter()
            .map(|who| (id(who), IntGauge::new("bytes", "kept").expect("a plain name")))
            .collect();
        let make = |record: &SessionRecord| {
            let kept = gauges[&record.id].clone();
            Session::new(record.id, record.token, record.identity, kept)
        };
        let open_room = || self.metrics.open_room();
        let mut revived = revive(records, self.now, make, open_room);
        revived.sort_by_key(|session| session.id());
        assert_eq!(revived.len(), gauges.len());
        self.enter_restart();
        for session in revived {
            let who = number(session.id());
            let (link, bell) = {
                let desk = session.lock();
                (desk.link(), desk.bell())
            };
            self.books.replace(who, session.clone(), gauges[&session.id()].clone());
            self.clients
                .iter_mut()
                .filter(|client| client.who == who)
                .for_each(|client| client.session = session.clone());
            self.books.check(who);
            self.keepers.push(Keeper { session, who, link, bell, due: self.now + GRACE });
        }
    }

    /// By the books, a room stands on if both sides stand in it.
    fn enter_restart(&mut self) {
        let live = self.books.live();
        let places: BTreeMap<_, _> =
            live.iter().map(|who| (*who, self.books.of(*who).place)).collect();
        for who in live {
            let Place::Room(room) = places[&who] else {
                self.books.of(who).drop_link();
                continue;
            };
            let partner = self.books.opposite(who, room).expect("a partner");
            let book = self.books.of(who);
            book.drop_link();
            if places.get(&partner) == Some(&Place::Room(room)) {
                book.restart(room);
            } else {
                book.part(room, "disconnected");
            }
        }
    }
}
