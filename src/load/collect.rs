//! What all crews tell, brought together.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use super::calls::Call;
use super::oracle::{Fault, Ledger};
use super::report::{Point, Sample, ServerSample, Tester, Violation, WebRtc, histogram};
use super::timeline::micros;
use super::words::{Tick, Word};
use crate::ids::RoomId;

/// The most violations that are kept; further ones are counted.
const MAX_VIOLATIONS: usize = 100;
/// The most points that are kept: two days. Later ones are only counted in the sums.
const MAX_POINTS: usize = 172_800;
/// Crews tick at almost the same time; a second is whole when it is this old.
const WHOLE_AFTER: u64 = 2;
/// Samples of the service that wait for their second to be whole.
const SAMPLES: usize = 60;
/// Seconds of which the memory of all processes is added up.
const MEMORY_SECONDS: usize = 10;

/// A second of which not all crews have told.
#[derive(Default)]
struct Second {
    point: Point,
    latencies: BTreeMap<String, Histogram<u64>>,
}

/// Sums, and one point a second.
#[derive(Default)]
pub(super) struct Collector {
    pub(super) counts: BTreeMap<String, u64>,
    pub(super) errors: BTreeMap<String, u64>,
    pub(super) latencies: BTreeMap<String, Histogram<u64>>,
    pub(super) series: Vec<Point>,
    pub(super) violations: Vec<Violation>,
    pub(super) violation_count: u64,
    pub(super) warnings: Vec<String>,
    pub(super) exhausted: Option<String>,
    pub(super) hopeless: Option<String>,
    pub(super) tester: Tester,
    pub(super) webrtc: WebRtc,
    /// Crews that have ended.
    pub(super) done: u32,
    ledger: Ledger,
    open: BTreeMap<u64, Second>,
    newest: u64,
    memory: BTreeMap<u64, u64>,
    /// The service at each of the last seconds.
    samples: BTreeMap<u64, ServerSample>,
}

impl Collector {
    /// Takes a word at this second of the run; a violation that is to be shown.
    pub(super) fn take(&mut self, word: Word, at: f64) -> Option<Violation> {
        match word {
            Word::Tick(tick) => self.tick(*tick),
            Word::Entered(entered) => {
                let room = entered.room;
                let fault = self.ledger.enter(entered).err()?;
                return Some(self.fault(fault, room, at));
            }
            Word::Closed(closed) => {
                let room = closed.room;
                let fault = self.ledger.close(closed).err()?;
                return Some(self.fault(fault, room, at));
            }
            Word::Violation(violation) => return Some(self.violation(violation)),
            Word::Exhausted(what) => self.exhausted = Some(what),
            Word::Hopeless(why) => self.hopeless = Some(why),
            Word::Warning(words) => self.warn(words),
            Word::Done => self.done += 1,
        }
        None
    }

    /// A call of a real WebRTC pair ended.
    pub(super) fn called(&mut self, call: Call) {
        self.webrtc.pairs += 1;
        match (call.connected, call.why) {
            (Some(time), _) => {
                self.webrtc.connected += 1;
                let times = self.latencies.entry("webrtc".to_owned()).or_insert_with(histogram);
                times.saturating_record(micros(time).max(1));
            }
            (None, why) => {
                let why = why.unwrap_or_else(|| "no echo came".to_owned());
                *self.webrtc.failed.entry(why).or_default() += 1;
            }
        }
        if let Some(path) = call.path {
            *self.counts.entry(format!("webrtc_{path}")).or_default() += 1;
        }
    }

    /// Notes a finding once.
    pub(super) fn warn(&mut self, words: String) {
        if !self.warnings.contains(&words) {
            self.warnings.push(words);
        }
    }

    /// The service at this second.
    pub(super) fn sampled(&mut self, second: u64, sample: ServerSample) {
        // The first of a second: that of the first one is from before the people.
        self.samples.entry(second).or_insert(sample);
        while self.samples.len() > SAMPLES {
            self.samples.pop_first();
        }
    }

    /// Makes points of the seconds that are whole now, or of all.
    pub(super) fn settle(&mut self, all: bool) {
        while let Some(second) = self.open.first_entry() {
            if !all && second.key() + WHOLE_AFTER > self.newest {
                return;
            }
            let (at, mut second) = second.remove_entry();
            second.point.server = self.samples.get(&at).cloned();
            for (name, histogram) in &second.latencies {
                second.point.latencies.insert(name.clone(), sample_of(histogram));
            }
            if self.series.len() < MAX_POINTS {
                self.series.push(second.point);
            }
        }
    }

    /// Rooms whose other side is nobody of this run.
    pub(super) fn strangers(&self) -> usize {
        self.ledger.half_known()
    }

    fn fault(&mut self, fault: Fault, room: RoomId, at: f64) -> Violation {
        let (rule, messages) = (fault.rule.words().to_owned(), self.ledger.show(room));
        self.violation(Violation { rule, words: fault.words, messages, at })
    }

    fn violation(&mut self, violation: Violation) -> Violation {
        self.violation_count += 1;
        if self.violations.len() < MAX_VIOLATIONS {
            self.violations.push(violation.clone());
        }
        violation
    }

    fn tick(&mut self, tick: Tick) {
        self.newest = self.newest.max(tick.second);
        let second = self.open.entry(tick.second).or_default();
        second.point.at = tick.second as f64;
        second.point.connections += tick.connections;
        second.point.tester_cores += tick.cpu_seconds;
        add(&mut second.point.counts, &tick.counts);
        add(&mut self.counts, &tick.counts);
        add(&mut self.errors, &tick.errors);
        let errors = tick.errors.values().sum::<u64>();
        if errors > 0 {
            *second.point.counts.entry("errors".to_owned()).or_default() += errors;
        }
        for (name, latency) in &tick.latencies {
            let Ok(taken) = latency.read() else { continue };
            for into in [&mut second.latencies, &mut self.latencies] {
                let sum = into.entry(name.clone()).or_insert_with(histogram);
                sum.add(&taken).expect("all have the same bounds");
            }
        }
        self.used(&tick);
    }

    fn used(&mut self, tick: &Tick) {
        self.tester.cpu_seconds += tick.cpu_seconds;
        self.tester.late_ms = self.tester.late_ms.max(tick.late_ms);
        // Of all processes together, in the second in which it was most.
        let memory = self.memory.entry(tick.second).or_default();
        *memory += tick.memory_bytes;
        self.tester.memory_bytes = self.tester.memory_bytes.max(*memory);
        while self.memory.len() > MEMORY_SECONDS {
            self.memory.pop_first();
        }
    }
}

fn add(into: &mut BTreeMap<String, u64>, counts: &BTreeMap<String, u64>) {
    for (name, count) in counts {
        *into.entry(name.clone()).or_default() += count;
    }
}

fn sample_of(histogram: &Histogram<u64>) -> Sample {
    Sample {
        p50: histogram.value_at_quantile(0.5),
        p99: histogram.value_at_quantile(0.99),
        max: histogram.max(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::measure::{Count, Measure, Span};

    fn tick(second: u64) -> Word {
        let measure = Measure::new();
        measure.count(Count::Calls);
        measure.took(Span::Relay, 0, 2000);
        measure.error("refused");
        let taken = measure.take();
        Word::Tick(Box::new(Tick {
            second,
            connections: 3,
            counts: taken.counts,
            errors: taken.errors,
            latencies: taken.latencies,
            cpu_seconds: 0.5,
            memory_bytes: 100,
            late_ms: 1.0,
        }))
    }

    #[test]
    fn the_seconds_of_crews_are_added_up() {
        let mut collector = Collector::default();
        for second in [0, 0, 1, 1, 2] {
            collector.take(tick(second), 0.0);
        }
        collector.sampled(0, ServerSample { threads: Some(4), ..ServerSample::default() });
        collector.settle(false);
        assert_eq!(collector.series.len(), 1, "later ones are not whole");
        let point = &collector.series[0];
        assert_eq!((point.connections, point.counts["calls"], point.counts["errors"]), (6, 2, 2));
        assert!((point.tester_cores - 1.0).abs() < 1e-9);
        assert_eq!(point.server.as_ref().and_then(|server| server.threads), Some(4));
        collector.settle(true);
        assert_eq!(collector.series.len(), 3);
        assert_eq!(collector.latencies["relay"].len(), 5);
        assert_eq!((collector.counts["calls"], collector.tester.memory_bytes), (5, 200));
    }

    #[test]
    fn violations_are_kept_up_to_a_bound_and_all_counted() {
        let mut collector = Collector::default();
        for _ in 0..150 {
            let violation = Violation {
                rule: String::new(),
                words: String::new(),
                messages: Vec::new(),
                at: 0.0,
            };
            assert!(collector.take(Word::Violation(violation), 0.0).is_some());
        }
        assert_eq!((collector.violations.len(), collector.violation_count), (100, 150));
    }
}
