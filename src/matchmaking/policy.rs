//! The rules of pairing, as pure functions (rules 4 and 5 of the protocol).
//!
//! They see names as fingerprints and age as a flag, and know nothing of indexes. Modes need no rule here:
//! each has a queue of its own.

use std::time::Duration;

use super::fingerprint::Fingerprint;
use super::ticket::MatchedBy;
use crate::clock::Moment;

/// What of a ticket decides whom it suits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Traits {
    /// The interests' fingerprints, in the order of the preferences.
    pub(super) interests: Box<[Fingerprint]>,
    /// The languages' fingerprints.
    pub(super) languages: Box<[Fingerprint]>,
    /// It has waited so long that unshared interests and languages no longer
    /// keep it from others who have.
    pub(super) relaxed: bool,
}

impl Traits {
    /// Whether it takes a partner who shares no interest.
    pub(super) fn open(&self) -> bool {
        self.interests.is_empty() || self.relaxed
    }

    /// Whether relaxing would change whom it suits.
    pub(super) fn may_relax(&self) -> bool {
        let named_any = !self.interests.is_empty() || !self.languages.is_empty();
        named_any && !self.relaxed
    }
}

/// How many interests the two share.
pub(super) fn shared(a: &Traits, b: &Traits) -> usize {
    a.interests.iter().filter(|interest| b.interests.contains(interest)).count()
}

/// Whether the two suit each other, given how many interests they share.
pub(super) fn suits(a: &Traits, b: &Traits, shared: usize) -> bool {
    interests_suit(a, b, shared) && languages_suit(a, b)
}

fn interests_suit(a: &Traits, b: &Traits, shared: usize) -> bool {
    shared > 0 || (a.open() && b.open())
}

fn languages_suit(a: &Traits, b: &Traits) -> bool {
    a.languages.is_empty()
        || b.languages.is_empty()
        || (a.relaxed && b.relaxed)
        || share_language(a, b)
}

fn share_language(a: &Traits, b: &Traits) -> bool {
    a.languages.iter().any(|language| b.languages.contains(language))
}

/// What brings together two who suit each other.
pub(super) fn matched_by(a: &Traits, b: &Traits) -> MatchedBy {
    if shared(a, b) > 0 {
        MatchedBy::Interest
    } else if share_language(a, b) {
        MatchedBy::Language
    } else {
        MatchedBy::Any
    }
}

/// Who is chosen among those who suit, the greatest first; equal ones are left
/// to chance. Strangers and acquaintances are ranked apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    shared: usize,
    waited_seconds: u64,
}

impl Rank {
    pub(super) fn new(shared: usize, since: Moment, now: Moment) -> Self {
        Self { shared, waited_seconds: now.since(since).as_secs() }
    }
}

/// Whether a wait since `since` is long enough at `now` to relax.
pub(super) fn has_relaxed(since: Moment, now: Moment, interest_wait: Duration) -> bool {
    since + interest_wait <= now
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traits(interests: &[Fingerprint], languages: &[Fingerprint], relaxed: bool) -> Traits {
        Traits { interests: interests.into(), languages: languages.into(), relaxed }
    }

    fn suit(a: &Traits, b: &Traits) -> bool {
        let verdict = suits(a, b, shared(a, b));
        assert_eq!(verdict, suits(b, a, shared(b, a)), "suiting is mutual");
        verdict
    }

    #[test]
    fn an_unshared_interest_waits_until_both_are_open() {
        let (chess, music) = (traits(&[1], &[], false), traits(&[2], &[], false));
        let (old_chess, old_music) = (traits(&[1], &[], true), traits(&[2], &[], true));
        let nothing = traits(&[], &[], false);
        assert!(suit(&chess, &traits(&[2, 1], &[], false)));
        assert!(!suit(&chess, &music) && !suit(&chess, &old_music) && !suit(&chess, &nothing));
        assert!(suit(&old_chess, &old_music) && suit(&old_chess, &nothing));
    }

    #[test]
    fn languages_matter_between_two_who_named_some() {
        let (english, french) = (traits(&[], &[1], false), traits(&[], &[2], false));
        let (old_english, old_french) = (traits(&[], &[1], true), traits(&[], &[2], true));
        assert!(suit(&english, &traits(&[], &[1, 2], false)));
        assert!(suit(&english, &traits(&[], &[], false)));
        assert!(!suit(&english, &french) && !suit(&english, &old_french));
        assert!(suit(&old_english, &old_french));
    }

    #[test]
    fn a_shared_interest_does_not_excuse_the_languages() {
        assert!(!suit(&traits(&[1], &[1], false), &traits(&[1], &[2], false)));
    }

    #[test]
    fn more_shared_interests_beat_a_longer_wait_which_counts_in_whole_seconds() {
        let now = Moment::from_micros(10_000_000);
        let rank = |shared, since| Rank::new(shared, Moment::from_micros(since), now);
        assert!(rank(2, 9_000_000) > rank(1, 0));
        assert!(rank(1, 0) > rank(1, 1));
        assert_eq!(rank(1, 1), rank(1, 1_000_000));
    }

    #[test]
    fn only_a_ticket_that_named_something_may_relax() {
        assert!(traits(&[1], &[], false).may_relax() && traits(&[], &[1], false).may_relax());
        assert!(!traits(&[], &[], false).may_relax() && !traits(&[1], &[1], true).may_relax());
    }

    #[test]
    fn the_most_telling_bond_is_named() {
        let (a, b) = (traits(&[1], &[1], false), traits(&[1], &[1], false));
        assert_eq!(matched_by(&a, &b), MatchedBy::Interest);
        let b = traits(&[2], &[1], true);
        assert_eq!(matched_by(&a, &b), MatchedBy::Language);
        assert_eq!(matched_by(&a, &traits(&[], &[], true)), MatchedBy::Any);
    }
}
