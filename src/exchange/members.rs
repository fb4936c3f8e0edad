//! Which nodes are there, and what each says of itself. Pure: time comes in.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::NodeId;

/// For so long a node that went without a word may still serve people whom it had: it may
/// stand still, or be out of the others' reach alone.
const MISSED: Duration = Duration::from_secs(10 * 60);
/// So many of them are told of.
const MISSED_AT_MOST: usize = 100;

/// What a node says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Its name, for people.
    pub name: String,
    /// Whether it takes new people.
    pub ready: bool,
    /// People connected.
    pub online: u64,
    /// People in its queue.
    pub waiting: u64,
    /// Rooms that it counts.
    pub rooms: u64,
    /// Nodes that it misses, and for how long: who came since does not know of them.
    #[serde(default)]
    pub missed: Vec<(NodeId, Duration)>,
}

/// What has changed about a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing that matters.
    None,
    /// It is there now.
    Came,
    /// It said that it goes.
    Went,
}

/// The other nodes.
#[derive(Debug)]
pub struct Members {
    /// A node is there for so long after it said so.
    ttl: Duration,
    there: HashMap<NodeId, (Moment, Status)>,
    /// Nodes that went without a word, and when that was noticed.
    lost: HashMap<NodeId, Moment>,
    reached: bool,
    began: Moment,
}

/// The people of all other nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Connected.
    pub online: u64,
    /// In a queue.
    pub waiting: u64,
    /// Rooms.
    pub rooms: u64,
}

impl Members {
    /// Nobody is known at `now`.
    #[must_use]
    pub fn new(now: Moment, ttl: Duration) -> Self {
        Self { ttl, there: HashMap::new(), lost: HashMap::new(), reached: false, began: now }
    }

    /// A node says something of itself, or (`None`) that it goes.
    pub fn hear(&mut self, now: Moment, node: NodeId, status: Option<Status>) -> Change {
        let Some(status) = status else {
            self.lost.remove(&node);
            let known = self.there.remove(&node).is_some();
            return if known { Change::Went } else { Change::None };
        };
        self.lost.remove(&node);
        for (missed, span) in &status.missed {
            if !self.has(*missed) && self.lost.len() < MISSED_AT_MOST {
                self.lost.entry(*missed).or_insert(now.before(*span));
            }
        }
        let known = self.there.insert(node, (now, status)).is_some();
        if known { Change::None } else { Change::Came }
    }

    /// Whether the cluster can be reached. While it can't, nobody is taken to be
    /// lost.
    pub fn reach(&mut self, now: Moment, reached: bool) {
        self.reached = reached;
        for (seen, _) in self.there.values_mut() {
            *seen = now;
        }
    }

    /// This node did nothing for a while and heard nobody: the silence was its own, and
    /// what it knows is old. It begins anew.
    pub fn stood_still(&mut self, now: Moment) {
        self.began = now;
        self.reach(now, self.reached);
    }

    /// The nodes that have not been heard for too long: they are lost.
    pub fn expire(&mut self, now: Moment) -> Vec<NodeId> {
        if !self.reached {
            return Vec::new();
        }
        let ttl = self.ttl;
        let silent = self.there.extract_if(|_, (seen, _)| now - *seen > ttl);
        let silent: Vec<_> = silent.map(|(node, _)| node).collect();
        self.lost.retain(|_, at| now - *at <= MISSED);
        self.lost.extend(silent.iter().map(|node| (*node, now)));
        silent
    }

    /// Whether a node is there.
    #[must_use]
    pub fn has(&self, node: NodeId) -> bool {
        self.there.contains_key(&node)
    }

    /// Whether this node has begun too shortly to know all others.
    #[must_use]
    pub fn young(&self, now: Moment) -> bool {
        now - self.began <= self.ttl
    }

    /// Whether it is known that a node is not there.
    #[must_use]
    pub fn lacks(&self, now: Moment, node: NodeId) -> bool {
        self.reached && !self.young(now) && !self.has(node)
    }

    /// All that are there.
    #[must_use]
    pub fn all(&self) -> Vec<NodeId> {
        self.there.keys().copied().collect()
    }

    /// Those that take people over.
    #[must_use]
    pub fn ready(&self) -> Vec<NodeId> {
        let ready = self.there.iter().filter(|(_, (_, status))| status.ready);
        ready.map(|(node, _)| *node).collect()
    }

    /// The nodes that went without a word, and how long ago that was noticed.
    #[must_use]
    pub fn missed(&self, now: Moment) -> Vec<(NodeId, Duration)> {
        let missed = self.lost.iter().map(|(node, at)| (*node, now - *at));
        missed.filter(|(_, span)| *span <= MISSED).take(MISSED_AT_MOST).collect()
    }

    /// Whether a session that nobody here knows may be on a node that can't be asked: one
    /// that went without a word, or that this one has not met, being there too shortly:
    /// that one may have gone down a while after this one began, and its people have the
    /// `grace` from then.
    #[must_use]
    pub fn incomplete(&self, now: Moment, grace: Duration) -> bool {
        !self.reached || now - self.began <= grace * 2 || !self.missed(now).is_empty()
    }

    /// The people of all other nodes.
    #[must_use]
    pub fn sums(&self) -> Sums {
        self.there.values().fold(Sums::default(), |sums, (_, status)| Sums {
            online: sums.online + status.online,
            waiting: sums.waiting + status.waiting,
            rooms: sums.rooms + status.rooms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(3);
    const GRACE: Duration = Duration::from_secs(10);
    const NODE: NodeId = NodeId::from_bits(1);

    fn at(seconds: u64) -> Moment {
        Moment::from_micros(seconds * 1_000_000)
    }

    fn members() -> Members {
        let mut members = Members::new(at(0), TTL);
        members.reach(at(0), true);
        let status = Status { ready: true, online: 5, ..Status::default() };
        assert_eq!(members.hear(at(20), NODE, Some(status.clone())), Change::Came);
        assert_eq!(members.hear(at(21), NODE, Some(status)), Change::None);
        members
    }

    fn misses(members: &Members, seconds: u64) -> bool {
        members.missed(at(seconds)).iter().any(|(node, _)| *node == NODE)
    }

    #[test]
    fn a_node_that_is_silent_is_lost_and_missed_for_a_while() {
        let mut members = members();
        assert!(members.expire(at(24)).is_empty());
        assert!(!misses(&members, 24) && !members.incomplete(at(24), GRACE));
        assert_eq!(members.expire(at(25)), [NODE]);
        assert!(!members.has(NODE) && members.sums() == Sums::default());
        assert!(misses(&members, 625) && members.incomplete(at(625), GRACE));
        assert!(!misses(&members, 626) && !members.incomplete(at(626), GRACE));
        assert_eq!(members.hear(at(600), NODE, Some(Status::default())), Change::Came);
        assert!(!misses(&members, 601) && !members.incomplete(at(601), GRACE));
    }

    #[test]
    fn a_node_that_says_that_it_goes_holds_nothing() {
        let mut members = members();
        assert_eq!(members.hear(at(22), NODE, None), Change::Went);
        assert!(!misses(&members, 22) && !members.incomplete(at(22), GRACE));
    }

    #[test]
    fn who_comes_later_is_told_of_lost_nodes() {
        let (mut members, other) = (members(), NodeId::from_bits(2));
        assert_eq!(members.expire(at(25)), [NODE]);
        let mut newcomer = Members::new(at(30), TTL);
        newcomer.reach(at(30), true);
        let missed = members.missed(at(35));
        assert_eq!(missed, [(NODE, Duration::from_secs(10))]);
        newcomer.hear(at(35), other, Some(Status { missed, ..Status::default() }));
        assert!(misses(&newcomer, 625) && !misses(&newcomer, 626));
        assert!(newcomer.missed(at(626)).is_empty(), "nor tells others of it for ever");
        newcomer.hear(at(36), NODE, Some(Status::default()));
        let missed = members.missed(at(37));
        newcomer.hear(at(37), other, Some(Status { missed, ..Status::default() }));
        assert!(newcomer.missed(at(37)).is_empty(), "it is there");
    }

    #[test]
    fn lost_nodes_are_forgotten() {
        let mut members = members();
        assert_eq!(members.expire(at(25)), [NODE]);
        assert!(members.expire(at(626)).is_empty() && members.lost.is_empty());
    }

    #[test]
    fn nobody_is_lost_while_the_cluster_can_t_be_reached_and_a_while_after() {
        let mut members = members();
        members.reach(at(22), false);
        assert!(members.expire(at(100)).is_empty());
        members.reach(at(100), true);
        assert!(members.expire(at(103)).is_empty() && members.has(NODE));
        assert_eq!(members.expire(at(104)), [NODE]);
    }

    #[test]
    fn who_stood_still_takes_nobody_for_lost() {
        let mut members = members();
        members.stood_still(at(60));
        assert!(members.expire(at(63)).is_empty() && members.has(NODE));
        let unheard = NodeId::from_bits(2);
        assert!(!members.lacks(at(63), unheard), "it may have come meanwhile");
        assert!(members.incomplete(at(63), GRACE));
        assert_eq!(members.expire(at(64)), [NODE]);
    }

    #[test]
    fn who_has_just_begun_knows_nothing() {
        let mut members = Members::new(at(0), TTL);
        members.reach(at(0), true);
        assert!(!members.lacks(at(3), NODE) && members.lacks(at(4), NODE));
        assert!(members.incomplete(at(20), GRACE) && !members.incomplete(at(21), GRACE));
    }
}
