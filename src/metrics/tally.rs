//! A histogram for those who observe much at once.

use parking_lot::{Mutex, MutexGuard};
use prometheus::core::{Collector, Desc};
use prometheus::local::LocalHistogram;
use prometheus::proto::MetricFamily;
use prometheus::{Histogram, HistogramOpts};

/// Whoever holds it observes without an atomic step for each time.
#[derive(Debug)]
pub struct Tally {
    whole: Histogram,
    /// What was observed since it was last read.
    latest: Mutex<LocalHistogram>,
}

impl Tally {
    /// An empty one.
    ///
    /// # Errors
    /// Those of [`Histogram::with_opts`].
    pub(super) fn with_opts(opts: HistogramOpts) -> prometheus::Result<Self> {
        let whole = Histogram::with_opts(opts)?;
        Ok(Self { latest: whole.local().into(), whole })
    }

    /// Holds it.
    pub fn hold(&self) -> MutexGuard<'_, LocalHistogram> {
        self.latest.lock()
    }
}

impl Collector for Tally {
    fn desc(&self) -> Vec<&Desc> {
        self.whole.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.latest.lock().flush();
        self.whole.collect()
    }
}
