//! The metrics of the STUN and TURN server.
//!
//! Each series is looked up once, when it is made: counting a packet costs two
//! additions.

use prometheus::{IntCounter, IntGauge};

use super::declare::Declare;
use super::service::Counted;

/// How a client reaches the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A stream.
    Tcp,
    /// A stream within TLS.
    Tls,
}

impl Transport {
    const NAMES: [&str; 3] = ["udp", "tcp", "tls"];
}

/// Which way something is relayed.
#[derive(Clone, Copy, Debug)]
pub enum Direction {
    /// From the client to its peer.
    ToPeer,
    /// From the peer to the client.
    FromPeer,
}

impl Direction {
    const NAMES: [&str; 2] = ["to_peer", "from_peer"];
}

/// Why the relay did not do what was asked.
#[derive(Clone, Copy, Debug)]
pub enum Refusal {
    /// Wrong or unknown credentials, or those of a session that has ended.
    Credentials,
    /// Credentials that may not allocate any more.
    Expired,
    /// Another username than the allocation's.
    OtherUser,
    /// A session has all the allocations that it may have.
    SessionQuota,
    /// No room, port or descriptor is left.
    Capacity,
    /// A peer that may not be reached.
    Peer,
    /// A packet to or from a peer without a permission or channel.
    Permission,
    /// Too many requests of an address without credentials.
    Unauthenticated,
    /// A packet over an allocation's bandwidth.
    Bandwidth,
    /// A packet that can't be sent on, mostly as a buffer is full.
    Congestion,
    /// What can't be read, or asks for what is not there.
    BadRequest,
    /// A connection over what an address or all may have.
    Connections,
}

impl Refusal {
    const NAMES: [&str; 12] = [
        "credentials",
        "expired",
        "other_user",
        "session_quota",
        "capacity",
        "peer",
        "permission",
        "unauthenticated",
        "bandwidth",
        "congestion",
        "bad_request",
        "connections",
    ];
}

/// The instruments of the relay.
#[derive(Debug)]
pub struct TurnMetrics {
    standing: Vec<IntGauge>,
    made: Vec<IntCounter>,
    bytes: Vec<IntCounter>,
    packets: Vec<IntCounter>,
    refused: Vec<IntCounter>,
}

impl TurnMetrics {
    pub(super) fn new(declare: &Declare<'_>) -> Self {
        let standing = declare.gauges("turn_allocations", "Allocations that stand", "transport");
        let made = declare.counters("turn_allocations_total", "Allocations made", "transport");
        let bytes = declare.counters(
            "turn_relayed_bytes_total",
            "Bytes of payload relayed between clients and peers",
            "direction",
        );
        let packets =
            declare.counters("turn_relayed_packets_total", "Packets relayed", "direction");
        let refused = declare.counters(
            "turn_refused_total",
            "Requests refused, and packets and connections dropped, by reason",
            "reason",
        );
        Self {
            standing: Transport::NAMES.map(|name| standing.with_label_values(&[name])).into(),
            made: Transport::NAMES.map(|name| made.with_label_values(&[name])).into(),
            bytes: Direction::NAMES.map(|name| bytes.with_label_values(&[name])).into(),
            packets: Direction::NAMES.map(|name| packets.with_label_values(&[name])).into(),
            refused: Refusal::NAMES.map(|name| refused.with_label_values(&[name])).into(),
        }
    }

    /// Counts an allocation, and as standing until what this returns is dropped.
    #[must_use]
    pub fn allocated(&self, transport: Transport) -> Counted {
        self.made[transport as usize].inc();
        Counted::new(&self.standing[transport as usize])
    }

    /// Counts a relayed packet of so many bytes.
    pub fn relayed(&self, direction: Direction, bytes: usize) {
        self.packets[direction as usize].inc();
        self.bytes[direction as usize].inc_by(bytes as u64);
    }

    /// Counts what was refused.
    pub fn refused(&self, reason: Refusal) {
        self.refused[reason as usize].inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;

    #[test]
    fn every_series_is_there_from_the_start_under_its_own_name() {
        let metrics = Metrics::new();
        metrics.turn.refused(Refusal::Connections);
        metrics.turn.relayed(Direction::FromPeer, 100);
        drop(metrics.turn.allocated(Transport::Tls));
        let text = metrics.render().unwrap();
        for line in [
            "turn_refused_total{reason=\"connections\"} 1",
            "turn_refused_total{reason=\"credentials\"} 0",
            "turn_relayed_bytes_total{direction=\"from_peer\"} 100",
            "turn_relayed_packets_total{direction=\"to_peer\"} 0",
            "turn_allocations{transport=\"tls\"} 0",
            "turn_allocations_total{transport=\"tls\"} 1",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
