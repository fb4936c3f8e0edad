//! Reports come from files, and those hold anything: whatever the figures are,
//! there is a table, a page and a merged report.

use passerby::load::report::{Figures, Point, Report, Sample, ServerSample, html, merge, table};
use proptest::prelude::*;

use crate::fixture;

const COUNTS: [u64; 5] = [0, 1, 999, u64::MAX / 2, u64::MAX];
const FRACTIONS: [f64; 9] =
    [0.0, 1.0, -1.0, 1e300, 1e-300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 119.5];

fn count() -> impl Strategy<Value = u64> {
    prop::sample::select(COUNTS.as_slice())
}

fn fraction() -> impl Strategy<Value = f64> {
    prop::sample::select(FRACTIONS.as_slice())
}

fn point() -> impl Strategy<Value = Point> {
    (fraction(), fraction(), count(), count(), fraction()).prop_map(
        |(at, cores, connections, count, metric)| Point {
            at,
            connections,
            counts: [("matches".to_owned(), count), ("errors".to_owned(), count)].into(),
            latencies: [("match".to_owned(), Sample { p50: count, p99: 1, max: count })].into(),
            tester_cores: cores,
            server: Some(ServerSample {
                cores: Some(cores),
                memory_bytes: Some(count),
                open_files: Some(count),
                threads: None,
                metrics: ["waiting", "pairing_latency_seconds_bucket{le=\"0.1\"}"]
                    .map(|name| (format!("passerby_{name}"), metric))
                    .into(),
            }),
        },
    )
}

fn report() -> impl Strategy<Value = Report> {
    let points = prop::collection::vec(point(), 0..5);
    let fractions = (fraction(), fraction(), fraction());
    let counts = (count(), count(), count());
    (points, fractions, counts).prop_map(|(series, (seconds, measured, mean), (a, b, c))| {
        let mut report = fixture::hostile();
        report.series = series;
        report.seconds = seconds;
        report.started_ms = a;
        report.violation_count = b;
        report.errors = (0..20).map(|kind| (format!("kind {kind}"), c)).collect();
        report.counts = [("matches".to_owned(), c)].into();
        report.load.connections = a;
        report.load.rate = Some(measured);
        report.violations[0].at = measured;
        report.goals[0].measured = measured;
        report.goals[0].limit = mean;
        report.tester.peak_share = measured;
        report.tester.memory_bytes = b;
        report.tester.late_ms = mean;
        let figures = Figures { count: a, mean, p50: b, p90: c, p99: a, p999: b, max: c };
        report.latencies.values_mut().for_each(|latency| latency.figures = figures);
        report
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn whatever_the_figures_are_they_are_shown(report in report(), other in report()) {
        for report in [&report, &merge(vec![report.clone(), other]).unwrap()] {
            prop_assert!(table(report).lines().all(|line| line.chars().count() <= 100));
            let page = html(report);
            let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
            prop_assert!(roxmltree::Document::parse_with_options(&page, options).is_ok());
            for word in ["NaN", "inf"] {
                let found = page.find(word).map(|at| page[at.saturating_sub(60)..at + 9].to_owned());
                prop_assert_eq!(found, None);
            }
        }
    }
}
