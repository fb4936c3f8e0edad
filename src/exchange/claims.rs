//! Sessions that this node brought to life again though another one may have them still:
//! that one was taken for lost. Whoever has an older copy is to end it.
//!
//! Each node is told of each until it says that it has heard of it, also one that comes
//! late: it may have stood still, or been out of reach. Pure: time comes in.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{NodeId, SessionId};
use crate::session::token::TokenHash;

/// Who stood still for longer is told of the newer ones alone; its clients have given it
/// up long before.
const KEPT: Duration = Duration::from_secs(60 * 60);
/// So many are kept; the oldest goes first.
const AT_MOST: usize = 100_000;
/// So many are told at once.
const AT_ONCE: usize = 1000;
/// When what may be unheard is said again.
const SAY_AGAIN: Duration = Duration::from_secs(1);

/// A copy of this session stands under this epoch, and no older one.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// Which.
    pub session: SessionId,
    /// Its client comes back by this.
    pub token: TokenHash,
    /// The copy's epoch; that of an older one is lower.
    pub epoch: u64,
}

/// What a node is told at once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Batch {
    /// In the order in which they were made.
    pub claims: Vec<Claim>,
    /// The number of the last, by which it is confirmed.
    pub up_to: u64,
    /// Whether there are more.
    pub more: bool,
}

/// Those of this node.
#[derive(Debug, Default)]
pub struct Claims {
    made: VecDeque<(Moment, u64, Claim)>,
    last: u64,
    told: HashMap<NodeId, Told>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Told {
    heard: u64,
    again: Moment,
}

impl Claims {
    /// Makes one.
    pub fn add(&mut self, now: Moment, claim: Claim) {
        self.last += 1;
        self.made.push_back((now, self.last, claim));
        if self.made.len() > AT_MOST {
            self.made.pop_front();
        }
        while self.made.pop_front_if(|(made, ..)| now - *made > KEPT).is_some() {}
    }

    /// What `node` has not heard yet.
    #[must_use]
    pub fn unheard(&self, node: NodeId) -> Batch {
        let heard = self.told.get(&node).map_or(0, |told| told.heard);
        let from = self.made.partition_point(|(_, number, _)| *number <= heard);
        let claims: Vec<_> = self.made.range(from..).take(AT_ONCE).collect();
        Batch {
            up_to: claims.last().map_or(heard, |(_, number, _)| *number),
            more: self.made.len() - from > claims.len(),
            claims: claims.into_iter().map(|(.., claim)| *claim).collect(),
        }
    }

    /// What is to be said by now to which of the nodes that are `there`.
    pub fn due(&mut self, now: Moment, there: &[NodeId]) -> Vec<(NodeId, Batch)> {
        let last = self.made.back().map_or(0, |(_, number, _)| *number);
        let mut due = Vec::new();
        for node in there {
            let told = self.told.get(node).copied().unwrap_or_default();
            if told.heard < last && told.again <= now {
                self.told.insert(*node, Told { again: now + SAY_AGAIN, ..told });
                due.push((*node, self.unheard(*node)));
            }
        }
        due
    }

    /// A node has heard of all up to this number.
    pub fn heard(&mut self, node: NodeId, up_to: u64) {
        if up_to <= self.last {
            let told = self.told.entry(node).or_default();
            (told.heard, told.again) = (told.heard.max(up_to), Moment::default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::token::Token;

    const NODE: NodeId = NodeId::from_bits(1);

    fn at(seconds: u64) -> Moment {
        Moment::from_micros(seconds * 1_000_000)
    }

    fn claim(number: u64) -> Claim {
        let session = SessionId::from_u128(number.into());
        Claim { session, token: Token::presented("any").hash(), epoch: number }
    }

    fn epochs(due: &[(NodeId, Batch)]) -> Vec<u64> {
        due.iter().flat_map(|(_, batch)| batch.claims.iter().map(|claim| claim.epoch)).collect()
    }

    #[test]
    fn each_is_said_to_each_node_until_it_is_heard() {
        let (mut claims, other) = (Claims::default(), NodeId::from_bits(2));
        claims.add(at(1), claim(1));
        assert!(claims.due(at(1), &[]).is_empty());
        assert_eq!(epochs(&claims.due(at(1), &[NODE])), [1]);
        assert!(claims.due(at(1), &[NODE]).is_empty());
        claims.add(at(2), claim(2));
        assert_eq!(epochs(&claims.due(at(2), &[NODE])), [1, 2]);
        claims.heard(NODE, 1);
        claims.heard(NODE, 9);
        assert_eq!(epochs(&claims.due(at(2), &[NODE, other])), [2, 1, 2]);
        claims.heard(NODE, 2);
        assert!(claims.due(at(9), &[NODE]).is_empty());
    }

    #[test]
    fn many_are_said_one_batch_after_the_other_and_old_ones_no_more() {
        let mut claims = Claims::default();
        (0..1500).for_each(|number| claims.add(at(1), claim(number)));
        let first = claims.unheard(NODE);
        assert!(first.claims.len() == AT_ONCE && first.more);
        claims.heard(NODE, first.up_to);
        let then = claims.unheard(NODE);
        assert!(then.claims.len() == 500 && !then.more);
        claims.add(at(4000), claim(1));
        assert_eq!(claims.made.len(), 1);
    }
}
