//! Tickets that are alike but for their languages, by the languages they take.

use super::age_set::{AgeSet, OldestFirst, Waiter};
use super::fingerprint::Fingerprint;
use super::members::Member;
use super::table::Table;

/// The tickets of one interest, or all that take anyone: the sets that answer each
/// kind of seeker without looking at anyone whose languages don't suit.
#[derive(Debug, Default)]
pub(super) struct LanguageIndex {
    any: AgeSet,
    no_language: AgeSet,
    /// Of those who named languages.
    relaxed: AgeSet,
    by_language: Table<Fingerprint, AgeSet>,
}

impl LanguageIndex {
    pub(super) fn insert(&mut self, member: Member<'_>) {
        self.any.insert(member.waiter);
        if member.languages.is_empty() {
            self.no_language.insert(member.waiter);
            return;
        }
        for language in member.languages {
            self.by_language.entry(*language).or_default().insert(member.waiter);
        }
        if member.relaxed {
            self.relaxed.insert(member.waiter);
        }
    }

    /// Takes `member` out, as it was inserted or last relaxed.
    pub(super) fn remove(&mut self, member: Member<'_>) {
        self.any.remove(member.waiter);
        if member.languages.is_empty() {
            self.no_language.remove(member.waiter);
            return;
        }
        for language in member.languages {
            self.remove_language(*language, member.waiter);
        }
        if member.relaxed {
            self.relaxed.remove(member.waiter);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.any.is_empty()
    }

    /// Notes that `member`, which stands here, is now relaxed.
    pub(super) fn relax(&mut self, member: Member<'_>) {
        if !member.languages.is_empty() {
            self.relaxed.insert(member.waiter);
        }
    }

    /// Those whose languages suit a seeker's, the longest wait first.
    pub(super) fn suiting(&self, languages: &[Fingerprint], relaxed: bool) -> OldestFirst<'_> {
        let mut found = OldestFirst::default();
        if languages.is_empty() {
            found.add(&self.any);
            return found;
        }
        found.add(&self.no_language);
        languages.iter().filter_map(|language| self.by_language.get(language)).for_each(|set| {
            found.add(set);
        });
        if relaxed {
            found.add(&self.relaxed);
        }
        found
    }

    fn remove_language(&mut self, language: Fingerprint, waiter: Waiter) {
        let Some(set) = self.by_language.get_mut(&language) else { return };
        set.remove(waiter);
        if set.is_empty() {
            self.by_language.remove(&language);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;

    const MEMBERS: [(&[Fingerprint], bool); 4] =
        [(&[], false), (&[1], false), (&[2, 3], true), (&[2], false)];

    fn member(key: u32) -> Member<'static> {
        let (languages, relaxed) = MEMBERS[key as usize];
        let since = Moment::from_micros(u64::from(key));
        Member { waiter: Waiter { since, key }, languages, relaxed }
    }

    fn index(keys: impl IntoIterator<Item = u32>) -> LanguageIndex {
        let mut index = LanguageIndex::default();
        keys.into_iter().for_each(|key| index.insert(member(key)));
        index
    }

    fn keys(index: &LanguageIndex, languages: &[Fingerprint], relaxed: bool) -> Vec<u32> {
        index.suiting(languages, relaxed).map(|waiter| waiter.key).collect()
    }

    #[test]
    fn each_kind_of_seeker_finds_its_own() {
        let index = index(0..4);
        assert_eq!(keys(&index, &[], false), [0, 1, 2, 3]);
        assert_eq!(keys(&index, &[2, 3], false), [0, 2, 3]);
        assert_eq!(keys(&index, &[9], false), [0]);
        assert_eq!(keys(&index, &[9], true), [0, 2]);
    }

    #[test]
    fn a_ticket_that_relaxes_is_found_by_the_relaxed() {
        let mut index = index([0, 1, 2]);
        index.relax(member(1));
        assert_eq!(keys(&index, &[9], true), [0, 1, 2]);
        index.remove(Member { relaxed: true, ..member(1) });
        assert_eq!(keys(&index, &[], true), [0, 2]);
    }

    #[test]
    fn it_empties_again() {
        let mut index = index(0..4);
        (0..4).for_each(|key| index.remove(member(key)));
        assert!(index.is_empty());
    }
}
