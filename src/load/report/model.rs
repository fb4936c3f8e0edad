//! A report as `--json` writes it and `passerby load merge` reads it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One run, or several that were merged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The program's version.
    pub version: String,
    /// The scenario's name.
    pub scenario: String,
    /// With it the run can be made again.
    pub seed: u64,
    /// When it began, in milliseconds since 1970.
    pub started_ms: u64,
    /// How long it was measured, in seconds.
    pub seconds: f64,
    /// Whether it was cut short, by a signal or because the targets were gone.
    pub cut_short: Option<String>,
    /// What was asked for.
    pub load: Load,
    /// What was counted in all, by name: `connects`, `joins`, `matches`, `nexts`,
    /// `resumes`, `signals_sent`, `signals_received`, `calls` ...
    pub counts: BTreeMap<String, u64>,
    /// Errors, by kind in plain words: `refused`, `timed out`, `closed 1013` ...
    pub errors: BTreeMap<String, u64>,
    /// Latencies by name: `connect`, `match`, `next`, `relay`, `call`, `resume` ...
    /// Open-loop ones count from when the action was due.
    pub latencies: BTreeMap<String, Latency>,
    /// One point a second.
    pub series: Vec<Point>,
    /// What the oracle saw go wrong; at most a hundred, with how many there were.
    pub violations: Vec<Violation>,
    /// How many violations there were.
    pub violation_count: u64,
    /// The goals that were given by flag.
    pub goals: Vec<Goal>,
    /// The load tester itself.
    pub tester: Tester,
    /// The real WebRTC peers, if there were any.
    pub webrtc: Option<WebRtc>,
    /// Findings that a reader should not miss, in plain words: the tester was the
    /// bottleneck, the descriptor limit could not be raised, memory grew ...
    pub warnings: Vec<String>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Load {
    /// Where the load went.
    pub targets: Vec<String>,
    /// People at once.
    pub connections: u64,
    /// Actions a second, for scenarios with a rate.
    pub rate: Option<f64>,
    /// Further settings, as name and value.
    pub settings: BTreeMap<String, String>,
    /// Worker processes that took part.
    pub workers: u32,
}

/// Times by percentile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Latency {
    /// In microseconds.
    pub figures: Figures,
    /// The whole histogram in microseconds: HdrHistogram V2, base64; what makes
    /// reports mergeable.
    pub histogram: String,
}

/// The usual figures of a histogram, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// How many were measured.
    pub count: u64,
    /// The mean.
    pub mean: f64,
    /// The median.
    pub p50: u64,
    /// The 90th percentile.
    pub p90: u64,
    /// The 99th percentile.
    pub p99: u64,
    /// The 99.9th percentile.
    pub p999: u64,
    /// The longest.
    pub max: u64,
}

/// One second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// Seconds since the begin.
    pub at: f64,
    /// Open connections.
    pub connections: u64,
    /// Counts of this second, by the names of [`Report::counts`], and `errors`.
    pub counts: BTreeMap<String, u64>,
    /// Latencies of this second, by the names of [`Report::latencies`].
    pub latencies: BTreeMap<String, Sample>,
    /// The tester's CPU: cores in use, all workers together.
    pub tester_cores: f64,
    /// The server, where `--pid` or its metrics can be read.
    pub server: Option<ServerSample>,
}

/// A second's latencies, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// The median.
    pub p50: u64,
    /// The 99th percentile.
    pub p99: u64,
    /// The longest.
    pub max: u64,
}

/// The server at one point.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerSample {
    /// Cores in use, from `--pid`.
    pub cores: Option<f64>,
    /// Private memory in bytes, from `--pid`.
    pub memory_bytes: Option<u64>,
    /// Open files, from `--pid`.
    pub open_files: Option<u64>,
    /// Threads, from `--pid`.
    pub threads: Option<u64>,
    /// Its own metrics, from `--metrics`: series as `/metrics` has them.
    pub metrics: BTreeMap<String, f64>,
}

/// Something that must never happen, and did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// What the protocol promises, in short: `two to a room`, `nothing lost` ...
    pub rule: String,
    /// What happened, in plain words.
    pub words: String,
    /// The messages that show it, oldest first, each with who sent or got it.
    pub messages: Vec<String>,
    /// Seconds since the begin.
    pub at: f64,
}

/// A goal given by flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Goal {
    /// The flag, and what it applies to: `--max-p99-ms match`.
    pub name: String,
    /// The most that is allowed.
    pub limit: f64,
    /// What was measured.
    pub measured: f64,
    /// Whether it was met.
    pub met: bool,
}

/// The load tester itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tester {
    /// CPU seconds used.
    pub cpu_seconds: f64,
    /// Of the cores of its machine, how much it used at its busiest second, 0 to 1.
    pub peak_share: f64,
    /// The most private memory, in bytes.
    pub memory_bytes: u64,
    /// The longest that one of its own timers was late, in milliseconds.
    pub late_ms: f64,
}

/// Real WebRTC peers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebRtc {
    /// Pairs that tried.
    pub pairs: u64,
    /// Pairs whose data channel echoed both ways.
    pub connected: u64,
    /// Why others did not, by words.
    pub failed: BTreeMap<String, u64>,
    /// Whether they were forced through the relay.
    pub relayed: bool,
}
