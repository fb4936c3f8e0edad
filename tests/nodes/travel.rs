//! How people and their sessions come and go: connections that drop, clients that
//! come back, here or elsewhere, and sessions that are handed on.

use std::sync::Arc;

use passerby::clock::Moment;
use passerby::exchange::letter::Letter;
use passerby::ids::NodeId;
use passerby::session::attendance::{self, Fate, Parting};
use passerby::session::bell::Bell;
use passerby::session::handle::Session;
use rand::RngExt;

use super::coming::Fetched;
use super::frozen::Unread;
use super::person::{Place, service};
use super::world::World;

impl World {
    /// The connection ends; what was under way may not have come.
    pub fn drop_connection(&mut self, slot: usize, left: bool) {
        let now = self.now;
        let person = &mut self.people[slot];
        let Place::Online { node: at, session, link } = &person.place else { return };
        let (at, session, link) = (*at, session.clone(), *link);
        let handed = {
            let mut desk = session.lock();
            if self.rng.random() {
                desk.outbox.take(&mut Vec::new(), usize::MAX, |_| ());
            }
            desk.outbox.handed()
        };
        let parting = Parting { handed, left, keeps: true };
        let bell = Arc::new(Bell::default());
        let fate = attendance::release(&session, link, parting, &bell, now);
        (person.dropped, person.left) = (now, self.nodes[at].id);
        person.place = Place::Away;
        self.note(|| format!("{} at {at} drops, {fate:?}", session.id()));
        let node = &mut self.nodes[at];
        match fate {
            Fate::Elsewhere => (),
            Fate::Away(link, aftermath) => {
                self.tally.dropped += 1;
                node.away.insert(session.id(), (now + node.rules.grace, link));
                node.bring_about(session.id(), aftermath);
            }
            Fate::Ended(aftermath) => {
                node.remove(session.id());
                node.bring_about(session.id(), aftermath);
                self.ledger.waits.remove(&session.person());
                self.arrive(slot, at);
            }
        }
        self.look(at);
        self.proceed_maybe(at, session.id());
    }

    /// A client comes to a node.
    pub fn come(&mut self, slot: usize, at: usize) {
        let person = &mut self.people[slot];
        let node = &mut self.nodes[at];
        if node.is_held() {
            person.place = Place::Coming { node: at };
            node.unread.push_back(Unread::Comes(slot));
            return;
        }
        let resume = person.resume();
        if node.find(person.token.hash()).is_some() {
            return self.come_back(slot, at);
        }
        self.number += 1;
        person.place = Place::Coming { node: at };
        let (id, origin) = (person.id, person.origin);
        self.note(|| format!("{id} comes to {at}"));
        let node = &mut self.nodes[at];
        node.fetch(self.now, self.number, id, resume, origin);
    }

    /// Its session is there.
    fn come_back(&mut self, slot: usize, at: usize) {
        let person = &mut self.people[slot];
        let node = &mut self.nodes[at];
        let bell = Arc::new(Bell::default());
        let session = node.find(person.token.hash()).cloned();
        let back = session.and_then(|session| {
            let service = service(node, &self.key);
            let back = attendance::come_back(&session, &person.resume(), service, &bell)?;
            Some((session, back))
        });
        let Some((session, (resumed, aftermath))) = back else { return self.arrive(slot, at) };
        self.tally.resumed += 1;
        let missed = resumed.replay.missed;
        assert!(!missed || person.doubtful, "messages are lost only where a machine died");
        let id = person.id;
        self.note(|| format!("{id} is back at {at}, doubtful {}", self.people[slot].doubtful));
        let (node, person) = (&mut self.nodes[at], &mut self.people[slot]);
        node.away.remove(&id);
        node.bring_about(id, aftermath);
        if let Some(wait) = self.ledger.waits.get_mut(&session.person()) {
            wait.settled = self.now;
        }
        self.ledger.aged(session.person(), self.now - person.dropped);
        if missed {
            let rooms = session.lock().state.seat().map(|seat| seat.room);
            rooms.into_iter().for_each(|room| self.ledger.lossy(room));
        }
        person.place = Place::Online { node: at, session: session.clone(), link: resumed.link };
        person.origin = self.nodes[at].id;
        (person.token, person.overtaken) = (person.token.given_out(&self.key), false);
        person.doubtful |= self.network.cut.contains(&person.origin);
        self.read(slot);
        self.people[slot].view.unsure = false;
        let wished =
            |world: &Self| Some(world.ledger.waits.get(&session.person())?.preferences.clone());
        let before = wished(self);
        self.note_place(slot, &session);
        let other = wished(self) != before || self.people[slot].view.older;
        if let Some(wait) = self.ledger.waits.get_mut(&session.person()).filter(|_| other) {
            // An older copy of it waits, who knows since when.
            (wait.since, wait.latest) = (Moment::default(), self.now);
        }
        self.look(at);
    }

    /// Questions that are over, and connections that were closed.
    pub fn notice(&mut self) {
        for at in 0..self.nodes.len() {
            for (id, end) in self.nodes[at].take_ended() {
                let slot = self.people.iter().position(|person| person.id == id);
                slot.into_iter().for_each(|slot| self.fetched(slot, at, end));
            }
            self.tally.moved += std::mem::take(&mut self.nodes[at].arrived);
            for id in std::mem::take(&mut self.nodes[at].gave_way) {
                self.tally.gave_way += 1;
                let concerned = self.people.iter_mut().filter(|person| person.id == id);
                concerned.for_each(|person| person.overtaken = true);
            }
        }
        for person in &mut self.people {
            if let Place::Online { session, link, node } = &person.place
                && session.lock().serves(*link).is_err()
            {
                (person.dropped, person.left) = (self.now, self.nodes[*node].id);
                (person.place, person.overtaken) = (Place::Away, true);
            }
        }
    }

    fn fetched(&mut self, slot: usize, at: usize, end: Fetched) {
        let person = &mut self.people[slot];
        let id = person.id;
        if !matches!(person.place, Place::Coming { node } if node == at) {
            return;
        }
        match end {
            Fetched::Here | Fetched::Recovered => {
                if end == Fetched::Recovered {
                    self.tally.recovered += 1;
                    person.doubtful = true;
                    let room = self.nodes[at]
                        .find(person.token.hash())
                        .and_then(|session| session.lock().state.seat().map(|seat| seat.room));
                    room.into_iter().for_each(|room| self.ledger.lossy(room));
                    self.ledger.forget(person.person());
                }
                self.look(at);
                self.come_back(slot, at);
            }
            Fetched::Nowhere => {
                let known = self.nodes.iter().find(|node| node.sessions.contains_key(&id));
                let known = known.map(|node| node.id);
                let asked = known.is_some_and(|node| self.nodes[at].can_ask(node));
                let unsure = person.doubtful || self.network.cut.contains(&self.nodes[at].id);
                assert!(!asked || unsure, "rule 6: {id} is still at {known:?}");
                let without = self.now - person.dropped;
                // Whoever came while that one was out of reach, and all who were there
                // before are gone, can't know.
                let node = &self.nodes[at];
                let missed = node.members.missed(self.now);
                let missed = missed.iter().any(|(missed, _)| *missed == person.origin);
                let met = node.members.has(person.origin);
                let alive = self.nodes.iter().any(|other| other.id == person.origin);
                let unmet = alive && !missed && !met;
                assert!(
                    person.overtaken || unmet || without >= node.rules.grace,
                    "rule 6: {id} finds no session {without:?} after it was lost"
                );
                // Else a node that stood still may pair it before it reads that it went.
                if known.is_none() {
                    self.ledger.waits.remove(&person.person());
                }
                self.arrive(slot, at);
            }
            Fetched::Unreachable => person.place = Place::Away,
        }
    }

    /// A node hands a session on that nobody asked for.
    pub fn move_on(&mut self, slot: usize) {
        let person = &self.people[slot];
        let Some((at, session)) = person.online() else { return };
        let session = session.clone();
        let to = self.some_node();
        let to = self.nodes[to].id;
        if !self.nodes[at].members.has(to) {
            return;
        }
        self.hand_on(at, &session, to);
        // Sometimes whoever sits opposite goes at the same time.
        let room = self.people[slot].view.room;
        let opposite = self.people.iter().position(|other| {
            room.is_some() && other.id != session.id() && other.view.room == room
        });
        if let Some(opposite) = opposite
            && self.rng.random()
            && let Some((at, session)) = self.people[opposite].online()
        {
            let session = session.clone();
            let to = self.some_node();
            let to = self.nodes[to].id;
            if self.nodes[at].members.has(to) {
                self.tally.moved_at_once += 1;
                self.hand_on(at, &session, to);
            }
        }
    }

    fn hand_on(&mut self, at: usize, session: &Arc<Session>, to: NodeId) {
        if self.nodes[at].pairs_nobody() {
            return;
        }
        self.note(|| format!("{} goes from {at} to {to}", session.id()));
        let node = &mut self.nodes[at];
        if let Some(record) = node.hand_out(self.now, session, to) {
            let letter = Letter::Adopt(record.into());
            node.post.post(to, letter);
        }
        self.look(at);
    }
}
