//! Joining reports: in any order and any grouping the same comes out, nothing is
//! lost, and what does not belong together is refused.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use passerby::load::report::{
    Figures, Goal, Latency, MergeError, Point, Report, Sample, ServerSample, Violation, histogram,
    merge,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::fixture;

const NAMES: [&str; 3] = ["connect", "match", "relay"];

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(NAMES.as_slice()).prop_map(String::from)
}

fn counts() -> impl Strategy<Value = BTreeMap<String, u64>> {
    btree_map(name(), 0..1000_u64, 0..3)
}

fn point() -> impl Strategy<Value = Point> {
    let sample =
        (0..900_u64, 0..900_u64).prop_map(|(p50, p99)| Sample { p50, p99, max: p50 + p99 });
    let server = prop::option::of((0..9_u8, 0..99_u64)).prop_map(|read| {
        read.map(|(cores, memory)| ServerSample {
            cores: Some(f64::from(cores)),
            memory_bytes: Some(memory),
            ..ServerSample::default()
        })
    });
    let tester = (0..100_u64, 0..64_u8);
    (0..30_000_u32, tester, counts(), btree_map(name(), sample, 0..3), server).prop_map(
        |(at, (connections, cores), counts, latencies, server)| Point {
            at: f64::from(at) / 1000.0,
            connections,
            counts,
            latencies,
            tester_cores: f64::from(cores) / 64.0,
            server,
        },
    )
}

fn violation() -> impl Strategy<Value = Violation> {
    (0..30_000_u32, "[ab]", vec("[ab]", 0..2)).prop_map(|(at, rule, messages)| Violation {
        words: rule.clone(),
        rule,
        messages,
        at: f64::from(at) / 1000.0,
    })
}

fn goal() -> impl Strategy<Value = Goal> {
    const GOALS: [&str; 3] = ["--max-p99-ms match", "--max-error-rate", "--max-odd"];
    (prop::sample::select(GOALS.as_slice()), 0..90_u8, 0..90_u8).prop_map(
        |(name, limit, measured)| Goal::at_most(name.into(), f64::from(limit), f64::from(measured)),
    )
}

/// Fractions are such as can be added without rounding.
fn report() -> impl Strategy<Value = Report> {
    let latencies = btree_map(name(), vec(0..4_000_000_u64, 0..20), 0..3);
    let violations = (vec(violation(), 0..70), 0..5_u64);
    let times = (1_000_000..1_020_000_u64, 0..30_000_u32, 0..3_u64);
    let lists = (vec(point(), 0..12), vec(goal(), 0..2), vec("[ab]", 0..2));
    (times, counts(), counts(), latencies, violations, lists).prop_map(
        |((started_ms, ms, seed), counts, errors, latencies, (violations, more), lists)| Report {
            started_ms,
            seconds: f64::from(ms) / 1000.0,
            seed,
            counts,
            errors,
            latencies: latencies.iter().map(|(name, values)| (name.clone(), of(values))).collect(),
            violation_count: violations.len() as u64 + more,
            violations,
            series: lists.0,
            goals: lists.1,
            warnings: lists.2,
            ..empty()
        },
    )
}

fn empty() -> Report {
    let mut report = fixture_without_figures();
    report.tester.cpu_seconds = 0.5;
    report
}

/// Without making up two minutes for each of many cases.
fn fixture_without_figures() -> Report {
    Report {
        version: "0.1.0".into(),
        scenario: "mix".into(),
        seed: 1,
        started_ms: 0,
        seconds: 1.0,
        cut_short: None,
        load: passerby::load::report::Load {
            targets: vec!["ws://127.0.0.1:8080/ws".into()],
            connections: 10,
            rate: Some(0.5),
            settings: [("skip".to_owned(), "0.2".to_owned())].into(),
            workers: 1,
        },
        counts: BTreeMap::new(),
        errors: BTreeMap::new(),
        latencies: BTreeMap::new(),
        series: Vec::new(),
        violations: Vec::new(),
        violation_count: 0,
        goals: Vec::new(),
        tester: passerby::load::report::Tester::default(),
        webrtc: None,
        warnings: Vec::new(),
    }
}

fn of(values: &[u64]) -> Latency {
    let mut histogram = histogram();
    values.iter().for_each(|value| histogram.saturating_record(*value));
    Latency::of(&histogram)
}

fn sum(counts: impl IntoIterator<Item = u64>) -> u64 {
    counts.into_iter().sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_does_not_matter(a in report(), b in report(), c in report()) {
        let merged = merge(vec![a.clone(), b.clone(), c.clone()]).unwrap();
        prop_assert_eq!(&merge(vec![c, a, b]).unwrap(), &merged);
    }

    #[test]
    fn merged_reports_can_be_merged(a in report(), b in report(), c in report()) {
        let all = merge(vec![a.clone(), b.clone(), c.clone()]).unwrap();
        let left = merge(vec![merge(vec![a.clone(), b.clone()]).unwrap(), c.clone()]).unwrap();
        let right = merge(vec![a, merge(vec![b, c]).unwrap()]).unwrap();
        // A goal by figures of one group alone is the same by those of all only
        // where the figures tell it.
        prop_assert_eq!(&left, &all);
        prop_assert_eq!(&right, &all);
    }

    #[test]
    fn nothing_is_lost(reports in vec(report(), 1..5)) {
        let merged = merge(reports.clone()).unwrap();
        for name in NAMES {
            let count = |report: &Report| report.counts.get(name).copied().unwrap_or(0);
            prop_assert_eq!(count(&merged), sum(reports.iter().map(count)));
            let measured = |report: &Report| report.latencies.get(name).map_or(0, |l| l.figures.count);
            prop_assert_eq!(measured(&merged), sum(reports.iter().map(measured)));
            let in_series = |report: &Report| {
                sum(report.series.iter().filter_map(|point| point.counts.get(name)).copied())
            };
            prop_assert_eq!(in_series(&merged), sum(reports.iter().map(in_series)));
        }
        prop_assert_eq!(merged.error_count(), sum(reports.iter().map(Report::error_count)));
        prop_assert_eq!(merged.violation_count, sum(reports.iter().map(|r| r.violation_count)));
        let kept: usize = reports.iter().map(|report| report.violations.len()).sum();
        prop_assert_eq!(merged.violations.len(), kept.min(100));
        prop_assert!(merged.violations.is_sorted_by(|a, b| a.at <= b.at));
        prop_assert!(merged.series.is_sorted_by(|a, b| a.at < b.at));
    }
}

#[test]
fn percentiles_are_of_all_that_was_measured() {
    let with =
        |values: &[u64]| Report { latencies: [("match".to_owned(), of(values))].into(), ..empty() };
    let (fast, slow): (Vec<u64>, Vec<u64>) = ((1..=99).collect(), vec![90_000]);
    let merged = merge(vec![with(&fast), with(&slow)]).unwrap();
    let latency = &merged.latencies["match"];
    let all: Histogram<u64> = of(&[fast, slow].concat()).read().unwrap();
    assert_eq!(latency.figures, Figures::of(&all));
    assert_eq!((latency.figures.p50, latency.figures.p99, latency.figures.count), (50, 99, 100));
    assert_eq!(latency.read().unwrap(), all);
}

#[test]
fn goals_are_judged_by_the_merged_figures() {
    let name = "--max-p99-ms match";
    let with = |values: &[u64], measured: f64| Report {
        latencies: [("match".to_owned(), of(values))].into(),
        goals: vec![Goal::at_most(name.into(), 10.0, measured)],
        ..empty()
    };
    let merged = merge(vec![with(&[90_000], 90.0), with(&[5_000; 999], 5.0)]).unwrap();
    let goal = &merged.goals[0];
    assert!(
        goal.met && goal.measured < 5.1,
        "one in a thousand is not the 99th percentile: {goal:?}"
    );

    let unknown = |measured| Report {
        goals: vec![Goal::at_most("--max-odd".into(), 10.0, measured)],
        ..empty()
    };
    let merged = merge(vec![unknown(3.0), unknown(11.0)]).unwrap();
    assert!(!merged.goals[0].met && merged.goals[0].measured == 11.0, "{:?}", merged.goals);
}

#[test]
fn seconds_are_those_of_the_clock() {
    let at = |started_ms, connections| Report {
        started_ms,
        seconds: 2.0,
        series: vec![
            Point { at: 1.0, connections, ..Point::default() },
            Point { at: 2.0, connections, ..Point::default() },
        ],
        ..empty()
    };
    let merged = merge(vec![at(11_000, 5), at(10_000, 7)]).unwrap();
    let points: Vec<_> = merged.series.iter().map(|point| (point.at, point.connections)).collect();
    assert_eq!(points, [(1.0, 7), (2.0, 12), (3.0, 5)]);
    assert_eq!((merged.started_ms, merged.seconds), (10_000, 3.0));
}

#[test]
fn what_does_not_belong_together_is_refused() {
    assert_eq!(merge(Vec::new()).unwrap_err(), MergeError::Nothing);
    let churn = Report { scenario: "churn".into(), ..empty() };
    let error = merge(vec![empty(), churn]).unwrap_err().to_string();
    assert!(error.contains("`mix` and `churn`"), "{error}");
    let mut damaged = fixture::mix();
    damaged.latencies.get_mut("relay").unwrap().histogram.truncate(80);
    let error = merge(vec![fixture::mix(), damaged]).unwrap_err().to_string();
    assert!(error.contains("report 2") && error.contains("`relay`"), "{error}");
}

#[test]
fn what_is_told_is_told_once() {
    let with = |seed, warning: &str| Report { seed, warnings: vec![warning.into()], ..empty() };
    let merged = merge(vec![with(3, "late"), with(3, "late")]).unwrap();
    assert_eq!(merged.warnings, ["late"]);
    let merged = merge(vec![with(4, "late"), with(3, "slow")]).unwrap();
    assert_eq!((merged.seed, merged.warnings.len()), (3, 3), "and that the seeds differ");
    assert_eq!(
        (merged.load.connections, merged.load.rate, merged.load.workers),
        (20, Some(1.0), 2)
    );
    assert_eq!((merged.load.targets.len(), &*merged.load.settings["skip"]), (1, "0.2"));
}

#[test]
fn two_machines_with_the_whole_report_make_twice_of_it() {
    let (one, two) = (fixture::mix(), merge(vec![fixture::mix(), fixture::mix()]).unwrap());
    assert_eq!(two.counts["matches"], 2 * one.counts["matches"]);
    assert_eq!(two.series.len(), one.series.len());
    assert_eq!(two.series[50].connections, 2 * one.series[50].connections);
    assert_eq!(two.series[50].server, one.series[50].server, "the same server");
    assert_eq!(two.latencies["match"].figures.p99, one.latencies["match"].figures.p99);
    let by_name = |goals: &[Goal]| -> BTreeMap<_, _> {
        goals.iter().map(|goal| (goal.name.clone(), goal.clone())).collect()
    };
    assert_eq!(by_name(&two.goals), by_name(&one.goals));
}
