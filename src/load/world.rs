//! What all people of a crew share.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;

use super::measure::Measure;
use super::pace::Zipf;
use super::plan::Plan;
use super::timeline::Timeline;
use super::words::Word;

/// How many interests there are.
const INTERESTS: usize = 1000;
/// How much more often the first is named than the others.
const INTERESTS_EXPONENT: f64 = 1.07;

/// The surroundings of people.
#[derive(Debug)]
pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) time: Timeline,
    pub(super) measure: Measure,
    pub(super) interests: Zipf,
    words: mpsc::Sender<Word>,
    exhausted: AtomicBool,
    hopeless: AtomicBool,
}

impl World {
    pub(super) fn new(plan: Plan, words: mpsc::Sender<Word>) -> Self {
        Self {
            plan,
            time: Timeline::start(),
            measure: Measure::new(),
            interests: Zipf::new(INTERESTS, INTERESTS_EXPONENT),
            words,
            exhausted: AtomicBool::new(false),
            hopeless: AtomicBool::new(false),
        }
    }

    /// Tells the lead. Where it is slow, people wait for it.
    pub(super) async fn tell(&self, word: Word) {
        // A lead that is gone has stopped the run.
        let _ = self.words.send(word).await;
    }

    /// This machine lacks something: told once.
    pub(super) async fn exhausted(&self, what: &str) {
        if !self.exhausted.swap(true, Ordering::Relaxed) {
            self.tell(Word::Exhausted(what.to_owned())).await;
        }
    }

    /// The service can't be tested: told once.
    pub(super) async fn hopeless(&self, why: &str) {
        if !self.hopeless.swap(true, Ordering::Relaxed) {
            self.tell(Word::Hopeless(why.to_owned())).await;
        }
    }

    /// Seconds since the begin.
    pub(super) fn at(&self) -> f64 {
        self.time.now_us().saturating_sub(self.plan.start_us) as f64 / 1e6
    }
}
