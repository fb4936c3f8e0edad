//! Brings people together: asks the pool for a pair, and the two sessions
//! whether they agree.
//!
//! Synchronous, without I/O and with time as an argument, so that it runs in
//! virtual time. The [actor](super::actor) is its thread of control.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::abroad::Abroad;
pub use super::abroad::{Holders, Membership, UnderWay};
use super::gone::Gone;
use super::pool::{Config, Match, Meeting, Names, Pool, Ticket};
use super::proposal::{Acquaintance, Proposal, Refusal, Request};
use crate::clock::Moment;
use crate::exchange::bridges::Over;
use crate::exchange::letter::Frame;
use crate::ice::Ice;
use crate::ids::{NodeId, PersonId, RoomId, SessionId};
use crate::metrics::{Metrics, Scope};
use crate::protocol::{Mode, Role};
use crate::room::{Invitation, seat};
use crate::session::desk::Partner;
use crate::session::handle::Session;
use crate::session::state::{Terms, Wait};

/// What a session tells of itself. Where two connections of one session take
/// turns, the older one's news may come late; so they are taken as a hint to
/// look, and what counts is where the session stands then.
#[derive(Debug)]
pub enum Event {
    /// It waits, or waits with other preferences.
    Waits {
        /// Its ticket.
        ticket: Ticket<Invitation>,
        /// Between whom its room has just ended.
        parted: Option<Names>,
    },
    /// It waits no longer, or sits in its room no longer.
    Leaves {
        /// Which.
        session: SessionId,
        /// Between whom its room has just ended.
        parted: Option<Names>,
    },
    /// Its connection dropped: it can't be paired until it waits again.
    Pauses {
        /// Which.
        session: SessionId,
    },
    /// Like [`Leaves`](Self::Leaves), and it is gone for good.
    Ends {
        /// Which.
        session: SessionId,
        /// Whose, where that was the person's last session here, and whether the
        /// person may come back as such: the device is known.
        gone: Option<(PersonId, bool)>,
        /// Between whom its room has just ended.
        parted: Option<Names>,
    },
    /// A person reported or blocked another: the two never meet again.
    Separates(Names),
    /// Another node has it from now on, and with it what is remembered of the
    /// person; what concerns people of this node stays with them as well.
    Moves {
        /// Which.
        session: SessionId,
        /// Whose, where that was the person's last session here.
        gone: Option<PersonId>,
    },
    /// It came from another node, with what is remembered of the person there.
    Arrives {
        /// Whose.
        person: PersonId,
        /// Whom the person met or is kept apart from.
        acquaintances: Vec<Acquaintance>,
    },
    /// News of other nodes.
    Abroad(Box<Foreign>),
}

/// News of other nodes.
#[derive(Debug)]
pub enum Foreign {
    /// Who holds the parts of the shared pool has changed.
    Holders(Holders),
    /// What was offered may be lost.
    Reached,
    /// Another node has none of the tickets that were offered to it.
    Forgotten(NodeId),
    /// A pair is proposed, by this node.
    Proposed(NodeId, Proposal),
    /// The owner of the offerer's side asks for the answerer.
    Asked(NodeId, Request),
    /// The owner of the answerer's side refuses.
    Refused(RoomId, Refusal),
    /// Something was said in a room to which no bridge leads.
    Stray(NodeId, Frame),
    /// A room is over because of its other side.
    Over(Over),
}

impl Event {
    /// The news of `session`'s `wait`.
    #[must_use]
    pub fn waits(session: &Arc<Session>, wait: &Wait<Partner>) -> Self {
        let ticket = Ticket {
            session: session.id(),
            person: session.person(),
            preferences: wait.preferences.clone(),
            since: wait.since,
            owner: Invitation { session: session.clone(), epoch: wait.epoch },
        };
        let parted = wait.left.as_ref().map(|seat| seat.names);
        Self::Waits { ticket, parted }
    }
}

/// A wait that is over this soon is not announced: one write less for most
/// people where many come.
const UNTOLD_WAIT: Duration = Duration::from_millis(5);
/// The timer leaves a wait that is to be announced to the next event for so long: where
/// many come, a thread that sleeps would be woken again and again for nothing.
const LEFT_TO_EVENTS: Duration = Duration::from_millis(20);

/// The pool, and what it means for the people in it.
pub struct Host {
    pub(super) pool: Pool<Invitation>,
    /// Waits to be announced, and when: those that began within [`UNTOLD_WAIT`],
    /// and no more.
    untold: VecDeque<(Moment, Invitation)>,
    pub(super) ice: Arc<Ice>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) abroad: Option<Abroad>,
    /// People whose last session ended, until they are forgotten.
    gone: Gone,
    interest_wait: Duration,
}

impl Host {
    /// With nobody waiting.
    #[must_use]
    pub fn new(config: Config, seed: u64, ice: Arc<Ice>, metrics: Arc<Metrics>) -> Self {
        Self {
            pool: Pool::new(config, seed),
            untold: VecDeque::new(),
            ice,
            metrics,
            abroad: None,
            gone: Gone::new(config.rematch_wait, config.memory),
            interest_wait: config.interest_wait,
        }
    }

    /// Has it pair its people with those of other nodes too.
    #[must_use]
    pub fn with_others(mut self, membership: Membership) -> Self {
        self.abroad = Some(Abroad::new(membership, self.interest_wait));
        self
    }

    /// Takes an event, and brings about what follows from it.
    pub fn apply(&mut self, now: Moment, event: Event) {
        self.advance(now);
        match event {
            Event::Waits { ticket, parted } => {
                self.part(now, parted);
                self.gone.is_back(ticket.person);
                self.place(now, ticket);
            }
            Event::Leaves { session, parted } => {
                self.part(now, parted);
                self.remove(now, session);
            }
            Event::Ends { session, gone, parted } => {
                self.part(now, parted);
                self.remove(now, session);
                self.pool.forget(session.into());
                if let Some((person, returns)) = gone {
                    self.gone.add(now, person, returns);
                }
            }
            Event::Pauses { session } => drop(self.take_out(now, session)),
            Event::Separates(names) => self.pool.reported(names),
            Event::Moves { session, gone } => {
                self.remove(now, session);
                if let Some(person) = gone {
                    self.pool.goes(person);
                }
            }
            Event::Arrives { person, acquaintances } => {
                self.comes(person);
                self.pool.acquaint(now, person, &acquaintances);
            }
            Event::Abroad(news) => self.hear(now, *news),
        }
    }

    /// Brings about what time alone does.
    pub fn advance(&mut self, now: Moment) {
        if self.pool.next_wake().is_some_and(|due| due <= now) {
            for pair in self.pool.advance(now) {
                self.seat(now, pair);
            }
        }
        while let Some((_, invitation)) = self.untold.pop_front_if(|(due, _)| *due <= now) {
            invitation.announce();
            self.offer(now, &invitation);
        }
        self.advance_abroad(now);
        while let Some(person) = self.gone.take_due(now) {
            self.pool.forget(person);
        }
    }

    /// Who met whom and who is kept apart, for the next process.
    #[must_use]
    pub fn memory(&self, now: Moment) -> Vec<Meeting> {
        self.pool.memory(now)
    }

    /// Takes on the memory of the process before.
    pub fn remember(&mut self, now: Moment, memory: Vec<Meeting>) {
        self.pool.remember(now, memory);
    }

    /// When [`advance`](Self::advance) is to be called even if nothing happens.
    #[must_use]
    pub fn next_wake(&self) -> Option<Moment> {
        // Others are to hear of whoever waits without delay.
        let left = if self.abroad.is_some() { Duration::ZERO } else { LEFT_TO_EVENTS };
        let untold = self.untold.front().map(|(due, _)| *due + left);
        let abroad = self.abroad.as_ref().and_then(Abroad::next_wake);
        let gone = self.gone.next_wake();
        self.pool.next_wake().into_iter().chain(untold).chain(abroad).chain(gone).min()
    }

    /// Shows in the metrics how many wait and how much was looked at.
    pub fn show(&self) {
        for mode in Mode::ALL {
            let waiting = i64::try_from(self.pool.waiting(mode)).unwrap_or(i64::MAX);
            self.metrics.waiting_by_mode[mode].set(waiting);
        }
        let shown = self.metrics.examined.get();
        self.metrics.examined.inc_by(self.pool.examined().saturating_sub(shown));
    }

    /// Whom a person met or is kept apart from, for another node.
    #[must_use]
    pub fn acquaintances(&self, now: Moment, person: PersonId) -> Vec<Acquaintance> {
        self.pool.acquaintances(now, person)
    }

    /// How much is under way with other nodes.
    #[must_use]
    pub fn under_way(&self) -> UnderWay {
        self.abroad.as_ref().map(Abroad::under_way).unwrap_or_default()
    }

    /// Somebody is one of this node's people, which counts only among others.
    fn comes(&mut self, person: PersonId) {
        if self.abroad.is_some() {
            self.pool.comes(person);
        }
    }

    fn part(&mut self, now: Moment, parted: Option<Names>) {
        if let Some(names) = parted {
            self.pool.parted(now, names);
        }
    }

    fn remove(&mut self, now: Moment, session: SessionId) {
        if let Some(ticket) = self.take_out(now, session) {
            let waited = (now - ticket.since).as_secs_f64();
            self.metrics.unpaired_wait[ticket.preferences.mode].observe(waited);
        }
    }

    /// Takes a session's ticket out, unless it waits under just that one.
    fn take_out(&mut self, now: Moment, session: SessionId) -> Option<Ticket<Invitation>> {
        let ticket = self.pool.leave(session)?;
        if !ticket.owner.stands() {
            self.withdraw(session);
            return Some(ticket);
        }
        self.place(now, ticket);
        None
    }

    /// Pairs a ticket or lets it wait; a stale one is dropped, and takes no
    /// newer one's place.
    pub(super) fn place(&mut self, now: Moment, ticket: Ticket<Invitation>) {
        let invitation = ticket.owner.clone();
        if !invitation.stands() {
            return;
        }
        self.comes(ticket.person);
        match self.pool.join(now, ticket) {
            Some(pair) => _ = self.seat(now, pair),
            None => self.untold.push_back((now + UNTOLD_WAIT, invitation)),
        }
    }

    /// Seats a pair if both agree, and returns whether they did; else one who still
    /// waits goes back. Each call that goes deeper has taken a stale ticket out of
    /// the pool.
    pub(super) fn seat(&mut self, now: Moment, pair: Match<Invitation>) -> bool {
        let Match { offerer, answerer, shared, by } = pair;
        self.withdraw(offerer.session);
        self.withdraw(answerer.session);
        let mode = offerer.preferences.mode;
        let terms = Terms { mode, interests: shared };
        match seat(now, &offerer.owner, &answerer.owner, terms, &self.ice, &self.metrics) {
            Ok(room) => {
                if let Some(trace) = self.metrics.traces.of(now, room) {
                    let how = (mode, by, Scope::Node);
                    trace.paired(offerer.since.min(answerer.since), how);
                    trace.matched(Role::Offerer, offerer.since, how);
                    trace.matched(Role::Answerer, answerer.since, how);
                }
                self.metrics.pairs[mode].inc();
                self.metrics.paired(mode, by, Scope::Node, now - offerer.since);
                self.metrics.paired(mode, by, Scope::Node, now - answerer.since);
                true
            }
            Err(wait) => {
                for (ticket, waits) in [offerer, answerer].into_iter().zip(wait) {
                    if waits {
                        self.place(now, ticket);
                    }
                }
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Identity;
    use crate::protocol::Preferences;
    use crate::session::token::Token;

    fn session(number: u128, metrics: &Metrics) -> Arc<Session> {
        let token = Token::presented("any").hash();
        let id = SessionId::from_u128(number);
        Session::new(id, token, Identity::of_session(id), metrics.kept_bytes.clone())
    }

    fn joins(session: &Arc<Session>) -> Event {
        let wait = session.lock().state.join(Moment::default(), Preferences::default());
        Event::waits(session, &wait)
    }

    /// Whether a session is paired whose `events` come in this order.
    fn pairs_after(session: &Arc<Session>, metrics: &Arc<Metrics>, events: Vec<Event>) -> bool {
        let mut host = Host::new(Config::default(), 1, Arc::new(Ice::none()), metrics.clone());
        for event in events {
            host.apply(Moment::default(), event);
        }
        host.apply(Moment::default(), joins(&self::session(2, metrics)));
        session.lock().state.seat().is_some()
    }

    #[test]
    fn late_news_of_an_older_connection_take_nobody_out_of_the_queue() {
        let metrics = Arc::new(Metrics::new());
        let waiting = session(1, &metrics);
        let (older, newer) = (joins(&waiting), joins(&waiting));
        assert!(pairs_after(&waiting, &metrics, vec![newer, older]));
        let waiting = session(1, &metrics);
        let (joined, pauses) = (joins(&waiting), Event::Pauses { session: waiting.id() });
        waiting.lock().state.pause();
        let resumed = Event::waits(&waiting, &waiting.lock().state.resume().unwrap());
        assert!(pairs_after(&waiting, &metrics, vec![joined, resumed, pauses]));
    }

    #[test]
    fn who_is_paired_at_once_is_not_woken_for_the_wait() {
        let metrics = Arc::new(Metrics::new());
        let mut host = Host::new(Config::default(), 1, Arc::new(Ice::none()), metrics.clone());
        let people = [1, 2, 3].map(|number| session(number, &metrics));
        people.iter().for_each(|person| host.apply(Moment::default(), joins(person)));
        let bells = people.map(|person| person.lock().bell());
        let heard = bells.each_ref().map(|bell| bell.heard());
        assert_eq!(heard, [true, true, false]);
        host.advance(Moment::default() + UNTOLD_WAIT);
        assert_eq!(bells.map(|bell| bell.rings()), [false, false, true], "the third still waits");
    }
}
