//! What goes wrong: bad weather, nodes that stop or are out of reach, and pools
//! that two nodes hold, or none.

use std::collections::HashMap;
use std::time::Duration;

use passerby::matchmaking::host::Holders;
use passerby::matchmaking::parts;
use rand::RngExt;

use super::network::Weather;
use super::person::Place;
use super::world::World;

impl World {
    /// Something goes wrong, or another thing does.
    pub fn trouble(&mut self) {
        self.calm = None;
        if self.freezes && self.rng.random_ratio(1, 4) {
            return self.freeze();
        }
        match self.rng.random_range(0..20) {
            0..7 => self.change_weather(),
            7..13 => self.change_holders(),
            13..17 => self.cut(),
            17..19 => self.change_weather(),
            _ => self.stop(),
        }
    }

    fn change_weather(&mut self) {
        let late = [30, 300, 3000][self.rng.random_range(0..3)];
        self.network.weather = Weather {
            lost: [0, 5, 30][self.rng.random_range(0..3)],
            repeated: [0, 10, 30][self.rng.random_range(0..3)],
            usual: Duration::from_millis([2, 20, 150][self.rng.random_range(0..3)]),
            late: Duration::from_millis(late),
            late_ones: [0, 10, 30][self.rng.random_range(0..3)],
        };
    }

    /// Each node believes something of its own, or all the same.
    pub fn change_holders(&mut self) {
        let same = self.rng.random_ratio(1, 2);
        let mut holders = self.draw_holders();
        for at in 0..self.nodes.len() {
            if !same {
                holders = self.draw_holders();
            }
            self.nodes[at].tell_holders(Some(holders.clone()));
        }
    }

    fn draw_holders(&mut self) -> Holders {
        let mut of = HashMap::new();
        for part in parts::all(self.rules.parts) {
            if self.rng.random_ratio(4, 5) {
                let node = self.some_node();
                of.insert(part, self.nodes[node].id);
            }
        }
        Holders { of, alone: false }
    }

    /// A node is out of reach for a while.
    fn cut(&mut self) {
        let at = self.some_node();
        let id = self.nodes[at].id;
        if !self.network.cut.insert(id) {
            return;
        }
        self.tally.cut += 1;
        let millis = [200, 2000, 6000, 12_000][self.rng.random_range(0..4)];
        let knows = self.rng.random();
        let until = self.now + Duration::from_millis(millis).mul_f64(self.rng.random());
        self.cuts.push((until, id, knows));
        self.note(|| format!("{id} is cut off until {until:?}"));
        if knows {
            self.nodes[at].reach(self.now, false);
        }
        let there: Vec<_> = self.nodes[at].sessions.keys().copied().collect();
        for person in &mut self.people {
            person.doubtful |= there.contains(&person.id) || person.origin == id;
        }
    }

    /// Nodes whose time has come are reached again.
    pub fn mend(&mut self) {
        let due: Vec<_> = self.cuts.extract_if(.., |(until, ..)| *until <= self.now).collect();
        for (_, id, _) in due {
            self.network.cut.remove(&id);
            if let Some(node) = self.nodes.iter_mut().find(|node| node.id == id) {
                node.reach(self.now, true);
            }
        }
    }

    /// A node stops without a word, and another one takes its place.
    fn stop(&mut self) {
        self.tally.stopped += 1;
        self.stopped = self.now;
        let at = self.some_node();
        let id = self.nodes[at].id;
        self.note(|| format!("{id} stops"));
        self.network.cut.remove(&id);
        self.cuts.retain(|(_, cut, _)| *cut != id);
        let new = self.new_node();
        let old = std::mem::replace(&mut self.nodes[at], new);
        for person in &mut self.people {
            let was_there = match &person.place {
                Place::Online { node, .. } | Place::Coming { node } => *node == at,
                Place::Away => false,
            };
            if matches!(person.place, Place::Online { .. }) && was_there {
                person.dropped = self.now;
            }
            if was_there {
                person.place = Place::Away;
            }
            // Also one whose session was on its way, or had left a copy.
            if was_there || old.sessions.contains_key(&person.id) || person.origin == id {
                person.doubtful = true;
            }
            if old.sessions.contains_key(&person.id) || old.went.contains(&person.id) {
                self.ledger.forget(person.id.into());
                person.doubtful = true;
            }
        }
    }

    /// All is well from now on: each node is reached, and all know who holds what.
    pub fn heal(&mut self) {
        self.network.weather = Weather::FAIR;
        for (until, ..) in &mut self.cuts {
            *until = self.now;
        }
        self.mend();
        self.thaw(true);
        let mut of = HashMap::new();
        for part in parts::all(self.rules.parts) {
            let node = self.some_node();
            of.insert(part, self.nodes[node].id);
        }
        for node in &mut self.nodes {
            node.tell_holders(Some(Holders { of: of.clone(), alone: false }));
            node.reach(self.now, true);
        }
        // A node that stopped is not known to be lost before.
        self.calm = Some(self.now.max(self.stopped + self.rules.ttl));
    }
}
