//! The server: what it used, and what it says itself beside what clients saw.

use super::super::metrics::Buckets;
use super::super::{Point, Report};
use super::axis::Unit;
use super::chart::Chart;
use super::charts::{Seconds, grid, over_time};
use super::markup::{facts, table, text};
use super::{summary, units, words};

/// The section; nothing where neither the process nor its metrics were read.
pub(super) fn block(report: &Report) -> String {
    let charts = summary::TWINS.iter().map(|twin| latency_twin(report, twin));
    let charts = [cpu(report), memory(report), people(report)].into_iter().chain(charts).collect();
    [costs(report), both_views(report), grid(charts)].concat()
}

fn cpu(report: &Report) -> Chart {
    let cores = Seconds::of(report, "cores", "c6 area", |point| point.server.as_ref()?.cores);
    over_time(report, "CPU", "Cores in use.", Unit::Cores, vec![cores])
}

fn memory(report: &Report) -> Chart {
    let read = |point: &Point| Some(point.server.as_ref()?.memory_bytes? as f64);
    let memory = Seconds::of(report, "private memory", "c7 area", read).highest();
    over_time(report, "Memory", "Private to the process.", Unit::Bytes, vec![memory])
}

fn people(report: &Report) -> Chart {
    let gauge = |label, class, name: &'static str| {
        Seconds::of(report, label, class, move |point| summary::gauge(point, name))
    };
    let lines = vec![
        gauge("online", "c1", "passerby_connections"),
        gauge("waiting", "c2", "passerby_waiting"),
        gauge("rooms", "c3", "passerby_rooms"),
        gauge("away", "c5", "passerby_sessions_away"),
    ];
    over_time(report, "People, as the server counts them", "From its metrics.", Unit::Count, lines)
}

/// A latency as clients measured it and as the server did.
fn latency_twin(report: &Report, (name, metric, spoken): &(&str, &str, &str)) -> Chart {
    let of = |quantile| server_quantiles(report, metric, quantile);
    let measured = of(0.5);
    let read = measured.iter().any(Option::is_some);
    let client = |label, class, p99: bool| {
        // Without the server's view this would be a chart that stands above already.
        Seconds::of(report, label, class, |point| {
            let sample = point.latencies.get(*name).filter(|_| read)?;
            Some(if p99 { sample.p99 } else { sample.p50 } as f64)
        })
        .highest()
    };
    let server = |label: &str, class, values| Seconds {
        name: label.to_owned(),
        class,
        keep: super::thin::Keep::Highest,
        values,
    };
    let lines = vec![
        client("clients p50", "p50", false),
        client("clients p99", "p99", true),
        server("server p50", "p50 dashed", measured),
        server("server p99", "p99 dashed", of(0.99)),
    ];
    let title = format!("{} latency, seen from both ends", words::spoken(name));
    let note = format!("Dotted: the server's {spoken}, as coarse as its buckets.");
    over_time(report, &title, &note, Unit::Time, lines)
}

/// A quantile of what came in between a reading and the one before, in microseconds.
fn server_quantiles(report: &Report, metric: &str, quantile: f64) -> Vec<Option<f64>> {
    let mut before: Option<Buckets> = None;
    let one = |point: &Point| {
        let now = Buckets::read(&point.server.as_ref()?.metrics, metric)?;
        let came = before.as_ref().map(|before| now.since(before));
        before = Some(now);
        came?.quantile(quantile).map(|seconds| seconds * 1e6)
    };
    report.series.iter().map(one).collect()
}

/// What the server used, in all and for each unit of work.
fn costs(report: &Report) -> String {
    let Some(used) = summary::server_use(report) else { return String::new() };
    let mut costs = Vec::new();
    if let Some(cpu) = used.cpu {
        let [mean, most] = [cpu.mean_cores, cpu.peak_cores].map(units::digits);
        costs.push(("CPU in all".to_owned(), format!("{} s", units::digits(cpu.seconds))));
        costs.push(("Cores in use".to_owned(), format!("{mean}, {most} at most")));
    }
    for (name, us) in &used.per_work {
        costs.push((format!("All CPU, for each {}", words::singular(name)), units::time(*us)));
    }
    let others = [
        ("Memory, at most", used.memory.map(|memory| units::bytes(memory as f64))),
        ("Memory, for each connection", used.memory_per_connection.map(units::bytes)),
        ("Open files, at most", used.open_files.map(units::count)),
        ("Threads, at most", used.threads.map(units::count)),
    ];
    let known = others.into_iter().filter_map(|(name, cost)| Some((name.to_owned(), cost?)));
    costs.extend(known);
    facts(&costs.iter().map(|(name, cost)| (name.clone(), text(cost))).collect::<Vec<_>>())
}

/// Latencies of the whole run from both ends.
fn both_views(report: &Report) -> String {
    let rows = summary::TWINS.iter().filter_map(|(name, metric, spoken)| {
        let server = summary::server_latency(report, metric)?;
        let client = report.latencies.get(*name)?.figures;
        let row = |name: String, f: super::super::Figures| {
            let times = [f.p50, f.p90, f.p99].map(|us| units::time(us as f64));
            [name, units::count(f.count)].into_iter().chain(times).map(|cell| text(&cell)).collect()
        };
        Some([
            row(format!("clients: {}", words::spoken(name)), client),
            row(format!("server: {spoken}"), server),
        ])
    });
    let rows: Vec<Vec<String>> = rows.flatten().collect();
    table("Latencies from both ends", &["", "count", "p50", "p90", "p99"], &rows)
}
