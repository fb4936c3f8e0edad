//! A hash table that grows in small parts.
//!
//! A table of millions that doubles moves all its entries at once, which would
//! stop the pool for a tenth of a second and longer. Here each part doubles on
//! its own. A small table is one part, so that there can be millions of these.
//!
//! For keys that clients don't choose: random ids and keyed fingerprints.

use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash};

use foldhash::HashMap;
use foldhash::quality::RandomState;

/// How many parts a large table has: ten million entries grow by ten thousand.
/// A power of two.
const PARTS: usize = 1024;
/// How many entries a table of one part has at most.
const SMALL: usize = 1024;

/// A map from `K` to `V`.
#[derive(Debug)]
pub(super) struct Table<K, V> {
    /// One, or [`PARTS`].
    parts: Box<[HashMap<K, V>]>,
    /// Of the better sort: parts are chosen by a few bits of the hash.
    chooser: RandomState,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { parts: empty_parts(1), chooser: RandomState::default() }
    }
}

impl<K: Hash + Eq, V> Table<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.parts[self.part(key)].get(key)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let part = self.part(key);
        self.parts[part].get_mut(key)
    }

    pub(super) fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        self.split_if_full();
        let part = self.part(&key);
        self.parts[part].entry(key)
    }

    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.split_if_full();
        let part = self.part(&key);
        self.parts[part].insert(key, value)
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let part = self.part(key);
        self.parts[part].remove(key)
    }

    fn part(&self, key: &K) -> usize {
        let hash = self.chooser.hash_one(key);
        let last = self.parts.len() - 1;
        usize::try_from(hash & last as u64).expect("a part's number is short")
    }

    fn split_if_full(&mut self) {
        if let [only] = &self.parts[..]
            && only.len() >= SMALL
        {
            let small = std::mem::replace(&mut self.parts, empty_parts(PARTS));
            for (key, value) in small.into_iter().flatten() {
                let part = self.part(&key);
                self.parts[part].insert(key, value);
            }
        }
    }
}

fn empty_parts<K, V>(count: usize) -> Box<[HashMap<K, V>]> {
    std::iter::repeat_with(HashMap::default).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_keeps_what_it_is_given_and_spreads_it() {
        let mut table = Table::default();
        for key in 0..100_000_u32 {
            assert_eq!(table.insert(key, key), None);
            assert_eq!(table.parts.len(), if (key as usize) < SMALL { 1 } else { PARTS });
            assert_eq!(table.get(&(key / 2)), Some(&(key / 2)), "also when it is split");
        }
        assert!((0..100_000).all(|key| table.get(&key) == Some(&key)));
        let longest = table.parts.iter().map(HashMap::len).max();
        assert!(longest < Some(200), "{longest:?} of 100 on average");
        (0..100_000).for_each(|key| assert_eq!(table.remove(&key), Some(key)));
        assert!(table.parts.iter().all(HashMap::is_empty));
    }
}
