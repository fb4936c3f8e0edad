//! What is counted and how long things take, in one process.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use hdrhistogram::Histogram;
use parking_lot::Mutex;

use super::report::{Latency, histogram};

/// The most kinds of errors that are told apart; further ones are "others".
const MAX_ERRORS: usize = 64;

/// The name of [`Count::TurnedAway`].
pub(super) const TURNED_AWAY: &str = "turned_away";

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    Connects,
    Welcomes,
    Resumes,
    Joins,
    Nexts,
    Matches,
    PartnersLeft,
    /// Those of them whose connection ended for good, by what they did or the service.
    PartnersLost,
    /// The same, before they had said a word: perhaps they never sat there.
    PairsCut,
    SignalsSent,
    SignalsReceived,
    Typings,
    Calls,
    Drops,
    /// Tries that the service answered by asking to come later.
    TurnedAway,
}

impl Count {
    const ALL: [(Self, &'static str); 15] = [
        (Self::Connects, "connects"),
        (Self::Welcomes, "welcomes"),
        (Self::Resumes, "resumes"),
        (Self::Joins, "joins"),
        (Self::Nexts, "nexts"),
        (Self::Matches, "matches"),
        (Self::PartnersLeft, "partners_left"),
        (Self::PartnersLost, "partners_lost"),
        (Self::PairsCut, "pairs_cut"),
        (Self::SignalsSent, "signals_sent"),
        (Self::SignalsReceived, "signals_received"),
        (Self::Typings, "typings"),
        (Self::Calls, "calls"),
        (Self::Drops, "drops"),
        (Self::TurnedAway, TURNED_AWAY),
    ];
}

/// What takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// From when a connection was due to its `welcome`.
    Connect,
    /// From when a `join` was due to `matched`.
    Match,
    /// From when a `next` was due to `matched`.
    Next,
    /// From when a signal was due at its sender to its arrival.
    Relay,
    /// From `matched` to the last of the partner's signals.
    Call,
    /// From when a resume was due to its `welcome`.
    Resume,
}

impl Span {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Connect, "connect"),
        (Self::Match, "match"),
        (Self::Next, "next"),
        (Self::Relay, "relay"),
        (Self::Call, "call"),
        (Self::Resume, "resume"),
    ];
}

/// Counters and histograms of this second, emptied by [`Measure::take`].
#[derive(Debug)]
pub(super) struct Measure {
    counts: [AtomicU64; Count::ALL.len()],
    spans: [Mutex<Histogram<u64>>; Span::ALL.len()],
    errors: Mutex<BTreeMap<String, u64>>,
    open: AtomicU64,
}

/// What was counted and measured since the last time.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) counts: BTreeMap<String, u64>,
    pub(super) errors: BTreeMap<String, u64>,
    pub(super) latencies: BTreeMap<String, Latency>,
    pub(super) connections: u64,
}

impl Measure {
    /// All at zero.
    pub(super) fn new() -> Self {
        Self {
            counts: std::array::from_fn(|_| AtomicU64::new(0)),
            spans: std::array::from_fn(|_| Mutex::new(histogram())),
            errors: Mutex::default(),
            open: AtomicU64::new(0),
        }
    }

    /// Counts one.
    pub(super) fn count(&self, what: Count) {
        self.counts[what as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Something that was due at `due_us` is done at `now_us`.
    pub(super) fn took(&self, what: Span, due_us: u64, now_us: u64) {
        let micros = now_us.saturating_sub(due_us).max(1);
        self.spans[what as usize].lock().saturating_record(micros);
    }

    /// Something went wrong.
    pub(super) fn error(&self, words: &str) {
        let mut errors = self.errors.lock();
        if let Some(count) = errors.get_mut(words) {
            *count += 1;
        } else {
            let words = if errors.len() < MAX_ERRORS { words } else { "others" };
            *errors.entry(words.to_owned()).or_default() += 1;
        }
    }

    /// A connection was welcomed.
    pub(super) fn opened(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    /// A welcomed connection is gone.
    pub(super) fn closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// Takes what came together and begins anew.
    pub(super) fn take(&self) -> Taken {
        let mut taken = Taken {
            errors: std::mem::take(&mut *self.errors.lock()),
            connections: self.open.load(Ordering::Relaxed),
            ..Taken::default()
        };
        for (what, name) in Count::ALL {
            let count = self.counts[what as usize].swap(0, Ordering::Relaxed);
            if count > 0 {
                taken.counts.insert(name.to_owned(), count);
            }
        }
        for (what, name) in Span::ALL {
            let mut span = self.spans[what as usize].lock();
            if !span.is_empty() {
                taken.latencies.insert(name.to_owned(), Latency::of(&span));
                span.reset();
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_begins_anew() {
        let measure = Measure::new();
        measure.count(Count::Calls);
        measure.took(Span::Relay, 1000, 3500);
        measure.error("refused");
        let taken = measure.take();
        assert_eq!(taken.counts["calls"], 1);
        assert_eq!(taken.errors["refused"], 1);
        let relay = taken.latencies["relay"].read().unwrap();
        assert_eq!((relay.len(), relay.equivalent(relay.max(), 2500)), (1, true));
        let taken = measure.take();
        assert!(taken.counts.is_empty() && taken.errors.is_empty() && taken.latencies.is_empty());
    }

    #[test]
    fn each_name_stands_at_its_place() {
        assert!(Count::ALL.iter().enumerate().all(|(at, (what, _))| *what as usize == at));
        assert!(Span::ALL.iter().enumerate().all(|(at, (what, _))| *what as usize == at));
        let names = Span::ALL.map(|(_, name)| name);
        assert!(crate::config::LATENCIES.starts_with(&names), "and those of real calls");
    }

    #[test]
    fn kinds_of_errors_are_bounded() {
        let measure = Measure::new();
        for kind in 0..1000 {
            measure.error(&kind.to_string());
        }
        let errors = measure.take().errors;
        assert_eq!((errors.len(), errors["others"]), (MAX_ERRORS + 1, 1000 - MAX_ERRORS as u64));
    }
}
