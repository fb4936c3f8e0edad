//! A hash table that grows in small parts.
//!
//! A table of millions that doubles moves all its entries at once, which would
//! stop the pool for a second. Here each part doubles on its own.
//!
//! For keys that clients don't choose: random ids and keyed fingerprints.

use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash};

use foldhash::HashMap;
use foldhash::quality::RandomState;

/// How many parts there are: ten million entries grow by ten thousand.
const PARTS: usize = 1024;

/// A map from `K` to `V`.
pub(super) struct Table<K, V> {
    parts: Box<[HashMap<K, V>]>,
    /// Of the better sort: parts are chosen by a few bits of the hash.
    chooser: RandomState,
}

impl<K: Hash + Eq, V> Table<K, V> {
    pub(super) fn new() -> Self {
        let parts = std::iter::repeat_with(HashMap::default).take(PARTS).collect();
        Self { parts, chooser: RandomState::default() }
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.parts[self.part(key)].get(key)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let part = self.part(key);
        self.parts[part].get_mut(key)
    }

    pub(super) fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        let part = self.part(&key);
        self.parts[part].entry(key)
    }

    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let part = self.part(&key);
        self.parts[part].insert(key, value)
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let part = self.part(key);
        self.parts[part].remove(key)
    }

    fn part(&self, key: &K) -> usize {
        let hash = self.chooser.hash_one(key);
        usize::try_from(hash % PARTS as u64).expect("a part's number is short")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_keeps_what_it_is_given_and_spreads_it() {
        let mut table = Table::new();
        (0..100_000_u32).for_each(|key| assert_eq!(table.insert(key, key), None));
        assert!((0..100_000).all(|key| table.get(&key) == Some(&key)));
        let longest = table.parts.iter().map(HashMap::len).max();
        assert!(longest < Some(200), "{longest:?} of 100 on average");
        (0..100_000).for_each(|key| assert_eq!(table.remove(&key), Some(key)));
        assert!(table.parts.iter().all(HashMap::is_empty));
    }
}
