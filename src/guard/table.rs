//! What is known of many, by a key, in bounded memory. Pure: time comes in.
//!
//! Whoever has used nothing that is not back is forgotten: it is as good as one that
//! was never seen.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use foldhash::fast::RandomState;

use crate::clock::Moment;

/// The most that are counted. A further one is counted when another is forgotten, and
/// until then refused nothing: to lock everybody out who comes newly is what somebody
/// with so many addresses would want. How many connections a node takes in all is
/// bounded elsewhere.
pub(super) const MAX_COUNTED: usize = 100_000;

/// How many are there when it is first looked for some to forget.
pub(super) const FIRST_SWEEP: usize = 1024;

/// How often a full table is looked through at most.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// What is known of one.
pub(super) trait Forgettable: Default {
    /// Whether it is as good as a new one.
    fn is_forgettable(&self, now: Moment) -> bool;
}

#[derive(Debug)]
pub(super) struct Table<K, V> {
    known: HashMap<K, V, RandomState>,
    /// With so many it is looked for some to forget: twice as many as were left, so
    /// that it costs each newcomer the same.
    sweep_at: usize,
    /// No sooner than this, where it is full.
    sweep_after: Moment,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        let known = HashMap::default();
        Self { known, sweep_at: FIRST_SWEEP, sweep_after: Moment::default() }
    }
}

impl<K: Eq + Hash, V: Forgettable> Table<K, V> {
    /// What is known of `key`; none where it is new and the table is full.
    pub(super) fn entry(&mut self, key: K, now: Moment) -> Option<&mut V> {
        if !self.known.contains_key(&key) {
            if self.known.len() >= self.sweep_at && now >= self.sweep_after {
                self.sweep(now);
            }
            if self.known.len() >= MAX_COUNTED {
                return None;
            }
        }
        Some(self.known.entry(key).or_default())
    }

    /// What is known of `key` already.
    pub(super) fn known(&mut self, key: &K) -> Option<&mut V> {
        self.known.get_mut(key)
    }

    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    fn sweep(&mut self, now: Moment) {
        self.known.retain(|_, value| !value.is_forgettable(now));
        let left = self.known.len();
        self.known.shrink_to(left * 2);
        self.sweep_at = (left * 2).clamp(FIRST_SWEEP, MAX_COUNTED);
        self.sweep_after = if self.sweep_at == MAX_COUNTED { now + SWEEP_EVERY } else { now };
    }
}
