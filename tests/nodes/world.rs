//! The world: nodes, people, the network between, and the time.

use std::collections::BTreeMap;
use std::time::Duration;

use passerby::clock::Moment;
use passerby::ids::{NodeId, PersonId, SessionId};
use passerby::secret::Secret;
use passerby::session::token::TokenKey;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::ledger::{Ledger, Sitting};
use super::network::Network;
use super::node::Node;
use super::person::Person;
use super::rules::Rules;
use super::tally::Tally;

/// How often nodes look what time has brought about.
const TICK: Duration = Duration::from_millis(20);
/// How often they say that they are there.
const BEAT: Duration = Duration::from_millis(400);

pub struct World {
    pub rng: Xoshiro256PlusPlus,
    pub now: Moment,
    pub rules: Rules,
    pub nodes: Vec<Node>,
    pub people: Vec<Person>,
    pub network: Network,
    pub ledger: Ledger,
    pub tally: Tally,
    pub key: TokenKey,
    /// Numbers of sessions, nodes and questions.
    pub number: u64,
    /// Until when which node is out of reach, and whether it knows.
    pub cuts: Vec<(Moment, NodeId, bool)>,
    /// Since when there was no trouble; `None` while there is.
    pub calm: Option<Moment>,
    /// When a node stopped last.
    pub stopped: Moment,
    beat: Moment,
    /// Whether nodes stand still as well.
    pub freezes: bool,
    /// Who was brought back last, when and by which node.
    pub brought_back: BTreeMap<SessionId, (Moment, NodeId)>,
    /// Whether what happens is written down: for one run alone.
    written: bool,
}

impl World {
    pub fn new(seed: u64, tally: Tally) -> Self {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let rules = Rules::draw(&mut rng);
        let mut world = Self {
            rng,
            now: Moment::default() + Duration::from_secs(3600),
            rules,
            nodes: Vec::new(),
            people: Vec::new(),
            network: Network::new(),
            ledger: Ledger::new(&rules),
            tally,
            key: TokenKey::new(NodeId::from_bits(1), &Secret::random()),
            number: 0,
            cuts: Vec::new(),
            calm: None,
            stopped: Moment::default(),
            beat: Moment::default(),
            freezes: seed >= super::FROZEN,
            brought_back: BTreeMap::new(),
            written: std::env::var("PASSERBY_SEED").is_ok(),
        };
        for _ in 0..rules.nodes {
            let node = world.new_node();
            world.nodes.push(node);
        }
        for slot in 0..rules.people {
            let node = world.some_node();
            world.arrive(slot, node);
        }
        world
    }

    pub fn new_node(&mut self) -> Node {
        self.number += 1;
        let id = NodeId::from_bits(self.number);
        let seed = self.rng.random();
        Node::new(self.now, id, self.rules, self.network.pile.at(id), seed)
    }

    /// Writes down what happens.
    pub fn note(&self, what: impl FnOnce() -> String) {
        if self.written {
            println!("{} {}", self.now.micros(), what());
        }
    }

    pub fn some_node(&mut self) -> usize {
        self.rng.random_range(..self.nodes.len())
    }

    /// Lets up to `most` pass, and what is due happen.
    pub fn pass(&mut self, most: Duration) {
        self.tally.steps += 1;
        self.now = self.now + most.mul_f64(self.rng.random());
        self.mend();
        self.thaw(false);
        self.beat();
        self.deliver();
        for at in 0..self.nodes.len() {
            let node = &mut self.nodes[at];
            if node.is_frozen() {
                continue;
            }
            if !node.pairs_nobody() && node.host.next_wake().is_some_and(|wake| wake <= self.now) {
                node.host.advance(self.now);
                self.look(at);
            }
            if self.now - self.nodes[at].ticked >= TICK {
                self.nodes[at].tick(self.now);
                self.look(at);
            }
        }
        self.notice();
        self.network.collect(self.now, &mut self.rng, &mut self.tally);
    }

    /// Everything that has arrived is taken.
    fn deliver(&mut self) {
        self.network.collect(self.now, &mut self.rng, &mut self.tally);
        while let Some(arrival) = self.network.deliver(self.now, &mut self.tally) {
            let node = self.nodes.iter().position(|node| node.id == arrival.to);
            // A letter to one that has stopped reaches nobody.
            let Some(at) = node else { continue };
            self.tally.delivered += 1;
            self.tally.note(&arrival.letter);
            self.note(|| format!("{} <- {} {:?}", arrival.to, arrival.from, arrival.letter));
            if self.nodes[at].is_frozen() {
                self.nodes[at].mail.push((arrival.from, arrival.letter));
                continue;
            }
            self.nodes[at].take(self.now, arrival.from, arrival.letter);
            self.look(at);
            self.network.collect(self.now, &mut self.rng, &mut self.tally);
        }
    }

    /// A host hears what was told to it first, if there is anything.
    pub fn hear(&mut self, at: usize) {
        self.nodes[at].hear(self.now);
        self.look(at);
    }

    /// All that nodes have still to do for themselves is done.
    pub fn settle(&mut self) {
        for at in 0..self.nodes.len() {
            while let Some(session) = self.nodes[at].busy() {
                self.nodes[at].proceed(self.now, session);
                self.look(at);
            }
            while !self.nodes[at].inbox.is_empty() && !self.nodes[at].pairs_nobody() {
                self.hear(at);
            }
        }
    }

    /// Holds where the sessions of a node sit against where they sat.
    pub fn look(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        for (by, of) in node.reported.drain(..) {
            self.ledger.reported(self.now, by, of);
        }
        for (person, room) in node.outrun.drain(..) {
            self.ledger.erased.insert(person);
            let concerned = self.people.iter_mut().filter(|known| known.person() == person);
            concerned.for_each(|known| known.doubtful = true);
            room.into_iter().for_each(|room| self.ledger.lossy(room));
        }
        for (session, person, room, preferences) in node.recovered.drain(..) {
            self.brought_back.insert(session, (self.now, node.id));
            self.ledger.brought_back(person, room, preferences);
        }
        let gone = node.seated.extract_if(.., |id, _| !node.sessions.contains_key(id));
        let ended: Vec<_> =
            gone.filter(|(id, _)| !node.went.contains(id)).map(|gone| gone.1).collect();
        self.ledger.erased.extend(node.ended.drain(..).map(PersonId::from));
        ended.into_iter().for_each(|room| self.ledger.ends(self.now, room));
        let mut news = Vec::new();
        for (id, session) in &node.sessions {
            let desk = session.lock();
            let seat = desk.state.seat();
            let known = node.seated.get(id).copied();
            if seat.map(|seat| seat.room) == known {
                continue;
            }
            known.into_iter().for_each(|room| self.ledger.ends(self.now, room));
            match seat {
                Some(seat) => {
                    node.seated.insert(*id, seat.room);
                    let (person, opposite) = (session.person(), seat.identity.person());
                    let across = seat.partner.here().is_none();
                    let sitting = Sitting { room: seat.room, person, opposite, role: seat.role };
                    news.push((sitting, across, *id, desk.state.epoch()));
                }
                None => _ = node.seated.remove(id),
            }
        }
        for (sitting, across, id, epoch) in news {
            self.note(|| format!("{sitting:?}"));
            if !self.ledger.has_sat(&sitting) {
                self.assert_no_older_copy(at, id, epoch);
            }
            if self.ledger.sits(self.now, sitting) {
                self.tally.pairs += 1;
                self.tally.pairs_across += u64::from(across);
            }
        }
    }

    /// Nodes that can be reached say that they are there.
    fn beat(&mut self) {
        if self.now - self.beat < BEAT {
            return;
        }
        self.beat = self.now;
        let there = self.nodes.iter().filter(|node| !node.is_frozen());
        let there: Vec<_> = there.map(|node| (node.id, node.status(self.now))).collect();
        let reached = |node: &NodeId| !self.network.cut.contains(node);
        for node in self.nodes.iter_mut().filter(|node| reached(&node.id) && !node.is_frozen()) {
            for (other, status) in there.iter().filter(|(other, _)| reached(other)) {
                if *other != node.id {
                    node.hear_member(self.now, *other, status.clone());
                }
            }
            node.tell_holders(None);
        }
    }
}
