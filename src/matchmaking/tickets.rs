//! The waiting tickets, by a short key and by session.

use std::hint::black_box;

use slab::Slab;

use super::age_set::Waiter;
use super::fingerprint::Fingerprint;
use super::members::{Member, Members, Named};
use super::policy::Traits;
use super::table::Table;
use super::ticket::Ticket;
use crate::clock::Moment;
use crate::ids::SessionId;
use crate::protocol::Mode;

/// A ticket with what the pool notes about it.
pub(super) struct Entry<T> {
    pub(super) ticket: Ticket<T>,
    pub(super) traits: Traits,
    /// As in the preferences, which are farther away.
    pub(super) mode: Mode,
    /// When to look for a partner again although nobody came.
    pub(super) alarm: Option<Moment>,
}

/// All tickets that wait. A key is good until its ticket is taken out.
pub(super) struct Tickets<T> {
    entries: Slab<Entry<T>>,
    by_session: Table<SessionId, u32>,
}

impl<T> Tickets<T> {
    pub(super) fn new() -> Self {
        Self { entries: Slab::new(), by_session: Table::default() }
    }

    pub(super) fn insert(&mut self, entry: Entry<T>) -> u32 {
        let session = entry.ticket.session;
        let slot = self.entries.insert(entry);
        let key = u32::try_from(slot).expect("fewer tickets wait than memory could hold");
        self.by_session.insert(session, key);
        key
    }

    pub(super) fn remove(&mut self, key: u32) -> Entry<T> {
        let entry = self.entries.remove(key as usize);
        self.by_session.remove(&entry.ticket.session);
        entry
    }

    pub(super) fn key_of(&self, session: SessionId) -> Option<u32> {
        self.by_session.get(&session).copied()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Ticket<T>> {
        self.entries.iter().map(|(_, entry)| &entry.ticket)
    }

    pub(super) fn contains(&self, key: u32) -> bool {
        self.entries.contains(key as usize)
    }

    pub(super) fn get(&self, key: u32) -> &Entry<T> {
        &self.entries[key as usize]
    }

    pub(super) fn get_mut(&mut self, key: u32) -> &mut Entry<T> {
        &mut self.entries[key as usize]
    }

    /// Has the memory bring what is known of these tickets, each kind of it for all of
    /// them at once, where one after the other would wait for its own.
    pub(super) fn touch(&self, keys: &[u32]) {
        let entries = keys.iter().map(|key| self.get(*key));
        let interests = entries.clone().filter_map(|entry| entry.traits.interests.first());
        black_box(interests.fold(0, |all, one| all ^ one));
        let sessions = entries.map(|entry| self.key_of(entry.ticket.session));
        black_box(sessions.filter(Option::is_some).count());
    }
}

impl<T> Members for Tickets<T> {
    fn member(&self, key: u32) -> Member<'_> {
        let Entry { ticket, traits, .. } = self.get(key);
        Member {
            waiter: Waiter { since: ticket.since, key },
            languages: &traits.languages,
            relaxed: traits.relaxed,
        }
    }

    fn interest(&self, Named { key, nth }: Named) -> Fingerprint {
        self.get(key).traits.interests[nth]
    }
}
