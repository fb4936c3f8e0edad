//! What crews tell the lead: within a process through a channel, from a worker
//! process as a line of JSON each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::oracle::{Closed, Entered};
use super::report::{Latency, Violation};

/// One thing to tell.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Word {
    /// A second went by.
    Tick(Box<Tick>),
    /// For the ledger of rooms.
    Entered(Entered),
    /// For the ledger of rooms.
    Closed(Closed),
    /// The service broke a promise.
    Violation(Violation),
    /// This machine has not enough of something, which is named.
    Exhausted(String),
    /// Something that a reader should know.
    Warning(String),
    /// The service can't be tested, and why.
    Hopeless(String),
    /// All people have gone; nothing follows.
    Done,
}

/// What a crew counted and measured in a second.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Tick {
    /// Which second of the run.
    pub(super) second: u64,
    pub(super) connections: u64,
    pub(super) counts: BTreeMap<String, u64>,
    pub(super) errors: BTreeMap<String, u64>,
    pub(super) latencies: BTreeMap<String, Latency>,
    /// CPU seconds of the process in this second.
    pub(super) cpu_seconds: f64,
    pub(super) memory_bytes: u64,
    /// How late the second's own timer was.
    pub(super) late_ms: f64,
}
