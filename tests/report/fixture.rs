//! A report as a run of `mix` would leave it: 5,000 people for two minutes, who
//! all reconnect after one of them. Made up, and always the same.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use hdrhistogram::Histogram;
use passerby::load::report::{
    Goal, Latency, Load, Point, Report, Sample, ServerSample, Tester, Violation, WebRtc, histogram,
};

use crate::random::Random;

const PEOPLE: f64 = 5000.0;
const SECONDS: u32 = 120;
/// What is measured: its name, the median and the spread (of the logarithm), and
/// how many a second there are for each thousand people.
const LATENCIES: [(&str, f64, f64, f64); 6] = [
    ("connect", 900.0, 0.35, 2.0),
    ("match", 1_400.0, 0.75, 22.0),
    ("next", 1_100.0, 0.6, 18.0),
    ("relay", 420.0, 0.5, 420.0),
    ("call", 8_200.0, 0.4, 11.0),
    ("resume", 2_300.0, 0.5, 1.5),
];
/// Upper bounds of the server's buckets, in seconds.
const BOUNDS: [f64; 12] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0];

/// The whole report; all goals met and no violation.
pub(crate) fn mix() -> Report {
    static MADE: LazyLock<Report> = LazyLock::new(make);
    MADE.clone()
}

fn make() -> Report {
    let mut run = Run::new();
    let series: Vec<_> = (1..=SECONDS).map(|second| run.second(f64::from(second))).collect();
    let mut report = Report {
        version: "0.1.0".into(),
        scenario: "mix".into(),
        seed: 7,
        started_ms: 1_780_315_200_000,
        seconds: 120.0,
        cut_short: None,
        load: load(),
        counts: totals(&series),
        errors: [("timed out", 14), ("closed 1013", 9), ("refused", 3)].map(owned).into(),
        latencies: run.all.iter().map(|(name, h)| ((*name).to_owned(), Latency::of(h))).collect(),
        series,
        violations: Vec::new(),
        violation_count: 0,
        goals: Vec::new(),
        tester: Tester {
            cpu_seconds: 131.4,
            peak_share: 0.62,
            memory_bytes: 214 << 20,
            late_ms: 7.25,
        },
        webrtc: None,
        warnings: Vec::new(),
    };
    report.counts.remove("errors");
    for (name, limit) in [("--max-p99-ms match", 100.0), ("--max-error-rate", 0.001)] {
        let measured = report.measured(name).expect("a goal of figures that are there");
        report.goals.push(Goal::at_most(name.into(), limit, measured));
    }
    report
}

/// The same with all that can go wrong, told by somebody who means harm.
pub(crate) fn hostile() -> Report {
    let mut report = mix();
    let script = "</script><script>alert(1)</script>";
    report.violations = vec![
        Violation {
            rule: "two to a room".into(),
            words: "Person 12 was matched into room 4f…a1, where 88 and 90 are.".into(),
            messages: vec![
                "88 got {\"type\":\"matched\",\"room\":\"4f\",\"offerer\":true}".into(),
                format!("12 got {script} & \"quotes\" 'too'\u{1b}[2J\u{202e}"),
                format!("12 sent {}", "v=0 o=- ".repeat(400)),
            ],
            at: 61.25,
        },
        Violation { rule: script.into(), words: script.into(), messages: vec![], at: 62.0 },
    ];
    report.violation_count = 412;
    report.goals.push(Goal::at_most("--max-p99-ms relay".into(), 1.0, 2.75));
    report.goals.push(Goal::at_most(script.into(), 1.0, f64::NAN));
    report.cut_short = Some(format!("the targets were gone {script}"));
    report.warnings = vec![
        "The tester was the bottleneck: it used 97 % of its cores, so latencies are its own."
            .into(),
        format!("{script}\u{1b}]0;title\u{7}"),
    ];
    report.errors.insert(script.into(), 5);
    report.load.targets.push(format!("ws://evil.example/{script}"));
    report.load.settings.insert(script.into(), script.into());
    report.counts.insert(script.into(), 1);
    report.latencies.insert(script.into(), report.latencies["call"].clone());
    report.scenario = format!("mix {script}");
    report.version = script.into();
    let failed = [("no candidates", 3), (script, 1)].map(owned).into();
    report.webrtc = Some(WebRtc { pairs: 20, connected: 16, failed, relayed: true });
    report
}

fn load() -> Load {
    let settings =
        [("interests", "zipf 1.1 of 500"), ("dwell", "log-normal 35 s"), ("skip", "0.2")];
    Load {
        targets: vec!["ws://127.0.0.1:8080/ws".into(), "ws://127.0.0.1:8081/ws".into()],
        connections: PEOPLE as u64,
        rate: None,
        settings: settings.map(|(name, value)| (name.into(), value.into())).into(),
        workers: 2,
    }
}

struct Run {
    random: Random,
    all: BTreeMap<&'static str, Histogram<u64>>,
    /// The server's buckets of its waits and its forwarding so far.
    buckets: [[f64; BOUNDS.len() + 1]; 2],
}

impl Run {
    fn new() -> Self {
        let all = LATENCIES.map(|(name, ..)| (name, histogram())).into();
        Self { random: Random(7), all, buckets: Default::default() }
    }

    fn second(&mut self, at: f64) -> Point {
        let share = (at / 12.0).min(1.0);
        // A reconnect of everybody.
        let storm = (-((at - 61.0) / 2.0).powi(2)).exp();
        let people = PEOPLE * share * (1.0 - 0.7 * (-((at - 60.0) / 0.9).powi(2)).exp());
        let crowd = if at < 13.0 { 208.0 } else { 0.0 };
        let mut point = Point { at, connections: people.round() as u64, ..Point::default() };
        for (name, median, spread, each) in LATENCIES {
            let more = match name {
                "connect" => crowd + 900.0 * storm,
                "resume" => 900.0 * storm,
                _ => 0.0,
            };
            let count = self.random.about(each * people / 1000.0 + more);
            let sample = self.measure(name, median * (1.0 + 14.0 * storm), spread, count);
            point.latencies.extend(sample.map(|sample| (name.to_owned(), sample)));
            point.counts.insert(plural(name).into(), count);
        }
        let signals = point.counts["signals_received"];
        point.counts.insert("signals_sent".into(), signals + (9.0 * storm) as u64);
        point.counts.insert("joins".into(), self.random.about(crowd + 20.0));
        point.counts.insert("errors".into(), (13.0 * storm) as u64);
        let cores = 0.2 + 0.95 * share + 0.4 * storm + 0.03 * self.random.normal();
        point.tester_cores = short(cores);
        point.server = Some(self.server(at, people, share, storm));
        point
    }

    fn measure(&mut self, name: &str, median: f64, spread: f64, count: u64) -> Option<Sample> {
        let mut of_second = histogram();
        for _ in 0..count {
            let slow = if self.random.even() < 0.002 { 8.0 } else { 1.0 };
            let us = median * (spread * self.random.normal()).exp() * slow;
            of_second.saturating_record(us as u64);
            self.observe(name, us / 1e6);
        }
        let all = self.all.get_mut(name).expect("one for each name");
        all.add(&of_second).expect("the same bounds");
        let quantile = |quantile| of_second.value_at_quantile(quantile);
        let max = of_second.max();
        (count > 0).then(|| Sample { p50: quantile(0.5), p99: quantile(0.99), max })
    }

    /// The server sees a part of what clients see.
    fn observe(&mut self, name: &str, seconds: f64) {
        let (which, part) = match name {
            "match" => (0, 0.7),
            "relay" => (1, 0.35),
            _ => return,
        };
        let from = BOUNDS.iter().position(|bound| seconds * part <= *bound);
        for bucket in &mut self.buckets[which][from.unwrap_or(BOUNDS.len())..] {
            *bucket += 1.0;
        }
    }

    fn server(&mut self, at: f64, people: f64, share: f64, storm: f64) -> ServerSample {
        let noise = self.random.normal();
        let waiting = self.random.about(14.0 + 400.0 * storm) as f64;
        let mut metrics: BTreeMap<String, f64> = BTreeMap::new();
        metrics.insert("passerby_connections".into(), people.round());
        metrics.insert("passerby_waiting{mode=\"text\"}".into(), (waiting / 4.0).round());
        metrics.insert("passerby_waiting{mode=\"video\"}".into(), waiting);
        metrics.insert("passerby_rooms".into(), ((people - waiting) * 0.46).max(0.0).round());
        metrics.insert("passerby_sessions_away".into(), (PEOPLE * share - people).round());
        let names = ["passerby_pairing_latency_seconds", "passerby_forward_latency_seconds"];
        for (name, buckets) in names.iter().zip(&self.buckets) {
            let bounds = BOUNDS.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
            metrics.extend(bounds.zip(buckets).map(|(bound, count)| {
                (format!("{name}_bucket{{by=\"any\",mode=\"video\",le=\"{bound}\"}}"), *count)
            }));
        }
        ServerSample {
            cores: Some(short((0.05 + 0.62 * share + 0.75 * storm + 0.02 * noise).max(0.0))),
            memory_bytes: Some((14.0e6 + people * 21_000.0 + at * 40_000.0) as u64),
            open_files: Some(people as u64 + 21),
            threads: Some(5),
            metrics,
        }
    }
}

/// To a thousandth: what is short comes back from JSON as it was.
fn short(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// What a latency's actions are counted as.
fn plural(name: &str) -> &'static str {
    match name {
        "connect" => "connects",
        "match" => "matches",
        "next" => "nexts",
        "relay" => "signals_received",
        "call" => "calls",
        _ => "resumes",
    }
}

fn totals(series: &[Point]) -> BTreeMap<String, u64> {
    let mut totals = BTreeMap::new();
    for (name, count) in series.iter().flat_map(|point| &point.counts) {
        *totals.entry(name.clone()).or_default() += count;
    }
    totals
}

fn owned((name, count): (&str, u64)) -> (String, u64) {
    (name.to_owned(), count)
}

/// A report of a run in which nothing happened.
pub(crate) fn bare() -> Report {
    let mut report = mix();
    report.series.clear();
    report.latencies.clear();
    report.counts.clear();
    report.errors.clear();
    report.goals.clear();
    report.load.targets.clear();
    report.seconds = 0.0;
    report
}
