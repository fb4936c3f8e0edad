//! The shared pool, as the node that holds it runs it: tickets of all nodes come
//! in, and pairs go out as proposals to their owners.
//!
//! It has no say: what it proposes counts only if both owners agree. So it needs
//! to know nothing for sure. What is lost with it is offered again, and two who
//! hold the pool at once cost a refusal. Pure: time comes in.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::policy::has_relaxed;
use super::pool::{Config, Match, Pool, Ticket};
use super::proposal::{Acquaintance, Offer, Part, Proposal, Refusal, Side, Verdict};
use crate::clock::Moment;
use crate::ids::{NodeId, RoomId, SessionId};
use crate::protocol::Role;
use crate::session::state::Terms;

/// How long the owners may take. Then both tickets wait again: whoever is gone is
/// found out when the next proposal is refused.
const PATIENCE: Duration = Duration::from_millis(500);
/// When two are proposed again of whom an owner said that they are apart.
const ASK_AGAIN: Duration = Duration::from_millis(250);
/// How long a ticket counts that is not offered again, as owners do at least every
/// 30 s: its withdrawal, or its node, may be lost.
const KEPT: Duration = Duration::from_secs(70);

/// The tickets of all nodes.
pub struct Broker {
    pool: Pool<Party>,
    rematch_wait: Duration,
    interest_wait: Duration,
    /// Proposals that nobody has answered.
    open: HashMap<RoomId, Open>,
    /// Until when they may be answered; in order of it.
    due: VecDeque<(Moment, RoomId)>,
    /// Of each ticket that waits or is proposed, how it was offered last.
    heard: HashMap<SessionId, Heard>,
    /// When that is to be looked at; in order of it.
    stale: VecDeque<(Moment, SessionId)>,
}

/// A proposal that nobody has answered.
struct Open {
    pair: Match<Party>,
    since: Moment,
}

/// How a ticket was offered last.
#[derive(Clone, Copy, Debug)]
struct Heard {
    node: NodeId,
    epoch: u64,
    at: Moment,
    /// When it is looked at.
    due: Moment,
}

/// Whose ticket it is, and what is known of the person.
#[derive(Clone, Debug)]
struct Party {
    /// To which parts it was offered, of those that this node holds.
    parts: Vec<Part>,
    node: NodeId,
    epoch: u64,
    /// As of when it came.
    acquaintances: Vec<Acquaintance>,
    came: Moment,
}

impl Broker {
    /// With nobody waiting. Chance follows from `seed`.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            pool: Pool::new(config, seed),
            rematch_wait: config.rematch_wait,
            interest_wait: config.interest_wait,
            open: HashMap::new(),
            due: VecDeque::new(),
            heard: HashMap::new(),
            stale: VecDeque::new(),
        }
    }

    /// Takes a ticket of `node`. One that it has already stays in its place.
    pub fn offer(&mut self, now: Moment, node: NodeId, offer: Offer) -> Option<Proposal> {
        let Offer { part, session, person, preferences, waited, epoch, acquaintances } = offer;
        let since = now.before(waited);
        // Epochs grow from owner to owner: of two the later one counts.
        let known = self.pool.ticket(session).map(|known| (known.owner.node, known.owner.epoch));
        if let Some((node, newest)) = known.filter(|(_, newest)| *newest >= epoch) {
            self.note(now, node, session, newest);
            self.belongs(session, epoch, part);
            return self.grow_older(now, session, epoch, since);
        }
        self.take(session);
        self.note(now, node, session, epoch);
        let owner = Party { parts: vec![part], node, epoch, acquaintances, came: now };
        let ticket = Ticket { session, person, preferences: preferences.into(), since, owner };
        self.place(now, ticket)
    }

    /// What was offered first may have been long on its way, so that the wait seemed
    /// shorter than it is. That counts when it is long enough for a partner with
    /// whom nothing is shared, as its owner then says.
    fn grow_older(
        &mut self,
        now: Moment,
        session: SessionId,
        epoch: u64,
        since: Moment,
    ) -> Option<Proposal> {
        let relaxed = |since| has_relaxed(since, now, self.interest_wait);
        let known = self.pool.ticket(session).filter(|known| known.owner.epoch == epoch)?;
        if relaxed(known.since) || !relaxed(since) {
            return None;
        }
        let ticket = self.pool.leave(session)?;
        self.place(now, Ticket { since, ..ticket })
    }

    /// Notes that a ticket was offered to a further part.
    fn belongs(&mut self, session: SessionId, epoch: u64, part: Part) {
        if let Some(ticket) = self.pool.ticket_mut(session)
            && ticket.owner.epoch == epoch
            && !ticket.owner.parts.contains(&part)
        {
            ticket.owner.parts.push(part);
        }
    }

    /// A ticket is gone, also where it is proposed just now; one that was offered
    /// later is not.
    pub fn withdraw(&mut self, node: NodeId, session: SessionId, epoch: u64) {
        let known = self.pool.ticket(session);
        if known.is_some_and(|known| known.owner.node == node && known.owner.epoch <= epoch) {
            self.take(session);
        }
        let heard = self.heard.get(&session);
        if heard.is_some_and(|heard| heard.node == node && heard.epoch <= epoch) {
            self.heard.remove(&session);
        }
    }

    /// What became of a proposal.
    pub fn outcome(&mut self, now: Moment, room: RoomId, verdict: Verdict) -> Vec<Proposal> {
        let Some(Open { pair, .. }) = self.open.remove(&room) else { return Vec::new() };
        let Match { offerer, answerer, .. } = pair;
        let Verdict::Refused(by, why) = verdict else {
            for Ticket { session, owner, .. } in [offerer, answerer] {
                self.withdraw(owner.node, session, owner.epoch);
            }
            return Vec::new();
        };
        let again = match (by, why) {
            (_, Refusal::Apart | Refusal::ApartForGood) => {
                self.keep_apart(now, &offerer, &answerer, why);
                vec![offerer, answerer]
            }
            // The other side's owner knows nothing of it yet. Who refused, and the
            // offerer after the answerer's refusal, are offered again by their own.
            (Role::Offerer, Refusal::Gone | Refusal::Busy) => vec![answerer],
            // Nobody was promised where one node owns both.
            (Role::Answerer, Refusal::Gone | Refusal::Busy) => {
                if offerer.owner.node == answerer.owner.node { vec![offerer] } else { Vec::new() }
            }
        };
        again.into_iter().filter_map(|ticket| self.place_again(now, ticket)).collect()
    }

    /// Brings about what time alone does.
    pub fn advance(&mut self, now: Moment) -> Vec<Proposal> {
        self.drop_stale(now);
        let mut proposals = Vec::new();
        while let Some((_, room)) = self.due.pop_front_if(|(due, _)| *due <= now) {
            let Some(Open { pair, .. }) = self.open.remove(&room) else { continue };
            let Match { offerer, answerer, .. } = pair;
            // Others come first: one of the two owners may be lost.
            self.keep_apart(now, &offerer, &answerer, Refusal::Apart);
            proposals.extend(self.place_again(now, offerer));
            proposals.extend(self.place_again(now, answerer));
        }
        if self.pool.next_wake().is_some_and(|wake| wake <= now) {
            for pair in self.pool.advance(now) {
                proposals.push(self.propose(now, pair));
            }
        }
        proposals
    }

    /// Drops all tickets of a node that is gone.
    pub fn lose_node(&mut self, node: NodeId) {
        self.heard.retain(|_, heard| heard.node != node);
        self.drop_where(|party| party.node == node);
    }

    /// Drops all tickets of a part that another node holds now.
    pub fn lose_part(&mut self, part: Part) {
        let tickets = self.pool.all().filter(|ticket| ticket.owner.parts.contains(&part));
        let sessions: Vec<_> = tickets.map(|ticket| ticket.session).collect();
        for session in sessions {
            let Some(ticket) = self.pool.ticket_mut(session) else { continue };
            ticket.owner.parts.retain(|other| *other != part);
            if ticket.owner.parts.is_empty() {
                self.take(session);
            }
        }
    }

    /// When a pair of two nodes was proposed that nobody has answered.
    #[must_use]
    pub fn proposed_at(&self, room: RoomId) -> Option<Moment> {
        let Open { pair, since } = self.open.get(&room)?;
        (pair.offerer.owner.node != pair.answerer.owner.node).then_some(*since)
    }

    /// How many proposals wait for an answer.
    #[must_use]
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// How many tickets wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.pool.all().count()
    }

    fn drop_stale(&mut self, now: Moment) {
        while let Some((due, session)) = self.stale.pop_front_if(|(due, _)| *due <= now) {
            match self.heard.get_mut(&session) {
                Some(heard) if heard.due == due && heard.at + KEPT > now => {
                    heard.due = now + KEPT;
                    self.stale.push_back((heard.due, session));
                }
                Some(heard) if heard.due == due => {
                    self.heard.remove(&session);
                    self.take(session);
                }
                _ => (),
            }
        }
    }

    /// Notes that a ticket was offered.
    fn note(&mut self, now: Moment, node: NodeId, session: SessionId, epoch: u64) {
        match self.heard.get_mut(&session) {
            Some(heard) => *heard = Heard { node, epoch, at: now, due: heard.due },
            None => {
                let due = now + KEPT;
                self.heard.insert(session, Heard { node, epoch, at: now, due });
                self.stale.push_back((due, session));
            }
        }
    }

    fn drop_where(&mut self, gone: impl Fn(&Party) -> bool) {
        let tickets = self.pool.all().filter(|ticket| gone(&ticket.owner));
        let sessions: Vec<_> = tickets.map(|ticket| ticket.session).collect();
        for session in sessions {
            self.take(session);
        }
    }

    /// Its person's past came with the ticket and goes with it.
    fn take(&mut self, session: SessionId) {
        if let Some(ticket) = self.pool.leave(session) {
            self.pool.forget(ticket.person);
        }
    }

    /// Unless a newer ticket of the session waits by now, or it is gone.
    fn place_again(&mut self, now: Moment, ticket: Ticket<Party>) -> Option<Proposal> {
        let known = self.pool.ticket(ticket.session).is_some();
        let heard = self.heard.get(&ticket.session);
        let owner = &ticket.owner;
        let counts =
            heard.is_some_and(|heard| (heard.node, heard.epoch) == (owner.node, owner.epoch));
        if known || !counts { None } else { self.place(now, ticket) }
    }

    fn place(&mut self, now: Moment, ticket: Ticket<Party>) -> Option<Proposal> {
        let Party { acquaintances, came, .. } = &ticket.owner;
        self.pool.acquaint(*came, ticket.person, acquaintances);
        let person = ticket.person;
        let pair = self.pool.join(now, ticket)?;
        self.pool.forget(person);
        Some(self.propose(now, pair))
    }

    fn propose(&mut self, now: Moment, mut pair: Match<Party>) -> Proposal {
        let room = RoomId::random();
        // The offerer is promised first. Where two holders bring the same people
        // together, promises must not go round in a circle, in which each waits for
        // the next and refuses the one before, for ever: so they have an order.
        if pair.offerer.session > pair.answerer.session {
            std::mem::swap(&mut pair.offerer, &mut pair.answerer);
        }
        let Match { offerer, answerer, shared, by } = &pair;
        for ticket in [offerer, answerer] {
            self.pool.forget(ticket.person);
        }
        let terms = Terms { mode: offerer.preferences.mode, interests: shared.clone() };
        let (offerer, answerer) = (side(offerer), side(answerer));
        let waited = now - pair.offerer.since.min(pair.answerer.since);
        let proposal = Proposal { room, offerer, answerer, terms, by: *by, waited };
        self.open.insert(room, Open { pair, since: now });
        self.due.push_back((now + PATIENCE, room));
        proposal
    }

    /// What an owner knows, and the tickets didn't say. Nor does it say for how long:
    /// so the two are proposed again soon.
    fn keep_apart(&mut self, now: Moment, a: &Ticket<Party>, b: &Ticket<Party>, why: Refusal) {
        let soon = self.rematch_wait.saturating_sub(ASK_AGAIN);
        let ended_ago = (why == Refusal::Apart).then_some(soon);
        self.pool.acquaint(now, a.person, &[Acquaintance { person: b.person, ended_ago }]);
    }
}

fn side(ticket: &Ticket<Party>) -> Side {
    let Ticket { session, person, owner, .. } = ticket;
    Side { node: owner.node, session: *session, person: *person, epoch: owner.epoch }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PersonId;
    use crate::protocol::{Mode, Preferences};

    const NODE: NodeId = NodeId::from_bits(1);
    const PART: Part = Part { mode: Mode::Video, number: 0 };

    fn at(millis: u64) -> Moment {
        Moment::from_micros(millis * 1000)
    }

    /// Someone's ticket who has waited for so long and names `interest`.
    fn offer(number: u128, interest: &str, waited_millis: u64) -> Offer {
        let interests = vec![interest.into()];
        Offer {
            part: PART,
            session: SessionId::from_u128(number),
            person: PersonId::from_u128(number),
            preferences: Preferences { interests, ..Preferences::default() },
            waited: Duration::from_millis(waited_millis),
            epoch: 1,
            acquaintances: Vec::new(),
        }
    }

    #[test]
    fn rule_8_an_offer_that_was_late_makes_nobody_wait_longer() {
        let mut broker = Broker::new(Config::default(), 1);
        // It took two seconds.
        assert!(broker.offer(at(2400), NODE, offer(1, "tea", 400)).is_none());
        assert!(broker.offer(at(2400), NODE, offer(2, "go", 2400)).is_none());
        assert!(broker.advance(at(5000)).is_empty());
        assert!(broker.offer(at(5000), NODE, offer(2, "go", 5000)).is_none());
        let pair = broker.offer(at(5010), NODE, offer(1, "tea", 5000)).expect("both are open");
        assert_eq!(pair.offerer.session, SessionId::from_u128(1));
        assert_eq!((broker.waiting(), broker.open()), (0, 1));
    }
}
