//! The key figures.

use super::super::{Point, Report};
use super::charts::Seconds;
use super::markup::Text;
use super::sparkline::sparkline;
use super::{summary, units, words};

struct Tile {
    name: &'static str,
    figure: String,
    beside: String,
    line: Option<Seconds>,
    bad: bool,
}

impl Tile {
    fn new(name: &'static str, figure: String, beside: String) -> Self {
        Self { name, figure, beside, line: None, bad: false }
    }

    fn markup(&self) -> String {
        let class = if self.bad { "tile bad" } else { "tile" };
        let line = self.line.as_ref().map(sparkline).unwrap_or_default();
        format!(
            "<li class=\"{class}\"><h3>{}</h3><p class=\"figure\">{}</p>\
             <p class=\"beside\">{}</p>{line}</li>",
            self.name,
            Text(&self.figure),
            Text(&self.beside)
        )
    }
}

/// All of them, as far as there is something to say.
pub(super) fn tiles(report: &Report) -> String {
    let all = [
        connections(report),
        rated(report, "matches", "Matches", "c3 area"),
        latency(report, "match", "Match p99"),
        rated(report, "signals_received", "Signals", "c2 area"),
        latency(report, "relay", "Relay p99"),
        rated(report, "calls", "Calls", "c5 area"),
        Some(errors(report)),
        Some(violations(report)),
        cpu(report),
        memory(report),
    ];
    let tiles: String = all.iter().flatten().map(Tile::markup).collect();
    format!(
        "<section id=\"figures\" aria-label=\"Key figures\"><ul class=\"tiles\">{tiles}</ul></section>"
    )
}

fn connections(report: &Report) -> Option<Tile> {
    let wanted = format!("at most, of {} wanted", units::count(report.load.connections));
    let line = Seconds::of(report, "", "c1 area", |point| Some(point.connections as f64));
    let peak = units::count(summary::peak_connections(report));
    Some(Tile { line: Some(line), ..Tile::new("Connections", peak, wanted) })
}

fn rated(
    report: &Report,
    name: &'static str,
    title: &'static str,
    class: &'static str,
) -> Option<Tile> {
    let count = *report.counts.get(name).filter(|count| **count > 0)?;
    let rate = format!("{} a second", units::number(summary::rate(report, count)));
    let read = |point: &Point| Some(*point.counts.get(name).unwrap_or(&0) as f64);
    let line = Some(Seconds::of(report, "", class, read));
    Some(Tile { line, ..Tile::new(title, units::count(count), rate) })
}

fn latency(report: &Report, name: &'static str, title: &'static str) -> Option<Tile> {
    let figures = report.latencies.get(name)?.figures;
    let [p50, p99] = [figures.p50, figures.p99].map(|us| units::time(us as f64));
    let read = |point: &Point| point.latencies.get(name).map(|sample| sample.p99 as f64);
    let line = Some(Seconds::of(report, "", "c4 area", read).highest());
    Some(Tile { line, ..Tile::new(title, p99, format!("half within {p50}")) })
}

fn errors(report: &Report) -> Tile {
    let part = format!("{} of what was tried", units::percent(report.error_rate()));
    let count = report.error_count();
    let read = |point: &Point| Some(*point.counts.get("errors").unwrap_or(&0) as f64);
    let line = Some(Seconds::of(report, "", "bad area", read).highest());
    Tile { line, ..Tile::new("Errors", units::count(count), part) }
}

fn violations(report: &Report) -> Tile {
    let bad = report.violation_count > 0;
    let beside = if bad { "of what the protocol promises" } else { "all promises were kept" };
    let count = units::count(report.violation_count);
    Tile { bad, ..Tile::new("Violations", count, beside.into()) }
}

fn cpu(report: &Report) -> Option<Tile> {
    let used = summary::server_use(report)?;
    let cpu = used.cpu?;
    let each = used.per_work.iter().find(|(name, _)| *name == "matches");
    let each = each.map(|(name, us)| format!(", {} a {}", units::time(*us), words::singular(name)));
    let beside = format!("{} at most{}", units::number(cpu.peak_cores), each.unwrap_or_default());
    let read = |point: &Point| point.server.as_ref()?.cores;
    let line = Some(Seconds::of(report, "", "c6 area", read));
    Some(Tile {
        line,
        ..Tile::new("Server CPU", format!("{} cores", units::number(cpu.mean_cores)), beside)
    })
}

fn memory(report: &Report) -> Option<Tile> {
    let used = summary::server_use(report)?;
    let each =
        used.memory_per_connection.map(|each| format!("{} a connection", units::bytes(each)));
    let beside = each.unwrap_or_else(|| "at most".into());
    let read = |point: &Point| Some(point.server.as_ref()?.memory_bytes? as f64);
    let line = Some(Seconds::of(report, "", "c7 area", read));
    Some(Tile { line, ..Tile::new("Server memory", units::bytes(used.memory? as f64), beside) })
}
