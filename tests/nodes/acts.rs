//! What people do, and how they come and go.

use std::sync::Arc;

use passerby::identity::Identity;
use passerby::ids::SessionId;
use passerby::protocol::decode;
use passerby::session::attendance;
use passerby::session::bell::Bell;
use passerby::session::dispatch::dispatch;
use passerby::session::handle::Session;
use passerby::session::token::Token;
use rand::RngExt;

use super::ledger::Waiting;
use super::person::{Person, Place, service};
use super::view::read;
use super::world::World;

const INTERESTS: [&str; 3] = ["art", "go", "tea"];
const LANGUAGES: [&str; 3] = ["de", "en", "fr"];

impl World {
    /// A person comes for the first time.
    pub fn arrive(&mut self, slot: usize, at: usize) {
        self.number += 1;
        let (id, token) = (SessionId::from_u128(self.number.into()), Token::random());
        let node = &mut self.nodes[at];
        let session = Session::new(
            id,
            token.hash(),
            Identity::of_session(id),
            node.metrics.kept_bytes.clone(),
        );
        let bell = Arc::new(Bell::default());
        let link = attendance::open(&session, &token, service(node, &self.key), &bell);
        node.add(session.clone());
        let mut person = Person::new(id, token, node.id);
        person.doubtful = self.network.cut.contains(&node.id);
        person.place = Place::Online { node: at, session, link };
        if slot < self.people.len() {
            self.people[slot] = person;
        } else {
            self.people.push(person);
        }
    }

    /// Someone does something.
    pub fn act(&mut self, calm: bool) {
        let slot = self.rng.random_range(..self.people.len());
        match &self.people[slot].place {
            Place::Away => {
                if self.rng.random_ratio(1, 3) {
                    let at = self.some_node();
                    self.come(slot, at);
                }
            }
            Place::Coming { .. } => (),
            Place::Online { node, .. } if self.nodes[*node].is_frozen() => self.act_frozen(slot),
            Place::Online { node, .. } if self.nodes[*node].is_held() => (),
            Place::Online { node, .. } if self.nodes[*node].is_busy(self.people[slot].id) => (),
            Place::Online { .. } => self.act_online(slot, calm),
        }
    }

    fn act_online(&mut self, slot: usize, calm: bool) {
        self.read(slot);
        let in_room = self.people[slot].view.room.is_some();
        let waits = self.ledger.waits.contains_key(&self.people[slot].person());
        match self.rng.random_range(0..100) {
            0..2 => self.drop_connection(slot, true),
            2..8 => self.drop_connection(slot, false),
            8..10 => self.say(slot, r#"{"type":"leave"}"#),
            10..12 => self.report(slot),
            12..18 => self.signal_into_the_past(slot),
            18..60 if in_room => self.signal(slot),
            60..66 if !calm || in_room => self.move_on(slot),
            66..74 if in_room => self.say(slot, r#"{"type":"next"}"#),
            74..80 if waits => self.join(slot),
            _ if in_room || waits => self.confirm(slot),
            _ => self.join(slot),
        }
    }

    fn join(&mut self, slot: usize) {
        let mode = if self.rng.random_ratio(1, 5) { "text" } else { "video" };
        let (interests, languages) = (self.some_of(&INTERESTS, 1), self.some_of(&LANGUAGES, 2));
        let text = format!(
            r#"{{"type":"join","mode":"{mode}","interests":{interests:?},"languages":{languages:?}}}"#
        );
        self.say(slot, &text);
    }

    fn some_of(&mut self, names: &[&'static str], most: usize) -> Vec<&'static str> {
        let count = self.rng.random_range(0..=most);
        (0..count).map(|_| names[self.rng.random_range(..names.len())]).collect()
    }

    /// A number for the partner.
    fn signal(&mut self, slot: usize) {
        let person = &self.people[slot];
        let (id, room) = (person.id, person.view.room.expect("it is in one"));
        let number = self.ledger.says(room, person.person());
        self.tally.signals += 1;
        self.say(slot, &format!(r#"{{"type":"chat","room":"{room}","text":"{id} {number}"}}"#));
    }

    /// What must not arrive.
    fn signal_into_the_past(&mut self, slot: usize) {
        let person = &self.people[slot];
        let former = person.view.former.iter().rev().take(3).copied().collect::<Vec<_>>();
        if former.is_empty() || person.doubtful {
            return;
        }
        let room = former[self.rng.random_range(..former.len())];
        self.tally.stale_signals += 1;
        self.say(slot, &format!(r#"{{"type":"chat","room":"{room}","text":"stale"}}"#));
    }

    fn report(&mut self, slot: usize) {
        let view = &self.people[slot].view;
        let Some(room) = view.room.or(view.former.last().copied()) else { return };
        if self.people[slot].doubtful || self.rng.random_ratio(2, 3) {
            return;
        }
        self.tally.reported += 1;
        self.say(slot, &format!(r#"{{"type":"report","room":"{room}","reason":"spam"}}"#));
    }

    /// Sends `text`, of a client that knows all that it was sent.
    fn say(&mut self, slot: usize, text: &str) {
        let Place::Online { node: at, session, .. } = &self.people[slot].place else { return };
        let (at, session) = (*at, session.clone());
        self.note(|| format!("{} at {at} says {text}", session.id()));
        let person = &mut self.people[slot];
        let node = &mut self.nodes[at];
        let said = dispatch(&session, session.lock(), decode(text), self.now, &node.services());
        let aftermath = match said {
            Ok(aftermath) => aftermath,
            // It names a room of which another node's copy of it knows.
            Err(_) if person.doubtful => return,
            Err(refused) => panic!("{text}: {refused:?}"),
        };
        node.bring_about(session.id(), aftermath);
        self.note_place(slot, &session);
        self.look(at);
        self.proceed_maybe(at, session.id());
    }

    pub fn proceed_maybe(&mut self, at: usize, session: SessionId) {
        if self.rng.random_ratio(4, 5) {
            while self.nodes[at].proceed(self.now, session) {
                self.look(at);
            }
        }
    }

    /// The client knows where its own words have brought it.
    pub fn note_place(&mut self, slot: usize, session: &Arc<Session>) {
        let person = &mut self.people[slot];
        let desk = session.lock();
        let id = session.person();
        if desk.state.seat().map(|seat| seat.room) != person.view.room {
            person.view.leave();
        }
        if desk.state.waits() {
            let preferences = desk.state.preferences().clone();
            let wait = Waiting::begin(self.now, preferences);
            let known = self.ledger.waits.entry(id).or_insert(wait.clone());
            if known.preferences != wait.preferences {
                known.preferences = wait.preferences;
                known.settled = self.now;
            }
        } else {
            self.ledger.waits.remove(&id);
        }
    }

    /// A pong: everything so far has come.
    fn confirm(&mut self, slot: usize) {
        let person = &self.people[slot];
        if let Place::Online { session, link, .. } = &person.place {
            session.lock().confirm(*link, person.view.last_seq);
        }
    }

    /// A client reads what it was sent.
    pub fn read(&mut self, slot: usize) {
        let Place::Online { session, link, .. } = &self.people[slot].place else { return };
        if session.lock().heeds(*link).is_err() {
            return;
        }
        let session = session.clone();
        self.people[slot].view.doubtful = self.people[slot].doubtful;
        for message in read(&session) {
            self.note(|| format!("{} reads {message:?}", session.id()));
            let person = &mut self.people[slot];
            person.view.take(&message);
            if message.kind == "chat" && !person.view.outdated {
                let room = message.room.expect("a chat names its room");
                let (from, number) = message.text.split_once(' ').expect("rule 2: not a stale one");
                let from = SessionId::parse(from).expect("whose").into();
                let number = number.parse().expect("a number");
                self.ledger.hears(room, session.person(), from, number);
            }
        }
        let person = &mut self.people[slot];
        let seat = session.lock().state.seat().map(|seat| seat.room);
        if person.view.unsure && seat.is_none() {
            person.view.leave();
        }
        if person.view.outdated {
            assert!(person.doubtful, "only where a machine died");
            // From now on little can be said of it.
            person.view.room = seat;
            self.ledger.forget(person.person());
            seat.into_iter().for_each(|room| self.ledger.lossy(room));
        }
        assert_eq!(seat, self.people[slot].view.room, "the client knows where it sits");
    }
}
