//! How often what happened: a run in which little happens proves little.

use std::collections::BTreeMap;

use passerby::exchange::letter::Letter;
use passerby::matchmaking::proposal::Verdict;

#[derive(Debug, Default)]
pub struct Tally {
    pub runs: u64,
    pub steps: u64,
    pub delivered: u64,
    pub letters: u64,
    pub lost: u64,
    pub repeated: u64,
    pub reordered: u64,
    pub pairs: u64,
    pub pairs_across: u64,
    /// Rooms that were cut in half: one side was told, the other never sat.
    pub halves: u64,
    pub signals: u64,
    pub stale_signals: u64,
    pub dropped: u64,
    pub resumed: u64,
    pub moved: u64,
    pub moved_at_once: u64,
    pub recovered: u64,
    pub stopped: u64,
    pub cut: u64,
    pub reported: u64,
    pub frozen: u64,
    pub gave_way: u64,
    /// What was refused, by whom and why.
    pub refused: BTreeMap<String, u64>,
}

impl Tally {
    pub fn note(&mut self, letter: &Letter) {
        if let Letter::Outcome { verdict: Verdict::Refused(by, why), .. } = letter {
            *self.refused.entry(format!("{by:?} {why:?}")).or_default() += 1;
        }
    }

    /// Asserts that the interesting things happened, in proportion to the runs.
    pub fn assert_eventful(&self) {
        println!("{self:#?}");
        let often = |what: u64, name: &str, at_least: u64| {
            let wanted = self.runs * at_least / 10;
            assert!(what >= wanted, "{name}: {what} of {wanted} in {} runs", self.runs);
        };
        often(self.steps + self.delivered, "steps", 10_000);
        often(self.pairs, "pairs", 50);
        often(self.pairs_across, "pairs across nodes", 20);
        often(self.signals, "signals", 100);
        often(self.lost.min(self.repeated).min(self.reordered), "bad weather", 90);
        often(self.resumed, "resumes", 50);
        often(self.moved, "moves", 10);
        often(self.stopped, "stops", 1);
        often(self.cut, "cuts", 2);
        if self.frozen > 0 {
            often(self.frozen, "nodes that stand still", 10);
            assert!(self.gave_way > 0, "copies that make way");
        }
        assert!(self.recovered > 0 && self.halves > 0 && self.moved_at_once > 0);
        assert!(self.refused.len() >= 4, "{:?}", self.refused);
    }
}
