//! A node that stands still for a while and goes on: what clients and other nodes sent
//! lies there meanwhile, and may be read in any order.

use std::sync::Arc;
use std::time::Duration;

use passerby::clock::Moment;
use passerby::exchange::claims::{Batch, Claim};
use passerby::exchange::letter::Letter;
use passerby::exchange::waking::{Stage, Waking};
use passerby::ids::{NodeId, SessionId};
use passerby::protocol::decode;
use passerby::session::attendance;
use passerby::session::bell::Bell;
use passerby::session::dispatch::dispatch;
use passerby::session::link::Link;
use passerby::session::record::SessionRecord;
use rand::RngExt;

use super::ledger::Waiting;
use super::node::Node;
use super::person::Place;
use super::world::World;

/// How long one stands still at most; longer than others are taken to be there, and
/// than the grace.
const STILL: [u64; 4] = [1000, 3000, 5000, 9000];

/// What a client sent that is not read yet.
pub enum Unread {
    Said(SessionId, Link, &'static str),
    Dropped(SessionId, Link),
    /// The client in this slot waits for the answer to its handshake.
    Comes(usize),
}

/// When a node stood still, and what it knew when it went on.
#[derive(Debug, Default)]
pub struct Stood {
    /// Until when it does.
    pub until: Option<Moment>,
    since: Moment,
    /// Whether it still asks others what became of its sessions.
    asks: bool,
    /// When it went on last, and whom it asked.
    woke: Moment,
    asked: Vec<NodeId>,
}

impl Node {
    pub fn is_frozen(&self) -> bool {
        self.stood.until.is_some()
    }

    /// Whether it acts for its people: the counterpart of the gate.
    pub fn is_held(&self) -> bool {
        self.is_frozen() || self.stood.asks
    }

    /// Whether it pairs nobody.
    pub fn pairs_nobody(&self) -> bool {
        self.is_frozen() || self.waking.is_some() || !self.unread.is_empty()
    }

    /// The counterpart of `Office::look` and `Office::wake_up`.
    pub fn wake_up(&mut self, now: Moment) {
        let Some(waking) = &mut self.waking else { return };
        match waking.look(now) {
            Stage::Asking => {
                let question = waking.question();
                for other in waking.due(now) {
                    self.post.post(*other, Letter::Woke { question });
                }
            }
            Stage::Reading if !waking.answered_by_all() => {
                // It goes on without knowing.
                self.stood.asked.clear();
            }
            Stage::Reading => (),
            Stage::Awake => self.waking = None,
        }
        self.stood.asks = self.waking.as_mut().is_some_and(|w| w.look(now) == Stage::Asking);
    }

    fn goes_on(&mut self, now: Moment) {
        self.stood.until = None;
        if now - self.stood.since > self.rules.ttl / 2 {
            self.members.stood_still(now);
            self.drowsy_until = now + Duration::from_secs(1);
            let mut others = self.members.all();
            others.sort_unstable();
            (self.stood.woke, self.stood.asked) = (now, others.clone());
            self.waking = Some(Waking::begin(now, now.micros(), others));
            self.stood.asks = true;
        }
    }

    /// The counterpart of `Office::claim`.
    pub fn claim(&mut self, now: Moment, record: &SessionRecord) {
        let claim = Claim { session: record.id, token: record.token, epoch: record.epoch() };
        self.claims.add(now, claim);
    }

    /// The counterpart of `Office::say_claims`.
    pub fn say_claims(&mut self, now: Moment) {
        let mut there = self.members.all();
        there.sort_unstable();
        for (other, batch) in self.claims.due(now, &there) {
            self.tell_claims(other, batch, None);
        }
    }

    /// The counterpart of `Office::hear_woke`.
    pub fn hear_woke(&self, from: NodeId, question: u64) {
        let batch = self.claims.unheard(from);
        self.tell_claims(from, batch, Some(question));
    }

    fn tell_claims(&self, to: NodeId, mut batch: Batch, question: Option<u64>) {
        batch.claims.retain(|claim| {
            let here = self.find(claim.token).is_some();
            here || self.departures.of_token(claim.token).is_some()
        });
        self.post.post(to, Letter::Claims { batch, question });
    }

    /// The counterpart of `Office::hear_claims`.
    pub fn hear_claims(&mut self, now: Moment, from: NodeId, batch: &Batch, question: Option<u64>) {
        for claim in &batch.claims {
            self.give_way(now, from, claim);
        }
        self.post.post(from, Letter::Claimed { up_to: batch.up_to });
        if let Some((question, waking)) = question.zip(self.waking.as_mut()) {
            waking.answered(from, question);
        }
    }

    fn give_way(&mut self, now: Moment, from: NodeId, claim: &Claim) {
        if let Some(here) = self.find(claim.token).cloned() {
            if here.lock().state.epoch() >= claim.epoch {
                return;
            }
            self.supersede(now, &here);
            self.gave_way.push(here.id());
        }
        self.departures.overtaken(now, from, claim);
    }
}

impl World {
    /// A node stands still for a while.
    pub fn freeze(&mut self) {
        let at = self.some_node();
        if self.nodes[at].is_frozen() {
            return;
        }
        self.tally.frozen += 1;
        // What follows from what it read was told at once.
        while let Some(session) = self.nodes[at].busy() {
            self.nodes[at].proceed(self.now, session);
            self.look(at);
        }
        let most = STILL[self.rng.random_range(..STILL.len())];
        let until = self.now + Duration::from_millis(most).mul_f64(self.rng.random());
        let (now, node) = (self.now, &mut self.nodes[at]);
        (node.stood.until, node.stood.since) = (Some(until), now);
        let (id, there) = (node.id, node.sessions.keys().copied().collect::<Vec<_>>());
        self.note(|| format!("{id} stands still until {until:?}"));
        for person in &mut self.people {
            person.doubtful |= there.contains(&person.id) || person.origin == id;
        }
    }

    /// Nodes whose time has come go on.
    pub fn thaw(&mut self, all: bool) {
        for at in 0..self.nodes.len() {
            let due = self.nodes[at].stood.until.is_some_and(|until| all || until <= self.now);
            if due {
                self.note(|| format!("{} goes on", self.nodes[at].id));
                self.nodes[at].goes_on(self.now);
                let first = self.rng.random();
                if first {
                    self.read_unread(at);
                }
                for (from, letter) in std::mem::take(&mut self.nodes[at].mail) {
                    self.nodes[at].take(self.now, from, letter);
                    self.look(at);
                }
            }
            self.read_unread(at);
        }
    }

    /// Somebody whose node stands still says something that it does not read, or goes.
    pub fn act_frozen(&mut self, slot: usize) {
        let person = &mut self.people[slot];
        let Place::Online { node: at, session, link } = &person.place else { return };
        let (id, link, node) = (session.id(), *link, &mut self.nodes[*at]);
        if person.view.room.is_some() && self.rng.random() {
            let text = [r#"{"type":"leave"}"#, r#"{"type":"next"}"#];
            let text = text[self.rng.random_range(..2_usize)];
            node.unread.push_back(Unread::Said(id, link, text));
            person.view.unsure = true;
        } else if self.rng.random_ratio(1, 3) {
            return;
        }
        node.unread.push_back(Unread::Dropped(id, link));
        (person.dropped, person.left) = (self.now, node.id);
        person.place = Place::Away;
    }

    /// What clients sent while the node stood still is read, where it may be.
    fn read_unread(&mut self, at: usize) {
        while !self.nodes[at].is_held()
            && let Some(unread) = self.nodes[at].unread.pop_front()
        {
            match unread {
                Unread::Said(id, link, text) => self.hear_late(at, id, link, text),
                Unread::Dropped(id, link) => self.drop_late(at, id, link),
                Unread::Comes(slot) => {
                    let waits =
                        matches!(self.people[slot].place, Place::Coming { node } if node == at);
                    if waits {
                        self.people[slot].place = Place::Away;
                        self.come(slot, at);
                    }
                }
            }
        }
    }

    fn hear_late(&mut self, at: usize, id: SessionId, link: Link, text: &str) {
        let node = &self.nodes[at];
        let Some(session) = node.sessions.get(&id).cloned() else { return };
        let desk = session.lock();
        if desk.serves(link).is_err() {
            return;
        }
        self.note(|| format!("{id} is heard late at {at}: {text}"));
        let Ok(aftermath) = dispatch(&session, desk, decode(text), self.now, &node.services())
        else {
            return;
        };
        self.nodes[at].bring_about(id, aftermath);
        let desk = session.lock();
        let preferences = desk.state.preferences().clone();
        if desk.state.waits() {
            let wait = Waiting::begin(self.now, preferences);
            self.ledger.waits.entry(session.person()).or_insert(wait);
        }
        drop(desk);
        self.look(at);
        // Whoever says something waits for what follows from it.
        while self.nodes[at].proceed(self.now, id) {
            self.look(at);
        }
    }

    fn drop_late(&mut self, at: usize, id: SessionId, link: Link) {
        let Some(session) = self.nodes[at].sessions.get(&id).cloned() else { return };
        let handed = session.lock().outbox.handed();
        let parting = attendance::Parting { handed, left: false, keeps: true };
        let bell = Arc::new(Bell::default());
        let fate = attendance::release(&session, link, parting, &bell, self.now);
        if let attendance::Fate::Away(link, aftermath) = fate {
            let node = &mut self.nodes[at];
            node.away.insert(id, (self.now + node.rules.grace, link));
            node.bring_about(id, aftermath);
        }
        self.look(at);
        self.proceed_maybe(at, id);
    }

    /// A copy sits down that had to give way: another node had brought its session back
    /// before this one went on, and has told it, if the two could talk.
    pub fn assert_no_older_copy(&self, at: usize, id: SessionId, epoch: u64) {
        let stood = &self.nodes[at].stood;
        let Some((when, node)) = self.brought_back.get(&id) else { return };
        let told = *when < stood.woke && stood.asked.contains(node);
        let newer = self.nodes.iter().filter(|other| other.id != self.nodes[at].id);
        let mut newer = newer.filter_map(|other| other.sessions.get(&id));
        let older = newer.any(|session| session.lock().state.epoch() > epoch);
        assert!(!(told && older), "invariant 1: an older copy of {id} sits down");
    }
}
