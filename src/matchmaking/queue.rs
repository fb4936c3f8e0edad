//! The waiting tickets of one mode, indexed so that a seeker comes upon those
//! whose preferences suit and nobody else.
//!
//! A ticket stands under each of its interests and, while it takes a partner
//! who shares none, in the open index as well.

use super::age_set::OldestFirst;
use super::language_index::LanguageIndex;
use super::names::Names;
use super::policy::Traits;
use super::tickets::Tickets;
use crate::protocol::Preferences;

/// One mode's indexes. They refer to tickets by key and own none.
pub(super) struct Queue {
    interests: Names<LanguageIndex>,
    languages: Names<()>,
    open: LanguageIndex,
    waiting: usize,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self {
            interests: Names::new(),
            languages: Names::new(),
            open: LanguageIndex::default(),
            waiting: 0,
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Interns what `preferences` name, until [`Queue::release`].
    pub(super) fn hold(&mut self, preferences: &Preferences, relaxed: bool) -> Traits {
        let interests = preferences.interests.iter().map(|name| self.interests.hold(name));
        let languages = preferences.languages.iter().map(|name| self.languages.hold(name));
        Traits { interests: interests.collect(), languages: languages.collect(), relaxed }
    }

    pub(super) fn release(&mut self, preferences: &Preferences, traits: &Traits) {
        for (name, id) in preferences.interests.iter().zip(&traits.interests) {
            self.interests.release(name, *id);
        }
        for (name, id) in preferences.languages.iter().zip(&traits.languages) {
            self.languages.release(name, *id);
        }
    }

    pub(super) fn insert<T>(&mut self, key: u32, tickets: &Tickets<T>) {
        let traits = &tickets.get(key).traits;
        for &interest in &traits.interests {
            let index = self.interests.value_mut(interest);
            index.insert(tickets.member(key), |other| tickets.member(other));
        }
        if traits.open() {
            self.open.insert(tickets.member(key), |other| tickets.member(other));
        }
        self.waiting += 1;
    }

    pub(super) fn remove<T>(&mut self, key: u32, tickets: &Tickets<T>) {
        let traits = &tickets.get(key).traits;
        for &interest in &traits.interests {
            self.interests.value_mut(interest).remove(tickets.member(key));
        }
        if traits.open() {
            self.open.remove(tickets.member(key));
        }
        self.waiting -= 1;
    }

    /// Follows a ticket that stands here and has just been marked as relaxed.
    pub(super) fn relax<T>(&mut self, key: u32, tickets: &Tickets<T>) {
        let traits = &tickets.get(key).traits;
        for &interest in &traits.interests {
            self.interests.value_mut(interest).relax(tickets.member(key));
        }
        if traits.interests.is_empty() {
            self.open.relax(tickets.member(key));
        } else {
            self.open.insert(tickets.member(key), |other| tickets.member(other));
        }
    }

    /// Those who named `interest` and whose languages suit the seeker's.
    pub(super) fn sharing(&self, interest: u32, seeker: &Traits) -> OldestFirst<'_> {
        self.interests.value(interest).suiting(&seeker.languages, seeker.relaxed)
    }

    /// Those who take anyone and whose languages suit the seeker's.
    pub(super) fn open(&self, seeker: &Traits) -> OldestFirst<'_> {
        self.open.suiting(&seeker.languages, seeker.relaxed)
    }
}
