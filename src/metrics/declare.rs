//! How a metric is made: its name gets the service's prefix and it is
//! registered at once.

use prometheus::core::Collector;
use prometheus::{
    Gauge, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry,
};

use super::sharded::Sharded;
use super::tally::Tally;

/// Makes a metric and registers it.
pub(super) struct Declare<'a>(pub(super) &'a Registry);

impl Declare<'_> {
    pub(super) fn counter(&self, name: &str, help: &str) -> IntCounter {
        self.register(IntCounter::with_opts(opts(name, help)))
    }

    pub(super) fn counters(&self, name: &str, help: &str, label: &str) -> IntCounterVec {
        self.register(IntCounterVec::new(opts(name, help), &[label]))
    }

    /// One for each of a label's values, in their order.
    pub(super) fn sharded_counters(
        &self,
        name: &str,
        help: &str,
        label: &str,
        values: &[&str],
    ) -> Vec<Sharded<IntCounter>> {
        let counter = |value: &&str| {
            let opts = opts(name, help).const_label(label, *value);
            self.sharded(|| IntCounter::with_opts(opts.clone()))
        };
        values.iter().map(counter).collect()
    }

    pub(super) fn sharded_tally(&self, name: &str, help: &str, buckets: &[f64]) -> Sharded<Tally> {
        let opts = HistogramOpts::from(opts(name, help)).buckets(buckets.to_vec());
        self.sharded(|| Tally::with_opts(opts.clone()))
    }

    pub(super) fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.register(IntGauge::with_opts(opts(name, help)))
    }

    pub(super) fn ratio(&self, name: &str, help: &str) -> Gauge {
        self.register(Gauge::with_opts(opts(name, help)))
    }

    pub(super) fn gauges(&self, name: &str, help: &str, label: &str) -> IntGaugeVec {
        self.register(IntGaugeVec::new(opts(name, help), &[label]))
    }

    pub(super) fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Histogram {
        let opts = HistogramOpts::from(opts(name, help)).buckets(buckets.to_vec());
        self.register(Histogram::with_opts(opts))
    }

    pub(super) fn histograms(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
        buckets: &[f64],
    ) -> HistogramVec {
        let opts = HistogramOpts::from(opts(name, help)).buckets(buckets.to_vec());
        self.register(HistogramVec::new(opts, labels))
    }

    fn sharded<C: Collector + 'static>(
        &self,
        make: impl Fn() -> prometheus::Result<C>,
    ) -> Sharded<C> {
        let sharded = Sharded::new(|| make().expect("the names are written in this module"));
        self.register(Ok(sharded))
    }

    fn register<C: Collector + Clone + 'static>(&self, metric: prometheus::Result<C>) -> C {
        let metric = metric.expect("the names are written in this module");
        self.0.register(Box::new(metric.clone())).expect("each name is used once in this module");
        metric
    }
}

fn opts(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace("passerby")
}
