//! Instruments of what happens for every message: each thread has its own, and
//! they are added up when somebody reads them. Threads that count on one place
//! in memory by turns wait for each other longer than the message takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Counter, Histogram, Metric, MetricFamily, MetricType};

/// More threads than this share some.
const SHARDS: usize = 16;

thread_local! {
    static SHARD: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed) % SHARDS
    };
}

/// One instrument for each thread, one for all to read.
#[derive(Debug)]
pub struct Sharded<T>(Arc<[Shard<T>]>);

/// No line of the caches holds parts of two: processors fetch lines by pairs.
#[derive(Debug)]
#[repr(align(128))]
struct Shard<T>(T);

impl<T> Sharded<T> {
    /// Of those that `make` makes, all under one name.
    pub(super) fn new(make: impl Fn() -> T) -> Self {
        Self((0..SHARDS).map(|_| Shard(make())).collect())
    }

    /// The calling thread's.
    #[must_use]
    pub fn own(&self) -> &T {
        &self.0[SHARD.with(|shard| *shard)].0
    }
}

impl<T> Clone for Sharded<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Collector> Collector for Sharded<T> {
    fn desc(&self) -> Vec<&Desc> {
        self.0.first().map(|shard| shard.0.desc()).unwrap_or_default()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let add = |mut sum: Vec<MetricFamily>, more: Vec<MetricFamily>| {
            for (sum, more) in sum.iter_mut().zip(&more) {
                let kind = sum.get_field_type();
                for (sum, more) in sum.mut_metric().iter_mut().zip(more.get_metric()) {
                    add(kind, sum, more);
                }
            }
            sum
        };
        self.0.iter().map(|shard| shard.0.collect()).reduce(add).unwrap_or_default()
    }
}

fn add(kind: MetricType, sum: &mut Metric, more: &Metric) {
    match kind {
        MetricType::COUNTER => {
            let mut counter = Counter::default();
            counter.set_value(sum.get_counter().get_value() + more.get_counter().get_value());
            sum.set_counter(counter);
        }
        MetricType::HISTOGRAM => {
            let histogram = add_histograms(sum.get_histogram(), more.get_histogram());
            sum.set_histogram(histogram);
        }
        kind => unreachable!("no {kind:?} is sharded"),
    }
}

fn add_histograms(one: &Histogram, other: &Histogram) -> Histogram {
    let mut sum = one.clone();
    sum.set_sample_count(one.get_sample_count() + other.get_sample_count());
    sum.set_sample_sum(one.get_sample_sum() + other.get_sample_sum());
    let buckets = one.get_bucket().iter().zip(other.get_bucket()).map(|(one, other)| {
        let mut bucket = one.clone();
        bucket.set_cumulative_count(one.cumulative_count() + other.cumulative_count());
        bucket
    });
    sum.set_bucket(buckets.collect());
    sum
}

#[cfg(test)]
mod tests {
    use prometheus::{HistogramOpts, IntCounter, Registry, TextEncoder};

    use super::*;
    use crate::metrics::Tally;

    #[test]
    fn what_threads_counted_is_added_up() {
        let counter = Sharded::new(|| IntCounter::new("signals_total", "signals").unwrap());
        let opts = HistogramOpts::new("latency", "latency").buckets(vec![1.0, 2.0]);
        let histogram = Sharded::new(|| Tally::with_opts(opts.clone()).unwrap());
        let registry = Registry::new();
        registry.register(Box::new(counter.clone())).unwrap();
        registry.register(Box::new(histogram.clone())).unwrap();
        std::thread::scope(|scope| {
            for seconds in [0.5, 1.5, 1.5, 9.0] {
                let (counter, histogram) = (&counter, &histogram);
                scope.spawn(move || {
                    counter.own().inc();
                    histogram.own().hold().observe(seconds);
                });
            }
        });
        let text = TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
        for line in [
            "signals_total 4",
            "latency_bucket{le=\"1\"} 1",
            "latency_bucket{le=\"2\"} 3",
            "latency_bucket{le=\"+Inf\"} 4",
            "latency_sum 12.5",
            "latency_count 4",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
    }
}
