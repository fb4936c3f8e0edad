//! The metrics of what is kept.

use std::time::Duration;

use prometheus::{Histogram, IntCounterVec, IntGauge};

use super::declare::Declare;

/// From 100 us to 5 s: a local file up to a call that is given up.
const WRITE_BUCKETS: [f64; 12] =
    [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 5.0];

/// The instruments of what is written to the store.
#[derive(Debug)]
pub struct StoreMetrics {
    /// Whether the store can be reached.
    pub up: IntGauge,
    /// Entries that wait for it on the disk.
    pub queued: IntGauge,
    /// Their bytes.
    pub queued_bytes: IntGauge,
    dropped: IntCounterVec,
    writes: IntCounterVec,
    write_seconds: Histogram,
}

/// Why an entry was not kept, nor will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// Too many waited in memory.
    MemoryFull,
    /// Too many waited on the disk.
    QueueFull,
    /// The disk took no more when the process ended.
    Unsaved,
    /// It could not be read back from the disk.
    Unreadable,
}

/// What came of writing an entry to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is kept.
    Kept,
    /// The store will never take it.
    Refused,
    /// It is tried again.
    Away,
}

impl Dropped {
    const ALL: [Self; 4] = [Self::MemoryFull, Self::QueueFull, Self::Unsaved, Self::Unreadable];

    const fn name(self) -> &'static str {
        match self {
            Self::MemoryFull => "memory_full",
            Self::QueueFull => "queue_full",
            Self::Unsaved => "unsaved",
            Self::Unreadable => "unreadable",
        }
    }
}

impl Written {
    const ALL: [Self; 3] = [Self::Kept, Self::Refused, Self::Away];

    const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Refused => "refused",
            Self::Away => "away",
        }
    }
}

impl StoreMetrics {
    pub(super) fn new(declare: &Declare<'_>) -> Self {
        let metrics = Self {
            up: declare.gauge("store_up", "Whether the store can be reached"),
            queued: declare
                .gauge("store_queued", "Entries that wait for the store in the queue on disk"),
            queued_bytes: declare
                .gauge("store_queued_bytes", "Bytes of the entries in the queue on disk"),
            dropped: declare.counters(
                "store_dropped_total",
                "Reports, bans and the like that are lost",
                "reason",
            ),
            writes: declare.counters(
                "store_writes_total",
                "Attempts to write an entry to the store",
                "outcome",
            ),
            write_seconds: declare.histogram(
                "store_write_seconds",
                "How long the store took for an entry",
                &WRITE_BUCKETS,
            ),
        };
        metrics.show_zeroes();
        metrics
    }

    /// Counts an entry that is lost.
    pub fn dropped(&self, why: Dropped) {
        self.dropped.with_label_values(&[why.name()]).inc();
    }

    /// How many are lost because of this.
    #[must_use]
    pub fn dropped_by(&self, why: Dropped) -> u64 {
        self.dropped.with_label_values(&[why.name()]).get()
    }

    /// Counts an attempt to write an entry, which took so long.
    pub fn wrote(&self, outcome: Written, took: Duration) {
        self.writes.with_label_values(&[outcome.name()]).inc();
        self.write_seconds.observe(took.as_secs_f64());
    }

    /// How many attempts ended so.
    #[must_use]
    pub fn writes(&self, outcome: Written) -> u64 {
        self.writes.with_label_values(&[outcome.name()]).get()
    }

    /// A series that is there from the start can be alerted on.
    fn show_zeroes(&self) {
        for why in Dropped::ALL {
            self.dropped.with_label_values(&[why.name()]);
        }
        for outcome in Written::ALL {
            self.writes.with_label_values(&[outcome.name()]);
        }
    }
}
