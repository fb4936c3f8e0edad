//! Where the parts that bring people together tell of it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::KeyValue;
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SpanData, SpanProcessor as _,
};

use super::collector::{self, WrongVariable};
use super::span::{About, is_among, span, trace_id};
use super::wall::Wall;
use crate::clock::{Clock, Moment};
use crate::ids::RoomId;
use crate::matchmaking::proposal::Refusal;
use crate::matchmaking::ticket::MatchedBy;
use crate::metrics::Scope;
use crate::protocol::{Mode, Role};

/// Spans that wait for the collector. Full: further ones are dropped.
const QUEUE: usize = 8192;
/// Spans that are sent at once.
const BATCH: usize = 512;
/// How long a span waits for others to go with.
const DELAY: Duration = Duration::from_secs(1);
/// How long the last ones may take when the process ends.
const LAST: Duration = Duration::from_millis(900);

/// The way to the collector, or none. A copy is the same way.
#[derive(Clone, Debug, Default)]
pub struct Traces(Option<Arc<Way>>);

struct Way {
    queue: BatchSpanProcessor,
    /// Of all pairs, those that are traced.
    share: f64,
    wall: Wall,
}

/// The trace of one pair, on this node.
#[derive(Debug)]
pub struct Trace<'a> {
    way: &'a Way,
    room: RoomId,
    /// The present, on this process's time line.
    now: Moment,
}

/// How two were brought together.
type How = (Mode, MatchedBy, Scope);

impl Traces {
    /// Those of a `share`, from 0 to 1, of all pairs go from `node` to the collector
    /// at `url`, as its base: `http://HOST:4318`. Moments are those of `clock`. Starts
    /// a thread that sends them.
    ///
    /// # Errors
    /// Where OpenTelemetry's own variables want what can't be had.
    pub fn to(url: &str, share: f64, node: String, clock: Clock) -> Result<Self, WrongVariable> {
        let exporter = collector::exporter(url, node)?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(DELAY)
            .build();
        let queue = BatchSpanProcessor::new(exporter, batches);
        Ok(Self(Some(Arc::new(Way { queue, share, wall: Wall::of(clock) }))))
    }

    /// The trace of the pair in `room`, for what has ended `now`; `None` where it is
    /// not traced.
    #[must_use]
    pub fn of(&self, now: Moment, room: RoomId) -> Option<Trace<'_>> {
        let way = self.0.as_deref()?;
        let traced = is_among(trace_id(room), way.share);
        traced.then_some(Trace { way, room, now })
    }

    /// Whether any pair is traced.
    #[must_use]
    pub fn on(&self) -> bool {
        self.0.is_some()
    }

    /// Sends what waits, and nothing after it. Blocks for a second at most: where the
    /// collector can't be reached, the last spans are lost.
    pub fn close(&self) {
        if let Some(way) = &self.0
            && way.queue.shutdown_with_timeout(LAST).is_err()
        {
            tracing::warn!("the last traces could not be sent");
        }
    }
}

impl Trace<'_> {
    /// Both sides are told of each other, of whom one began to wait at `since`,
    /// before the other: the whole of it. Said once, by the offerer's node. Across
    /// nodes `since` may be too late by as long as messages were on their way.
    pub fn paired(&self, since: Moment, how: How) {
        self.tell(About::Pairing, since, attributes(how));
    }

    /// One side, which waited since `since`, is told of the other.
    pub fn matched(&self, role: Role, since: Moment, how: How) {
        let name = match role {
            Role::Offerer => "offerer",
            Role::Answerer => "answerer",
        };
        let mut attributes = attributes(how);
        attributes.push(KeyValue::new("passerby.role", name));
        self.tell(About::Wait(role), since, attributes);
    }

    /// The owners agreed to, or refused, what this node proposed at `since`. Of what
    /// they refused there is nothing else to tell.
    pub fn concluded(&self, since: Moment, refused: Option<Refusal>) {
        let Some(why) = refused else {
            return self.tell(About::Propose, since, Vec::new());
        };
        let why = KeyValue::new("passerby.refusal", why.name());
        let status = Status::error("refused");
        let times = self.times(since);
        self.send(span(self.room, About::Propose, times, vec![why], false, status));
    }

    /// The offerer, promised at `since`, sits: the other side's owner has said that
    /// the answerer does.
    pub fn seated(&self, since: Moment) {
        self.tell(About::Seat, since, Vec::new());
    }

    /// The first answer went on to the offerer; the two were matched at `since`.
    pub fn answered(&self, since: Moment) {
        self.tell(About::Signal, since, Vec::new());
    }

    fn tell(&self, about: About, since: Moment, attributes: Vec<KeyValue>) {
        let times = self.times(since);
        self.send(span(self.room, about, times, attributes, true, Status::Unset));
    }

    fn send(&self, span: SpanData) {
        self.way.queue.on_end(span);
    }

    fn times(&self, since: Moment) -> [SystemTime; 2] {
        self.way.wall.at([since.min(self.now), self.now])
    }
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Way").field("share", &self.share).finish_non_exhaustive()
    }
}

fn attributes((mode, by, scope): How) -> Vec<KeyValue> {
    vec![
        KeyValue::new("passerby.mode", mode.name()),
        KeyValue::new("passerby.matched_by", by.name()),
        KeyValue::new("passerby.scope", scope.name()),
    ]
}
