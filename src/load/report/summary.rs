//! Figures that follow from a report: rates, what the server used, and what a
//! unit of work cost.

use super::metrics::{self, Buckets};
use super::{Figures, Point, Report, ServerSample, words};

/// Work of which it is good to know what one costs.
const WORK: [&str; 4] = ["connects", "matches", "signals_received", "calls"];
/// The server's histograms, each with the latency of the clients that it is part of.
pub(super) const TWINS: [(&str, &str, &str); 2] = [
    ("match", "passerby_pairing_latency_seconds", "pairing"),
    ("relay", "passerby_forward_latency_seconds", "forwarding"),
];

/// What the server used over the run, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ServerUse {
    /// CPU seconds, and the cores in use on average and at most.
    pub(super) cpu: Option<Cpu>,
    /// The most private memory, in bytes.
    pub(super) memory: Option<u64>,
    /// The memory at its peak, less that at the begin, for each connection more.
    pub(super) memory_per_connection: Option<f64>,
    /// The most open files.
    pub(super) open_files: Option<u64>,
    /// The most threads.
    pub(super) threads: Option<u64>,
    /// The whole CPU divided by each kind of work: its name, and microseconds.
    pub(super) per_work: Vec<(&'static str, f64)>,
}

/// CPU of the server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cpu {
    pub(super) seconds: f64,
    pub(super) mean_cores: f64,
    pub(super) peak_cores: f64,
}

/// What the server used; `None` where nothing of it was read.
pub(super) fn server_use(report: &Report) -> Option<ServerUse> {
    let most = |of: fn(&ServerSample) -> Option<u64>| samples(report).filter_map(of).max();
    let cpu = cpu(report);
    let used = ServerUse {
        cpu,
        memory: most(|sample| sample.memory_bytes),
        memory_per_connection: memory_per_connection(report),
        open_files: most(|sample| sample.open_files),
        threads: most(|sample| sample.threads),
        per_work: cpu.map_or_else(Vec::new, |cpu| per_work(report, cpu)),
    };
    (used != ServerUse::default()).then_some(used)
}

/// A sum of counts that may come from a file, and so be anything.
pub(super) fn total(counts: impl IntoIterator<Item = u64>) -> u64 {
    counts.into_iter().fold(0, u64::saturating_add)
}

/// How many a second, over the whole run.
pub(super) fn rate(report: &Report, count: u64) -> f64 {
    if report.seconds > 0.0 { count as f64 / report.seconds } else { 0.0 }
}

/// The most connections that were open at once.
pub(super) fn peak_connections(report: &Report) -> u64 {
    report.series.iter().map(|point| point.connections).max().unwrap_or(0)
}

/// The server's view of a latency over the whole run, in microseconds. Its
/// buckets are coarse, and what they hold from before the run is left out.
pub(super) fn server_latency(report: &Report, metric: &str) -> Option<Figures> {
    let mut read = samples(report).filter_map(|sample| Buckets::read(&sample.metrics, metric));
    let first = read.next()?;
    let during = read.last()?.since(&first);
    let us = |quantile| during.quantile(quantile).map(|seconds| (seconds * 1e6).round() as u64);
    Some(Figures {
        count: during.count() as u64,
        p50: us(0.5)?,
        p90: us(0.9)?,
        p99: us(0.99)?,
        p999: us(0.999)?,
        ..Figures::default()
    })
}

/// A gauge of the server at one point, summed over its labels.
pub(super) fn gauge(point: &Point, name: &str) -> Option<f64> {
    metrics::sum(&point.server.as_ref()?.metrics, name)
}

/// Counts and their rates, in the order in which things happen.
pub(super) fn counts(report: &Report) -> Vec<(&str, u64, f64)> {
    let counts = words::in_order(&report.counts).into_iter();
    counts.map(|(name, count)| (name, *count, rate(report, *count))).collect()
}

fn samples(report: &Report) -> impl Iterator<Item = &ServerSample> {
    report.series.iter().filter_map(|point| point.server.as_ref())
}

fn cpu(report: &Report) -> Option<Cpu> {
    let cores: Vec<f64> = samples(report).filter_map(|sample| sample.cores).collect();
    let peak_cores = cores.iter().copied().reduce(f64::max)?;
    // There is a point a second.
    let seconds: f64 = cores.iter().sum();
    Some(Cpu { seconds, mean_cores: seconds / cores.len() as f64, peak_cores })
}

/// Only work of seconds in which the CPU was read.
fn per_work(report: &Report, cpu: Cpu) -> Vec<(&'static str, f64)> {
    let read = |point: &&Point| point.server.as_ref().is_some_and(|server| server.cores.is_some());
    let done = |name: &str| {
        let counts = report.series.iter().filter(read).filter_map(|point| point.counts.get(name));
        total(counts.copied())
    };
    let work = WORK.into_iter().map(|name| (name, done(name)));
    work.filter(|(_, done)| *done > 0)
        .map(|(name, done)| (name, cpu.seconds * 1e6 / done as f64))
        .collect()
}

/// A second's reading is from its begin, so that of the first one is from before
/// the people. `None` where too few came.
fn memory_per_connection(report: &Report) -> Option<f64> {
    let read = |point: &Point| Some((point.server.as_ref()?.memory_bytes?, point.connections));
    let from_begin = report.series.first().is_some_and(|point| point.at < 1.0);
    let mut readings = report.series.iter().filter_map(read);
    let (memory_before, connections) = readings.next()?;
    let connections_before = if from_begin { 0 } else { connections };
    let (memory, connections) = readings.max()?;
    let more = connections.checked_sub(connections_before).filter(|more| *more >= 100)?;
    Some(memory.checked_sub(memory_before)? as f64 / more as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report of seconds with so many connections, matches, cores and bytes.
    fn report(seconds: &[(u64, u64, Option<f64>, u64)]) -> Report {
        let point = |(connections, matches, cores, bytes): &(u64, u64, Option<f64>, u64)| {
            let memory_bytes = Some(*bytes);
            Point {
                connections: *connections,
                counts: [("matches".to_owned(), *matches)].into(),
                server: Some(ServerSample { cores: *cores, memory_bytes, ..Default::default() }),
                ..Point::default()
            }
        };
        let empty = serde_json::json!({
            "version": "0.1.0", "scenario": "pair", "seed": 1, "startedMs": 0, "seconds": 4.0,
            "load": { "targets": [], "connections": 9, "settings": {}, "workers": 1 },
            "counts": { "matches": 10 }, "errors": {}, "latencies": {}, "series": [],
            "violations": [], "violationCount": 0, "goals": [], "warnings": [],
            "tester": { "cpuSeconds": 0.0, "peakShare": 0.0, "memoryBytes": 0, "lateMs": 0.0 },
        });
        let series = seconds.iter().map(point).collect();
        Report { series, ..serde_json::from_value(empty).unwrap() }
    }

    #[test]
    fn what_a_match_cost_is_of_the_seconds_that_were_read() {
        let report = report(&[(0, 500, None, 0), (10, 20, Some(0.5), 0), (10, 30, Some(1.5), 0)]);
        let used = server_use(&report).unwrap();
        let cpu = Cpu { seconds: 2.0, mean_cores: 1.0, peak_cores: 1.5 };
        assert_eq!((used.cpu, used.per_work), (Some(cpu), vec![("matches", 40_000.0)]));
        assert_eq!(peak_connections(&report), 10);
        assert_eq!(counts(&report), [("matches", 10, 2.5)]);
    }

    #[test]
    fn a_connections_memory_is_of_those_that_came() {
        let each = |seconds: &[_]| server_use(&report(seconds)).unwrap().memory_per_connection;
        assert_eq!(each(&[(50, 0, None, 5_000), (250, 0, None, 25_000)]), Some(80.0));
        assert_eq!(each(&[(50, 0, None, 5_000), (60, 0, None, 25_000)]), None, "too few");
        let mut late = report(&[(250, 0, None, 5_000), (300, 0, None, 25_000)]);
        late.series[0].at = 7.0;
        assert_eq!(server_use(&late).unwrap().memory_per_connection, None, "there before");
    }

    #[test]
    fn of_a_server_that_was_not_read_nothing_is_said() {
        let mut report = report(&[(1, 1, None, 0)]);
        report.series[0].server = None;
        assert_eq!(server_use(&report), None);
    }
}
