//! The metrics of what nodes do together.

use std::time::Duration;

use prometheus::{Gauge, Histogram, IntCounter, IntCounterVec, IntGauge};

use super::declare::Declare;
use crate::matchmaking::proposal::Refusal;

/// From 100 us to 2 s: a hop to a node nearby up to one that is asked again.
const CONFIRM_BUCKETS: [f64; 12] =
    [0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 0.5, 2.0];
/// A promise that nobody answered was taken back.
const UNANSWERED: &str = "unanswered";

/// The instruments of a node among others.
#[derive(Debug)]
pub struct ClusterMetrics {
    letters: Vec<IntCounter>,
    letters_per_pair: Gauge,
    /// Letters that could not be carried.
    pub letters_lost: IntCounter,
    /// Letters that this node could not read.
    pub letters_unread: IntCounter,
    confirm_latency: Histogram,
    proposals_refused: IntCounterVec,
    /// Times that a part of the shared pool got another holder.
    pub lease_changes: IntCounter,
    /// Parts of the shared pool that this node holds.
    pub leases: IntGauge,
    handovers: IntCounterVec,
    /// Nodes that are there, this one included.
    pub nodes: IntGauge,
    /// Whether the cluster can be reached.
    pub reached: IntGauge,
    /// Rooms whose other side sits on another node.
    pub bridges: IntGauge,
}

/// What became of a session that was to go to another node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handover {
    /// It came here because its client did.
    Fetched,
    /// It came here from a node that stops.
    Adopted,
    /// It was brought back from what its partner's node knew.
    Recovered,
    /// Its holder could not be reached.
    Unreachable,
    /// It went from here to where its client is.
    Given,
    /// It went from here, which stops, to another node.
    Placed,
    /// No other node took it.
    Unplaced,
}

impl Handover {
    const ALL: [Self; 7] = [
        Self::Fetched,
        Self::Adopted,
        Self::Recovered,
        Self::Unreachable,
        Self::Given,
        Self::Placed,
        Self::Unplaced,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Fetched => "fetched",
            Self::Adopted => "adopted",
            Self::Recovered => "recovered",
            Self::Unreachable => "unreachable",
            Self::Given => "given",
            Self::Placed => "placed",
            Self::Unplaced => "unplaced",
        }
    }
}

impl ClusterMetrics {
    /// `kinds` are those of the letters between nodes.
    pub(super) fn new(declare: &Declare<'_>, kinds: &[&str]) -> Self {
        let letters =
            declare.counters("cluster_letters_total", "Messages sent to other nodes", "kind");
        let metrics = Self {
            letters: kinds.iter().map(|kind| letters.with_label_values(&[kind])).collect(),
            letters_per_pair: declare.ratio(
                "cluster_letters_per_pair",
                "Messages sent to other nodes for each pair made here, since the start",
            ),
            letters_lost: declare.counter(
                "cluster_letters_lost_total",
                "Messages to other nodes that could not be sent; what matters is sent again",
            ),
            letters_unread: declare.counter(
                "cluster_letters_unread_total",
                "Messages of other nodes that this one could not read",
            ),
            confirm_latency: declare.histogram(
                "confirm_latency_seconds",
                "From asking another node to seat its side of a pair to its word that it does",
                &CONFIRM_BUCKETS,
            ),
            proposals_refused: declare.counters(
                "proposals_refused_total",
                "Pairs proposed between nodes that an owner here refused or gave up",
                "reason",
            ),
            lease_changes: declare.counter(
                "lease_changes_total",
                "Times that a part of the shared pool got another holder",
            ),
            leases: declare.gauge("leases", "Parts of the shared pool that this node holds"),
            handovers: declare.counters(
                "handovers_total",
                "Sessions that moved between nodes, or should have",
                "outcome",
            ),
            nodes: declare.gauge("cluster_nodes", "Nodes that are there, this one included"),
            reached: declare.gauge("cluster_reached", "Whether the cluster can be reached"),
            bridges: declare
                .gauge("cluster_rooms", "Rooms here whose other side sits on another node"),
        };
        metrics.show_zeroes();
        metrics
    }

    /// Counts a letter to another node, by its kind's place.
    pub fn letter(&self, kind: usize) {
        self.letters[kind].inc();
    }

    /// Brings the ratio up to date; `pairs` were made so far.
    pub(super) fn reckon(&self, pairs: u64) {
        let letters: u64 = self.letters.iter().map(IntCounter::get).sum();
        self.letters_per_pair.set(if pairs == 0 { 0.0 } else { letters as f64 / pairs as f64 });
    }

    /// Counts a pair of which the other side was seated after so long.
    pub fn confirmed(&self, after: Duration) {
        self.confirm_latency.observe(after.as_secs_f64());
    }

    /// Counts a proposal that an owner here refuses.
    pub fn refused(&self, why: Refusal) {
        self.proposals_refused.with_label_values(&[why.name()]).inc();
    }

    /// Counts a proposal that nobody answered.
    pub fn unanswered(&self) {
        self.proposals_refused.with_label_values(&[UNANSWERED]).inc();
    }

    /// Counts a session that moved, or should have.
    pub fn moved(&self, outcome: Handover) {
        self.handovers.with_label_values(&[outcome.name()]).inc();
    }

    /// A series that is there from the start can be alerted on.
    fn show_zeroes(&self) {
        for reason in Refusal::ALL.map(Refusal::name).into_iter().chain([UNANSWERED]) {
            self.proposals_refused.with_label_values(&[reason]);
        }
        for outcome in Handover::ALL {
            self.handovers.with_label_values(&[outcome.name()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus::Registry;

    use super::*;

    #[test]
    fn letters_are_reckoned_by_pairs() {
        let metrics = ClusterMetrics::new(&Declare(&Registry::new()), &["offer", "seat"]);
        let per_pair = |pairs| {
            metrics.reckon(pairs);
            metrics.letters_per_pair.get()
        };
        assert_eq!(per_pair(0), 0.0);
        [0, 0, 1].into_iter().for_each(|kind| metrics.letter(kind));
        assert_eq!((per_pair(0), per_pair(2)), (0.0, 1.5));
    }
}
