//! The metrics of pairing and signalling, and the set that holds all others.

use std::ops::Index;
use std::sync::Arc;
use std::time::Duration;

use prometheus::{
    Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, Registry, TextEncoder,
};

use super::cluster::ClusterMetrics;
use super::declare::Declare;
use super::moderation::ModerationMetrics;
use super::sharded::Sharded;
use super::store::StoreMetrics;
use super::tally::Tally;
use super::turn::TurnMetrics;
use crate::clock::UnixMillis;
use crate::exchange::letter::Letter;
use crate::matchmaking::pool::MatchedBy;
use crate::protocol::{CloseCode, ErrorCode, Mode, Payload};
use crate::telemetry::Traces;

/// From 100 us to 60 s: a pairing on arrival up to a long wait at night.
const PAIRING_BUCKETS: [f64; 18] = [
    0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0, 10.0, 30.0, 60.0,
];
/// From 10 us to 1 s: a hop within the process up to a congested client.
const FORWARD_BUCKETS: [f64; 12] =
    [0.000_01, 0.000_025, 0.000_05, 0.0001, 0.000_25, 0.0005, 0.001, 0.005, 0.025, 0.1, 0.5, 1.0];

/// The instruments and the registry that they are read from.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// From "began to wait" to "told of a partner", each person once.
    pairing_latency: HistogramVec,
    /// How long those waited who left unpaired.
    pub unpaired_wait: ByMode<Histogram>,
    /// Open WebSocket connections.
    pub connections: IntGauge,
    connections_limit: IntGauge,
    /// People in the queue.
    pub waiting_by_mode: ByMode<IntGauge>,
    /// Rooms of two.
    pub rooms: IntGauge,
    /// Pairs made.
    pub pairs: ByMode<IntCounter>,
    /// `next` messages that had an effect.
    pub nexts: IntCounter,
    /// Messages forwarded, by [`Payload::NAMES`].
    signals: Vec<Sharded<IntCounter>>,
    /// From a signal's coming in to its being handed to the partner's socket.
    pub forward_latency: Sharded<Tally>,
    /// Signals dropped because their room had ended.
    pub stale_signals: IntCounter,
    /// Candidates of private people that bore an address.
    pub concealed_candidates: IntCounter,
    /// Reports taken, by reason.
    pub reports: IntCounterVec,
    /// People kept apart because one asked for it.
    pub blocks: IntCounter,
    /// Connections ended, by close code; `none` where there was no close.
    pub closes: IntCounterVec,
    /// Messages refused, by error code.
    pub errors: IntCounterVec,
    /// Tickets that the pool examined.
    pub examined: IntCounter,
    /// Sessions whose connection dropped and whose grace runs.
    pub sessions_away: IntGauge,
    /// Bytes of messages that wait or may have to be sent again.
    pub kept_bytes: IntGauge,
    /// Messages sent again after a resume.
    pub replayed: IntCounter,
    /// Sessions that were handed to the next process.
    pub drained: IntCounter,
    /// When the process was told to stop, in seconds since 1970; zero before.
    draining_since: IntGauge,
    /// Attempts to resume, by outcome.
    resumes: IntCounterVec,
    /// What it does with other nodes.
    pub cluster: ClusterMetrics,
    /// Who is kept out, and what was refused.
    pub moderation: ModerationMetrics,
    /// What is kept.
    pub store: StoreMetrics,
    /// The STUN and TURN server's own.
    pub turn: TurnMetrics,
    /// Where single pairs are told of, beside the sums.
    pub traces: Traces,
}

/// Where two who were paired are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// On one node.
    Node,
    /// On two.
    Cluster,
}

impl Scope {
    /// Its name as a label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Cluster => "cluster",
        }
    }
}

/// How a connection ended: with a code that is not the protocol's, or with none.
const OTHER: &str = "other";
const NONE: &str = "none";
/// The outcomes of an attempt to resume.
const RESUMES: [&str; 4] = ["resumed", "missed", "taken_over", "refused"];

impl Metrics {
    /// A set of its own, all at zero.
    ///
    /// # Panics
    /// Where two metrics have one name, or a name or a label is malformed:
    /// never, as they are all written here.
    #[must_use]
    pub fn new() -> Self {
        let registry = Registry::new();
        let declare = Declare(&registry);
        let waiting = declare.gauges("waiting", "People who wait for a partner", "mode");
        let pairs = declare.counters("pairs_total", "Pairs made", "mode");
        let unpaired_wait = declare.histograms(
            "unpaired_wait_seconds",
            "How long people waited who left unpaired",
            &["mode"],
            &PAIRING_BUCKETS,
        );
        let metrics = Self {
            pairing_latency: declare.histograms(
                "pairing_latency_seconds",
                "From the begin of a person's wait to being told of a partner",
                &["mode", "by", "scope"],
                &PAIRING_BUCKETS,
            ),
            unpaired_wait: ByMode::new(|mode| unpaired_wait.with_label_values(&[mode])),
            connections: declare.gauge("connections", "Open WebSocket connections"),
            connections_limit: declare.gauge(
                "connections_limit",
                "With so many connections, new people are told to come later",
            ),
            waiting_by_mode: ByMode::new(|mode| waiting.with_label_values(&[mode])),
            rooms: declare.gauge("rooms", "Rooms of two people"),
            pairs: ByMode::new(|mode| pairs.with_label_values(&[mode])),
            nexts: declare.counter("nexts_total", "Times that somebody asked for a new partner"),
            signals: declare.sharded_counters(
                "signals_total",
                "Messages forwarded to a partner",
                "type",
                &Payload::NAMES,
            ),
            forward_latency: declare.sharded_tally(
                "forward_latency_seconds",
                "From a signal's coming in to its being handed to the partner's socket",
                &FORWARD_BUCKETS,
            ),
            stale_signals: declare
                .counter("stale_signals_total", "Signals dropped because their room had ended"),
            concealed_candidates: declare.counter(
                "concealed_candidates_total",
                "Candidates of private people dropped because they bore an address",
            ),
            reports: declare.counters("reports_total", "Reports taken", "reason"),
            blocks: declare.counter("blocks_total", "Blocks taken"),
            closes: declare.counters("closes_total", "Connections ended", "code"),
            errors: declare.counters("errors_total", "Messages refused", "code"),
            examined: declare
                .counter("pool_examined_total", "Waiting tickets that the pool examined"),
            sessions_away: declare
                .gauge("sessions_away", "Sessions without a connection, within their grace"),
            kept_bytes: declare.gauge(
                "kept_bytes",
                "Bytes of messages that wait to be sent or may have to be sent again",
            ),
            replayed: declare
                .counter("replayed_messages_total", "Messages sent again after a resume"),
            drained: declare
                .counter("drained_sessions_total", "Sessions handed to the next process"),
            draining_since: declare.gauge(
                "draining_since_seconds",
                "When the process was told to stop, in seconds since 1970; 0 before",
            ),
            resumes: declare.counters("resumes_total", "Attempts to resume a session", "outcome"),
            cluster: ClusterMetrics::new(&declare, &Letter::KINDS),
            moderation: ModerationMetrics::new(&declare),
            store: StoreMetrics::new(&declare),
            turn: TurnMetrics::new(&declare),
            traces: Traces::default(),
            registry,
        };
        metrics.show_zeroes();
        metrics
    }

    /// Has pairs traced as well.
    #[must_use]
    pub fn with_traces(self, traces: Traces) -> Self {
        Self { traces, ..self }
    }

    /// Shows how many connections are taken.
    pub fn takes(&self, connections: u64) {
        self.connections_limit.set(i64::try_from(connections).unwrap_or(i64::MAX));
    }

    /// Shows since when the process stops.
    pub fn drains(&self, since: UnixMillis) {
        self.draining_since.set(i64::try_from(since.0 / 1000).unwrap_or(i64::MAX));
    }

    /// The number of people connected.
    #[must_use]
    pub fn online(&self) -> u64 {
        u64::try_from(self.connections.get()).unwrap_or(0)
    }

    /// The number of people in the queue.
    #[must_use]
    pub fn waiting(&self) -> i64 {
        Mode::ALL.map(|mode| self.waiting_by_mode[mode].get()).into_iter().sum()
    }

    /// Counts a connection until what this returns is dropped.
    #[must_use]
    pub fn connected(&self) -> Counted {
        Counted::new(&self.connections)
    }

    /// Counts a session as away until what this returns is dropped.
    #[must_use]
    pub fn away(&self) -> Counted {
        Counted::new(&self.sessions_away)
    }

    /// Counts a resume: of a session that was away, or taken over from another
    /// connection; and whether something of it was missed.
    pub fn resumed(&self, was_away: bool, missed: bool) {
        let outcome = match (missed, was_away) {
            (true, _) => RESUMES[1],
            (false, true) => RESUMES[0],
            (false, false) => RESUMES[2],
        };
        self.resumes.with_label_values(&[outcome]).inc();
    }

    /// Counts a token of no session.
    pub fn not_resumed(&self) {
        self.resumes.with_label_values(&[RESUMES[3]]).inc();
    }

    /// Counts a person who was told of a partner of this node or another after
    /// having waited so long.
    pub fn paired(&self, mode: Mode, by: MatchedBy, scope: Scope, waited: Duration) {
        let labels = [mode.name(), by.name(), scope.name()];
        self.pairing_latency.with_label_values(&labels).observe(waited.as_secs_f64());
    }

    /// Counts so many forwarded signals of each [payload](Payload::NAMES).
    pub fn forwarded(&self, counts: &[u64; Payload::NAMES.len()]) {
        for (signals, count) in self.signals.iter().zip(counts).filter(|(_, count)| **count > 0) {
            signals.own().inc_by(*count);
        }
    }

    /// Counts one ended connection; `code` is `None` where there was no close.
    pub fn closed(&self, code: Option<u16>) {
        let known = CloseCode::ALL.iter().map(|known| known.number()).find(|n| Some(*n) == code);
        match (known, code) {
            (Some(known), _) => self.closes.with_label_values(&[&known.to_string()]).inc(),
            (None, Some(_)) => self.closes.with_label_values(&[OTHER]).inc(),
            (None, None) => self.closes.with_label_values(&[NONE]).inc(),
        }
    }

    /// Counts a room until the last copy of what this returns is dropped.
    #[must_use]
    pub fn open_room(&self) -> Arc<Counted> {
        Arc::new(Counted::new(&self.rooms))
    }

    /// All of them in Prometheus' text format (version 0.0.4).
    ///
    /// # Errors
    /// Where the format can't hold them.
    pub fn render(&self) -> prometheus::Result<String> {
        self.cluster.reckon(Mode::ALL.map(|mode| self.pairs[mode].get()).iter().sum());
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }

    /// A series that is there from the start can be alerted on.
    fn show_zeroes(&self) {
        for outcome in RESUMES {
            self.resumes.with_label_values(&[outcome]);
        }
        for code in ErrorCode::ALL.map(ErrorCode::name) {
            self.errors.with_label_values(&[code]);
        }
        for code in CloseCode::ALL.map(|code| code.number().to_string()) {
            self.closes.with_label_values(&[&code]);
        }
        for code in [OTHER, NONE] {
            self.closes.with_label_values(&[code]);
        }
        for (mode, by) in Mode::ALL.iter().flat_map(|mode| MatchedBy::ALL.map(|by| (mode, by))) {
            for scope in [Scope::Node, Scope::Cluster] {
                let labels = [mode.name(), by.name(), scope.name()];
                self.pairing_latency.with_label_values(&labels);
            }
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// An instrument for each mode, labelled with its name.
#[derive(Debug)]
pub struct ByMode<T>([T; Mode::ALL.len()]);

impl<T> ByMode<T> {
    fn new(of: impl Fn(&str) -> T) -> Self {
        Self(Mode::ALL.map(|mode| of(mode.name())))
    }
}

impl<T> Index<Mode> for ByMode<T> {
    type Output = T;

    fn index(&self, mode: Mode) -> &T {
        &self.0[mode as usize]
    }
}

/// One of what a gauge counts, for as long as this is there.
#[derive(Debug)]
pub struct Counted(IntGauge);

impl Counted {
    pub(super) fn new(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_codes_are_bounded_labels() {
        let metrics = Metrics::new();
        for code in [None, Some(1000), Some(1008), Some(4999), Some(3000)] {
            metrics.closed(code);
        }
        let text = metrics.render().unwrap();
        for line in ["{code=\"none\"} 1", "{code=\"1000\"} 1", "{code=\"other\"} 2"] {
            assert!(text.contains(line), "{text}");
        }
    }

    #[test]
    fn what_may_be_alerted_on_is_there_before_it_happens() {
        let text = Metrics::new().render().unwrap();
        for code in ["1000", "1001", "1013", "4001", "none", "other"] {
            assert!(text.contains(&format!("closes_total{{code=\"{code}\"}} 0\n")), "{code}");
        }
        let counts = text.lines().filter(|line| line.contains("pairing_latency_seconds_count{"));
        assert_eq!(counts.filter(|line| line.ends_with(" 0")).count(), 2 * 3 * 2);
        assert!(text.contains("\npasserby_draining_since_seconds 0\n"));
    }

    #[test]
    fn each_metric_has_help_and_our_prefix() {
        let text = Metrics::new().render().unwrap();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            assert!(line.starts_with("passerby_"), "{line}");
        }
        assert!(text.contains("# HELP passerby_waiting People who wait for a partner"));
    }
}
