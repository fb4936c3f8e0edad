//! The pool: everyone who waits, and who of them is paired.
//!
//! Pure and synchronous: it takes one event and the time, and says who leaves
//! it together; chance comes from a seed. It owns the waiting tickets and the
//! memory of who met whom, and knows neither sockets nor rooms.
//!
//! What it keeps up after each operation, as long as [`Pool::advance`] is
//! called when [`Pool::next_wake`] says: no two who wait suit each other. So a
//! newcomer either finds a partner at once or adds nothing to anyone's chances
//! but those that time brings, and each ticket needs one alarm at most.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

pub use super::acquaintances::Meeting;
use super::acquaintances::{Acquaintances, Memory, Relation};
use super::alarms::Alarms;
pub use super::config::Config;
use super::fingerprint::Fingerprints;
use super::policy::{self, Traits};
use super::proposal::{Acquaintance, Refusal};
use super::queue::Queue;
use super::search::{Outcome, Search};
pub use super::ticket::{Match, MatchedBy, Names, Ticket};
use super::tickets::{Entry, Tickets};
use crate::clock::Moment;
use crate::ids::{PersonId, SessionId};
use crate::protocol::Mode;

/// How many tickets that are due are prepared for at once: what is known of so many
/// stays in the caches.
const TOUCHED: usize = 64;

/// Everyone who waits. `T` is the caller's own and comes back with the ticket.
pub struct Pool<T> {
    config: Config,
    rng: Xoshiro256PlusPlus,
    fingerprints: Fingerprints,
    tickets: Tickets<T>,
    queues: [Queue; Mode::ALL.len()],
    acquaintances: Acquaintances,
    alarms: Alarms,
    examined: u64,
}

impl<T> Pool<T> {
    /// An empty pool, whose chance follows from `seed`.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        let memory = Memory {
            apart: config.rematch_wait,
            acquainted: config.memory,
            counted: config.remembered,
        };
        Self {
            config,
            rng: Xoshiro256PlusPlus::seed_from_u64(seed),
            fingerprints: Fingerprints::default(),
            tickets: Tickets::new(),
            queues: [Queue::new(), Queue::new()],
            acquaintances: Acquaintances::new(memory),
            alarms: Alarms::default(),
            examined: 0,
        }
    }

    /// Pairs `ticket` with the best of those who wait and suit, or lets it wait.
    /// An earlier ticket of its session is dropped.
    pub fn join(&mut self, now: Moment, ticket: Ticket<T>) -> Option<Match<T>> {
        drop(self.leave(ticket.session));
        let relaxed = policy::has_relaxed(ticket.since, now, self.config.interest_wait);
        let mode = ticket.preferences.mode;
        let traits = Traits {
            interests: self.fingerprints.of_all(&ticket.preferences.interests),
            languages: self.fingerprints.of_all(&ticket.preferences.languages),
            relaxed,
        };
        let entry = Entry { ticket, traits, mode, alarm: None };
        match self.search(now, mode).run(&entry) {
            Outcome::Stranger(partner) | Outcome::Acquaintance(partner) => {
                Some(self.pair(entry, partner))
            }
            Outcome::Nobody { retry } => {
                self.park(entry, retry);
                None
            }
        }
    }

    /// A session's ticket, if it has one.
    #[must_use]
    pub fn ticket(&self, session: SessionId) -> Option<&Ticket<T>> {
        self.tickets.key_of(session).map(|key| &self.tickets.get(key).ticket)
    }

    /// The same, so that what is the caller's own can be changed.
    pub fn ticket_mut(&mut self, session: SessionId) -> Option<&mut Ticket<T>> {
        let key = self.tickets.key_of(session)?;
        Some(&mut self.tickets.get_mut(key).ticket)
    }

    /// All tickets that wait.
    pub fn all(&self) -> impl Iterator<Item = &Ticket<T>> {
        self.tickets.all()
    }

    /// Takes a session's ticket out, if it has one.
    pub fn leave(&mut self, session: SessionId) -> Option<Ticket<T>> {
        let key = self.tickets.key_of(session)?;
        Some(self.take(key).ticket)
    }

    /// Notes that a room of the two ended at `now`: they are kept apart for a
    /// while, also where both wait already. Times must not run backwards.
    pub fn parted(&mut self, now: Moment, [a, b]: Names) {
        self.acquaintances.met(now, a, b);
    }

    /// Notes that one reported the other: the two are never paired again.
    pub fn reported(&mut self, [a, b]: Names) {
        self.acquaintances.separate(a, b);
    }

    /// Drops all memory of a person that is gone for good: none of its tickets
    /// waits, and none will come.
    pub fn forget(&mut self, person: PersonId) {
        self.acquaintances.forget(person);
    }

    /// Notes that a person is one of this node's from now on: what concerns it is
    /// kept until it goes or is forgotten.
    pub fn comes(&mut self, person: PersonId) {
        self.acquaintances.comes(person);
    }

    /// A person goes to another node: what concerns it and one of this node's
    /// people stays, all else goes with it.
    pub fn goes(&mut self, person: PersonId) {
        self.acquaintances.goes(person);
    }

    /// Pairs all whom time alone has brought together up to `now`.
    pub fn advance(&mut self, now: Moment) -> Vec<Match<T>> {
        let due = self.alarms.take_due(now);
        // All of them relax before any of them looks, since each may be the
        // partner of any other.
        for some in due.chunks(TOUCHED) {
            self.touch(some);
            for &key in some {
                self.tickets.get_mut(key).alarm = None;
                self.relax_if_due(now, key);
            }
        }
        let mut matches = Vec::new();
        let acquainted = self.pair_strangers(now, due, &mut matches);
        self.pair_acquaintances(now, acquainted, &mut matches);
        matches
    }

    /// When [`Pool::advance`] has something to do next.
    #[must_use]
    pub fn next_wake(&self) -> Option<Moment> {
        self.alarms.next()
    }

    /// How many tickets wait in `mode`.
    #[must_use]
    pub fn waiting(&self, mode: Mode) -> usize {
        self.queues[place(mode)].waiting()
    }

    /// How many tickets have been examined so far in search of a partner.
    #[must_use]
    pub fn examined(&self) -> u64 {
        self.examined
    }

    /// How many pairs of people are remembered as having met. At most
    /// [`Config::remembered`] a person known, and those whose room ended within
    /// [`Config::rematch_wait`], and a few that await their clean-up.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.acquaintances.meetings()
    }

    /// What keeps the two apart at `now`, if anything does.
    #[must_use]
    pub fn apart(&self, now: Moment, [a, b]: Names) -> Option<Refusal> {
        self.acquaintances.past(a).and_then(|past| match past.with(b, now) {
            Relation::Strangers | Relation::Acquainted => None,
            Relation::ApartUntil(_) => Some(Refusal::Apart),
            Relation::ApartForGood => Some(Refusal::ApartForGood),
        })
    }

    /// Whom a person met or is kept apart from, for another pool.
    #[must_use]
    pub fn acquaintances(&self, now: Moment, person: PersonId) -> Vec<Acquaintance> {
        self.acquaintances.past(person).map(|past| past.all(now)).unwrap_or_default()
    }

    /// Takes on what another pool knows of a person.
    pub fn acquaint(&mut self, now: Moment, person: PersonId, others: &[Acquaintance]) {
        self.acquaintances.acquaint(now, person, others);
    }

    /// Who met whom and who is kept apart, for another process.
    #[must_use]
    pub fn memory(&self, now: Moment) -> Vec<Meeting> {
        self.acquaintances.record(now)
    }

    /// Takes on the memory of an earlier process, before anything else.
    pub fn remember(&mut self, now: Moment, memory: Vec<Meeting>) {
        self.acquaintances.restore(now, memory);
    }

    /// Pairs each of `due` with a stranger where one suits; returns those that
    /// found only acquaintances. These wait until everyone has had the chance
    /// of a stranger, their acquaintances too.
    fn pair_strangers(
        &mut self,
        now: Moment,
        due: Vec<u32>,
        matches: &mut Vec<Match<T>>,
    ) -> Vec<u32> {
        let mut acquainted = Vec::new();
        for key in due {
            match self.search_again(now, key) {
                Some(Outcome::Stranger(partner)) => matches.push(self.pair_waiting(key, partner)),
                Some(Outcome::Acquaintance(_)) => acquainted.push(key),
                Some(Outcome::Nobody { retry }) => self.set_alarm(key, retry),
                None => {}
            }
        }
        acquainted
    }

    fn pair_acquaintances(&mut self, now: Moment, keys: Vec<u32>, matches: &mut Vec<Match<T>>) {
        for key in keys {
            match self.search_again(now, key) {
                Some(Outcome::Stranger(partner) | Outcome::Acquaintance(partner)) => {
                    matches.push(self.pair_waiting(key, partner));
                }
                Some(Outcome::Nobody { retry }) => self.set_alarm(key, retry),
                None => {}
            }
        }
    }

    /// Looks for a partner for a ticket that waited a moment ago; `None` where
    /// it has been paired since.
    fn search_again(&mut self, now: Moment, key: u32) -> Option<Outcome> {
        if !self.tickets.contains(key) {
            return None;
        }
        let mode = self.tickets.get(key).mode;
        let search = self.search(now, mode);
        let seeker = search.tickets.get(key);
        Some(search.run(seeker))
    }

    fn search(&mut self, now: Moment, mode: Mode) -> Search<'_, T> {
        Search {
            now,
            queue: &self.queues[place(mode)],
            tickets: &self.tickets,
            acquaintances: &self.acquaintances,
            allow_self: self.config.allow_self,
            rng: &mut self.rng,
            examined: &mut self.examined,
        }
    }

    fn park(&mut self, entry: Entry<T>, retry: Option<Moment>) {
        let mode = entry.mode;
        let key = self.tickets.insert(entry);
        self.queues[place(mode)].insert(key, &self.tickets);
        self.set_alarm(key, retry);
    }

    /// Sets when a waiting ticket, which has no alarm, looks for a partner next.
    fn set_alarm(&mut self, key: u32, retry: Option<Moment>) {
        let entry = self.tickets.get_mut(key);
        let relaxes =
            entry.traits.may_relax().then(|| entry.ticket.since + self.config.interest_wait);
        entry.alarm = relaxes.into_iter().chain(retry).min();
        if let Some(at) = entry.alarm {
            self.alarms.set(at, key);
        }
    }

    /// Prepares for looks at all that is known of these tickets.
    fn touch(&self, keys: &[u32]) {
        self.tickets.touch(keys);
        for entry in keys.iter().map(|key| self.tickets.get(*key)) {
            self.queues[place(entry.mode)].touch(&entry.traits);
        }
    }

    fn relax_if_due(&mut self, now: Moment, key: u32) {
        let entry = self.tickets.get_mut(key);
        let due = policy::has_relaxed(entry.ticket.since, now, self.config.interest_wait);
        if due && entry.traits.may_relax() {
            entry.traits.relaxed = true;
            let mode = entry.mode;
            self.queues[place(mode)].relax(key, &self.tickets);
        }
    }

    fn pair_waiting(&mut self, key: u32, partner: u32) -> Match<T> {
        let entry = self.take(key);
        self.pair(entry, partner)
    }

    /// Pairs `entry`, which doesn't wait (any more), with a waiting ticket.
    fn pair(&mut self, entry: Entry<T>, partner: u32) -> Match<T> {
        let partner = self.take(partner);
        let by = policy::matched_by(&entry.traits, &partner.traits);
        // By their fingerprints: the partner's names have long left the caches.
        let theirs = &partner.traits.interests;
        let names = entry.ticket.preferences.interests.iter();
        let ours = names.zip(&entry.traits.interests);
        let both = ours.filter(|(_, print)| theirs.contains(print));
        let mut shared = Vec::with_capacity(theirs.len().min(entry.traits.interests.len()));
        shared.extend(both.map(|(name, _)| name.clone()));
        let (offerer, answerer) = if self.rng.random() {
            (entry.ticket, partner.ticket)
        } else {
            (partner.ticket, entry.ticket)
        };
        Match { offerer, answerer, shared, by }
    }

    fn take(&mut self, key: u32) -> Entry<T> {
        self.touch(&[key]);
        let Entry { mode, alarm, .. } = *self.tickets.get(key);
        // First, as its waits for memory begin while those for what was touched go on.
        if let Some(at) = alarm {
            self.alarms.clear(at, key);
        }
        self.queues[place(mode)].remove(key, &self.tickets);
        self.tickets.remove(key)
    }
}

/// A mode's place among the queues.
fn place(mode: Mode) -> usize {
    match mode {
        Mode::Video => 0,
        Mode::Text => 1,
    }
}
