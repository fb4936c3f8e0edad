//! Charts over time.

use std::collections::BTreeSet;

use super::super::{Point, Report, Sample};
use super::axis::{Scale, Unit, moments};
use super::chart::{COLOURS, Chart, Line};
use super::thin::{Keep, thin};
use super::{units, words};

/// The most points of a line; more would not be seen.
const POINTS: usize = 360;

/// A line before it is thinned: a value of each second.
pub(super) struct Seconds {
    pub(super) name: String,
    pub(super) class: &'static str,
    pub(super) keep: Keep,
    pub(super) values: Vec<Option<f64>>,
}

impl Seconds {
    /// A line by what it reads from each point.
    pub(super) fn of(
        report: &Report,
        name: &str,
        class: &'static str,
        read: impl Fn(&Point) -> Option<f64>,
    ) -> Self {
        let values = report.series.iter().map(read).collect();
        Self { name: name.to_owned(), class, keep: Keep::Mean, values }
    }

    /// As many values as are shown.
    fn line(self) -> Line {
        let values = thin(&self.values, POINTS, self.keep);
        Line { values, name: self.name, class: self.class }
    }

    /// The same, where the highest of several must not get lost.
    pub(super) fn highest(self) -> Self {
        Self { keep: Keep::Highest, ..self }
    }
}

/// Figures beside each other, as many as fit.
pub(super) fn grid(charts: Vec<Chart>) -> String {
    let charts: String = charts.iter().map(Chart::markup).collect();
    if charts.is_empty() { charts } else { format!("<div class=\"charts\">{charts}</div>") }
}

/// Percentiles of each latency.
pub(super) fn latencies(report: &Report) -> Vec<Chart> {
    let one = |(name, _)| {
        let line = |label, class, of: fn(&Sample) -> u64| {
            let read =
                move |point: &Point| point.latencies.get(name).map(|sample| of(sample) as f64);
            Seconds::of(report, label, class, read).highest()
        };
        let lines = vec![
            line("p50", "p50 area", |sample| sample.p50),
            line("p99", "p99", |sample| sample.p99),
            line("max", "max", |sample| sample.max),
        ];
        over_time(report, &format!("{} latency", words::spoken(name)), "", Unit::Time, lines)
    };
    words::in_order(&report.latencies).into_iter().map(one).collect()
}

/// What happened a second, and how many were connected.
pub(super) fn traffic(report: &Report) -> Vec<Chart> {
    let (signals, people): (Vec<String>, Vec<String>) =
        counted(report).into_iter().partition(|name| name.starts_with("signals"));
    let open = |point: &Point| Some(point.connections as f64);
    let connections = Seconds::of(report, "connections", "c1 area", open);
    let failed = |point: &Point| (report.error_count() > 0).then(|| count(point, "errors"));
    let errors = Seconds::of(report, "errors", "bad area", failed).highest();
    vec![
        over_time(report, "What people did", "A second.", Unit::PerSecond, rates(report, &people)),
        over_time(report, "Signals", "A second.", Unit::PerSecond, rates(report, &signals)),
        over_time(report, "Open connections", "", Unit::Count, vec![connections]),
        over_time(report, "Errors", "A second.", Unit::PerSecond, vec![errors]),
    ]
}

/// The tester's own CPU.
pub(super) fn tester(report: &Report) -> Vec<Chart> {
    let cores = Seconds::of(report, "cores", "c8 area", |point| Some(point.tester_cores));
    let note = "Cores in use, all workers together.";
    vec![over_time(report, "The tester's CPU", note, Unit::Cores, vec![cores])]
}

/// A chart of lines with a value a second.
pub(super) fn over_time(
    report: &Report,
    title: &str,
    note: &str,
    unit: Unit,
    lines: Vec<Seconds>,
) -> Chart {
    let at = moments_shown(report);
    let all = at.iter().copied().chain([report.seconds]).filter(|at| at.is_finite());
    let seconds = all.fold(1.0, f64::max);
    let lines: Vec<Line> = lines.into_iter().map(Seconds::line).collect();
    Chart {
        title: title.to_owned(),
        note: note.to_owned(),
        unit,
        scale: scale(&lines, unit),
        places: at.iter().map(|at| (at / seconds).clamp(0.0, 1.0)).collect(),
        place_words: at.iter().map(|at| units::length(at.max(0.0))).collect(),
        ticks: moments(seconds).into_iter().map(|(at, words)| (at / seconds, words)).collect(),
        lines,
        tall: false,
    }
}

/// When the points were, as many as are shown.
fn moments_shown(report: &Report) -> Vec<f64> {
    let at: Vec<_> = report.series.iter().map(|point| Some(point.at)).collect();
    thin(&at, POINTS, Keep::Mean).into_iter().map(|at| at.unwrap_or(0.0)).collect()
}

/// Times may differ by powers of ten; other values are read from zero up.
fn scale(lines: &[Line], unit: Unit) -> Scale {
    let values = || lines.iter().flat_map(|line| line.values.iter().flatten().copied());
    let most = values().fold(0.0, f64::max);
    let least = values().filter(|value| *value > 0.0).fold(most, f64::min);
    if unit == Unit::Time { Scale::suited(least, most, unit) } else { Scale::linear(most, unit) }
}

/// The names of what was counted, in the order in which things happen.
fn counted(report: &Report) -> Vec<String> {
    let names = report.series.iter().flat_map(|point| point.counts.keys());
    let names: BTreeSet<&String> = names.filter(|name| *name != "errors").collect();
    let in_order = words::in_order(names.into_iter().map(|name| (name, ())));
    in_order.into_iter().map(|(name, ())| name.to_owned()).collect()
}

fn rates(report: &Report, names: &[String]) -> Vec<Seconds> {
    let line = |(name, class): (&String, &&'static str)| {
        Seconds::of(report, &words::spoken(name), class, |point| Some(count(point, name)))
    };
    names.iter().zip(COLOURS.iter().cycle()).map(line).collect()
}

fn count(point: &Point, name: &str) -> f64 {
    point.counts.get(name).copied().unwrap_or(0) as f64
}
