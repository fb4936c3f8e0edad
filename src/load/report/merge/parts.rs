//! How the parts of two reports become one; each way is the same in any order.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Load;

/// Between words of which each report had its own.
const BETWEEN: &str = "; ";

impl Load {
    /// What both asked for together; settings that differ are named both.
    pub(super) fn with(&self, other: Self) -> Self {
        let mut settings = self.settings.clone();
        for (name, value) in other.settings {
            let both = settings.get(&name).map(|ours| joined(ours, &value));
            settings.insert(name, both.unwrap_or(value));
        }
        Self {
            targets: together(&self.targets, &other.targets),
            connections: added(self.connections, other.connections),
            rate: at_once(self.rate, other.rate, |a, b| a + b),
            settings,
            workers: self.workers.saturating_add(other.workers),
        }
    }
}

pub(super) fn added(a: u64, b: u64) -> u64 {
    a.saturating_add(b)
}

/// Adds counts by name.
pub(super) fn add_all(counts: &mut BTreeMap<String, u64>, more: BTreeMap<String, u64>) {
    for (name, count) in more {
        let sum = counts.entry(name).or_default();
        *sum = added(*sum, count);
    }
}

/// Both by `join`, or the one that is there.
pub(super) fn at_once<T>(a: Option<T>, b: Option<T>, join: impl Fn(T, T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(join(a, b)),
        (a, b) => a.or(b),
    }
}

/// The texts of both, each once, sorted.
pub(super) fn together(ours: &[String], theirs: &[String]) -> Vec<String> {
    let texts: BTreeSet<_> = ours.iter().chain(theirs).collect();
    texts.into_iter().cloned().collect()
}

/// The words of both, each once, sorted.
pub(super) fn joined(ours: &str, theirs: &str) -> String {
    let words: BTreeSet<&str> = ours.split(BETWEEN).chain(theirs.split(BETWEEN)).collect();
    words.into_iter().collect::<Vec<_>>().join(BETWEEN)
}
