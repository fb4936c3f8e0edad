//! Joins the seconds of reports.
//!
//! Seconds are those of the clock, to the nearest: a start is rounded to one, and
//! so is each point's distance from it. That does not depend on which report began
//! first, so merges of merges come out alike.

use std::collections::BTreeMap;

use super::super::{Point, Report, Sample, ServerSample};
use super::parts::{add_all, added, at_once};

/// The points of a report on the seconds after `started_ms`, in order.
pub(super) fn aligned(report: &Report, started_ms: u64) -> Vec<Point> {
    by_second(report, started_ms).into_values().collect()
}

/// The points of both reports on the seconds after `started_ms`, in order.
pub(super) fn merged(reports: [&Report; 2], started_ms: u64) -> Vec<Point> {
    let mut seconds: BTreeMap<u64, Point> = BTreeMap::new();
    for report in reports {
        for (second, point) in by_second(report, started_ms) {
            let sum = match seconds.remove(&second) {
                Some(other) => beside(other, point),
                None => point,
            };
            seconds.insert(second, sum);
        }
    }
    seconds.into_values().collect()
}

/// The points of a report by their second after `started_ms`.
fn by_second(report: &Report, started_ms: u64) -> BTreeMap<u64, Point> {
    let later = second(report.started_ms) - second(started_ms);
    let mut seconds: BTreeMap<u64, Point> = BTreeMap::new();
    for point in &report.series {
        let second = later.saturating_add(point.at.round() as u64);
        let moved = Point { at: second as f64, ..point.clone() };
        let point = match seconds.remove(&second) {
            Some(earlier) => after(earlier, moved),
            None => moved,
        };
        seconds.insert(second, point);
    }
    seconds
}

fn second(ms: u64) -> u64 {
    ms.saturating_add(500) / 1000
}

/// One second of two testers that run beside each other.
fn beside(a: Point, b: Point) -> Point {
    let connections = added(a.connections, b.connections);
    let tester_cores = a.tester_cores + b.tester_cores;
    Point { connections, tester_cores, ..both(a, b) }
}

/// Two points of one tester that are of the same second, as the last may be.
fn after(a: Point, b: Point) -> Point {
    let connections = a.connections.max(b.connections);
    let tester_cores = a.tester_cores.max(b.tester_cores);
    Point { connections, tester_cores, ..both(a, b) }
}

/// What is the same in both cases.
fn both(mut a: Point, b: Point) -> Point {
    add_all(&mut a.counts, b.counts);
    for (name, sample) in b.latencies {
        let worst = a.latencies.get(&name).map_or(sample, |ours| worse(*ours, sample));
        a.latencies.insert(name, worst);
    }
    a.server = at_once(a.server.take(), b.server, same_server);
    a
}

/// Percentiles can't be added, so the worse ones stand.
fn worse(a: Sample, b: Sample) -> Sample {
    Sample { p50: a.p50.max(b.p50), p99: a.p99.max(b.p99), max: a.max.max(b.max) }
}

/// Both look at one service, so what they read is not added: the higher stands.
fn same_server(mut a: ServerSample, b: ServerSample) -> ServerSample {
    for (name, value) in b.metrics {
        let higher = a.metrics.get(&name).map_or(value, |ours| ours.max(value));
        a.metrics.insert(name, higher);
    }
    ServerSample {
        cores: at_once(a.cores, b.cores, f64::max),
        memory_bytes: a.memory_bytes.max(b.memory_bytes),
        open_files: a.open_files.max(b.open_files),
        threads: a.threads.max(b.threads),
        metrics: a.metrics,
    }
}
