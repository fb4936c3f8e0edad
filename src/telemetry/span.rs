//! The spans of a pair's trace, and their ids. Pure: times come in.

use std::time::SystemTime;

use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use sha2::{Digest, Sha256};

use crate::ids::RoomId;
use crate::protocol::Role;

/// Keeps these hashes of a room's id from being any other's.
const DOMAIN: &[u8] = b"passerby trace";
/// Of a trace's id in front of a span's number; no span has it.
const WHOLE: u8 = 0;

/// What a span is about. Each comes once in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// From the first `join` of the two to `matched`: the root.
    Pairing,
    /// From one side's `join` to its `matched`.
    Wait(Role),
    /// From the proposal of who holds the shared pool to its outcome.
    Propose,
    /// From the offerer's promise to the answerer's sitting.
    Seat,
    /// From `matched` to the first answer.
    Signal,
}

impl About {
    /// The name as it is shown.
    const fn name(self) -> &'static str {
        match self {
            Self::Pairing => "pairing",
            Self::Wait(_) => "wait",
            Self::Propose => "propose",
            Self::Seat => "seat",
            Self::Signal => "signal",
        }
    }

    const fn parent(self) -> Option<Self> {
        match self {
            Self::Pairing => None,
            Self::Wait(_) | Self::Propose | Self::Signal => Some(Self::Pairing),
            Self::Seat => Some(Self::Propose),
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Pairing => 1,
            Self::Wait(Role::Offerer) => 2,
            Self::Wait(Role::Answerer) => 3,
            Self::Propose => 4,
            Self::Seat => 5,
            Self::Signal => 6,
        }
    }
}

/// The id of the trace of the pair in `room`. Nobody finds the room by it.
pub(super) fn trace_id(room: RoomId) -> TraceId {
    TraceId::from_bytes(hash(room, WHOLE))
}

/// Whether a trace is among a `share`, from 0 to 1, of all: the same on every node,
/// as other samplers by ratio have it (OpenTelemetry, `TraceIdRatioBased`).
pub(super) fn is_among(trace: TraceId, share: f64) -> bool {
    let bytes = trace.to_bytes();
    let low = u64::from_be_bytes(*bytes.last_chunk().expect("an id has 16 bytes"));
    // Up to 2^63 both are exact enough: a share is given to a few digits.
    ((low >> 1) as f64) < share * (1_u64 << 63) as f64
}

/// The span about `about` in the trace of `room`. Without a root, as a proposal that
/// came to nothing is, it has no parent.
pub(super) fn span(
    room: RoomId,
    about: About,
    [began, ended]: [SystemTime; 2],
    attributes: Vec<KeyValue>,
    rooted: bool,
    status: Status,
) -> SpanData {
    let parent = about.parent().filter(|_| rooted).map(|parent| span_id(room, parent));
    SpanData {
        span_context: SpanContext::new(
            trace_id(room),
            span_id(room, about),
            TraceFlags::SAMPLED,
            false,
            TraceState::NONE,
        ),
        parent_span_id: parent.unwrap_or(SpanId::INVALID),
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: about.name().into(),
        start_time: began,
        end_time: ended,
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status,
        instrumentation_scope: InstrumentationScope::builder("passerby").build(),
    }
}

fn span_id(room: RoomId, about: About) -> SpanId {
    SpanId::from_bytes(hash(room, about.number()))
}

fn hash<const N: usize>(room: RoomId, number: u8) -> [u8; N] {
    let hash = Sha256::new()
        .chain_update(DOMAIN)
        .chain_update(room.bits().to_be_bytes())
        .chain_update([number])
        .finalize();
    *hash.first_chunk().expect("a hash is longer than an id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_nodes_choose_the_same_traces_and_so_many() {
        let traces: Vec<_> = (0..10_000).map(|n| trace_id(RoomId::from_u128(n))).collect();
        let among = |share| traces.iter().filter(|trace| is_among(**trace, share)).count();
        assert_eq!((among(0.0), among(1.0)), (0, 10_000));
        assert!((2_300..2_700).contains(&among(0.25)), "{}", among(0.25));
        let smaller = |trace: &TraceId| !is_among(*trace, 0.25) || is_among(*trace, 0.5);
        assert!(traces.iter().all(smaller), "a larger share has all of a smaller one");
    }

    #[test]
    fn every_span_has_an_id_of_its_own_and_a_parent_but_the_root() {
        let room = RoomId::from_u128(7);
        let all = [
            About::Pairing,
            About::Wait(Role::Offerer),
            About::Wait(Role::Answerer),
            About::Propose,
            About::Seat,
            About::Signal,
        ];
        let spans = all.map(|about| {
            span(room, about, [SystemTime::UNIX_EPOCH; 2], Vec::new(), true, Status::Unset)
        });
        let mut ids = spans.each_ref().map(|span| span.span_context.span_id());
        let parents = spans.each_ref().map(|span| span.parent_span_id);
        assert_eq!(parents[0], SpanId::INVALID);
        assert!(parents[1..].iter().all(|parent| ids.contains(parent)));
        ids.sort_unstable_by_key(|id| id.to_bytes());
        assert!(ids.windows(2).all(|two| two[0] != two[1]));
        assert_ne!(trace_id(room).to_bytes(), room.bits().to_be_bytes(), "it is not shown");
    }
}
