//! Which node holds which part of the shared pool. Pure: time comes in.

use std::collections::HashMap;
use std::time::Duration;

use crate::clock::Moment;
use crate::ids::NodeId;
use crate::matchmaking::proposal::Part;
use crate::protocol::Mode;

/// The leases as this node has heard of them.
#[derive(Debug)]
pub struct Leases {
    ttl: Duration,
    parts: Vec<Part>,
    held: HashMap<Part, (NodeId, Moment)>,
}

impl Leases {
    /// Nobody is known to hold any of `parts`; a lease runs out `ttl` after it was
    /// written.
    #[must_use]
    pub fn new(parts: Vec<Part>, ttl: Duration) -> Self {
        Self { ttl, parts, held: HashMap::new() }
    }

    /// A lease was written by its holder, or given up.
    pub fn hear(&mut self, now: Moment, part: Part, holder: Option<NodeId>) {
        match holder {
            Some(holder) => _ = self.held.insert(part, (holder, now)),
            None => _ = self.held.remove(&part),
        }
    }

    /// Leases that were not written for too long have run out, where their holder
    /// is not `there` either. One that is writes its lease again as soon as it can,
    /// or finds that it is another's.
    pub fn expire(&mut self, now: Moment, there: impl Fn(NodeId) -> bool) {
        let ttl = self.ttl;
        self.held.retain(|_, (holder, written)| now - *written <= ttl || there(*holder));
    }

    /// The parts that nobody holds.
    pub fn vacant(&self) -> impl Iterator<Item = Part> {
        self.parts.iter().copied().filter(|part| !self.held.contains_key(part))
    }

    /// Who holds what.
    #[must_use]
    pub fn holders(&self) -> HashMap<Part, NodeId> {
        self.held.iter().map(|(part, (holder, _))| (*part, *holder)).collect()
    }
}

/// The name of a part's lease among the cluster's entries.
#[must_use]
pub fn key(part: Part) -> String {
    format!("pool.{}.{}", part.mode.name(), part.number)
}

/// The part whose lease has this name.
#[must_use]
pub fn part(key: &str) -> Option<Part> {
    let (mode, number) = key.strip_prefix("pool.")?.split_once('.')?;
    let mode = Mode::ALL.into_iter().find(|known| known.name() == mode)?;
    Some(Part { mode, number: number.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_known_by_its_lease_s_name() {
        for part in crate::matchmaking::parts::all(3) {
            assert_eq!(super::part(&key(part)), Some(part));
        }
        assert_eq!(super::part("pool.audio.0").or(super::part("node.0")), None);
    }

    #[test]
    fn a_lease_that_is_not_written_again_runs_out() {
        let at = |seconds: u64| Moment::from_micros(seconds * 1_000_000);
        let part = Part { mode: Mode::Text, number: 0 };
        let mut leases = Leases::new(vec![part], Duration::from_secs(3));
        assert_eq!(leases.vacant().collect::<Vec<_>>(), [part]);
        leases.hear(at(0), part, Some(NodeId::from_bits(1)));
        leases.hear(at(2), part, Some(NodeId::from_bits(1)));
        leases.expire(at(5), |_| false);
        assert_eq!(leases.holders().get(&part), Some(&NodeId::from_bits(1)));
        leases.expire(at(6), |_| true);
        assert_eq!(leases.vacant().count(), 0, "its holder is there");
        leases.expire(at(6), |_| false);
        assert_eq!(leases.vacant().count(), 1);
        leases.hear(at(6), part, Some(NodeId::from_bits(2)));
        leases.hear(at(6), part, None);
        assert!(leases.holders().is_empty());
    }
}
