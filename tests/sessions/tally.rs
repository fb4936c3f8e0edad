//! How often each kind of thing happened: a simulation in which nothing does
//! proves nothing.

use std::collections::BTreeMap;

/// What must happen again and again in every run.
const ALWAYS: [&str; 12] = [
    "drop",
    "expiry",
    "left out",
    "missed",
    "overflow",
    "pair",
    "partial write",
    "reload",
    "restart",
    "resume",
    "takeover",
    "words of an older connection",
];

#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<&'static str, usize>);

impl Tally {
    pub(crate) fn add(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    pub(crate) fn check(&self, at_least: usize) {
        for what in ALWAYS {
            let count = self.0.get(what).copied().unwrap_or_default();
            assert!(count >= at_least, "{what} happened {count} times: {self:?}");
        }
    }
}
