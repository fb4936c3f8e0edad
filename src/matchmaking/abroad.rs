//! What a node has under way with others to pair its people: which tickets it
//! has offered, and to which rooms its people are promised.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::parts;
use super::policy::has_relaxed;
use super::pool::Ticket;
use super::proposal::{Acquaintance, Offer, Part, Request};
use crate::clock::Moment;
use crate::exchange::bridges::Bridges;
use crate::exchange::departures::Departures;
use crate::exchange::letter::Letter;
use crate::ids::{NodeId, RoomId, SessionId};
use crate::room::Invitation;

/// When a ticket is offered again at first, in case that the offer was lost; each
/// time it is twice as long.
const FIRST_PATIENCE: Duration = Duration::from_secs(1);
const LAST_PATIENCE: Duration = Duration::from_secs(30);
/// When the other side's owner is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(200);
/// When a promise is taken back that came to nothing.
const PROMISED_AT_MOST: Duration = Duration::from_secs(1);
/// Whom a ticket names at most as met or to be kept apart from: the owners know
/// all of them when they are asked.
const ACQUAINTANCES: usize = 300;

/// How a node takes part in a crowd of many.
#[derive(Debug)]
pub struct Membership {
    /// Which node this is.
    pub me: NodeId,
    /// The rooms that stand on two nodes.
    pub bridges: Arc<Bridges>,
    /// The sessions that went to other nodes.
    pub departures: Arc<Departures>,
    /// Into how many parts each mode's pool is split.
    pub parts: u8,
}

/// Who holds the parts of the shared pool, as far as this node knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    /// The node of each part that is held.
    pub of: HashMap<Part, NodeId>,
    /// Whether there is no other node: nothing need be offered.
    pub alone: bool,
}

/// How much a node has under way with others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnderWay {
    /// Tickets that are offered.
    pub offers: usize,
    /// People who are promised.
    pub promises: usize,
}

/// Offers and promises.
#[derive(Debug)]
pub(super) struct Abroad {
    pub(super) membership: Membership,
    interest_wait: Duration,
    holders: Holders,
    offered: HashMap<SessionId, Offered>,
    offer_again: BTreeSet<(Moment, SessionId)>,
    promises: HashMap<RoomId, Promise>,
    promises_due: BTreeSet<(Moment, RoomId)>,
}

#[derive(Debug)]
struct Offered {
    ticket: Ticket<Invitation>,
    parts: Vec<Part>,
    again: Moment,
    patience: Duration,
}

/// Someone of this node who sits down in a room if the other side does.
#[derive(Debug)]
pub(super) struct Promise {
    pub(super) ticket: Ticket<Invitation>,
    pub(super) holder: NodeId,
    pub(super) request: Request,
    pub(super) since: Moment,
    due: Moment,
}

/// What is to be done about a promise whose time has come.
#[derive(Debug)]
pub(super) enum Due {
    /// The other side's owner is to be asked again.
    Ask(NodeId, Box<Request>),
    /// It is to be taken back.
    TakeBack(RoomId, Box<Promise>),
}

impl Abroad {
    pub(super) fn new(membership: Membership, interest_wait: Duration) -> Self {
        Self {
            membership,
            interest_wait,
            holders: Holders { alone: true, ..Holders::default() },
            offered: HashMap::new(),
            offer_again: BTreeSet::new(),
            promises: HashMap::new(),
            promises_due: BTreeSet::new(),
        }
    }

    pub(super) fn post(&self, to: NodeId, letter: Letter) {
        self.membership.bridges.post().post(to, letter);
    }

    /// Offers a ticket to who holds its parts of the pool.
    pub(super) fn offer(
        &mut self,
        now: Moment,
        ticket: &Ticket<Invitation>,
        acquaintances: Vec<Acquaintance>,
    ) {
        let patience = match self.forget(ticket.session) {
            Some(known) if known.ticket.owner.epoch == ticket.owner.epoch => {
                (known.patience * 2).min(LAST_PATIENCE)
            }
            _ => FIRST_PATIENCE,
        };
        let relaxes = ticket.since + self.interest_wait;
        let mut again = now + patience;
        if relaxes > now {
            // Its parts may change then.
            again = again.min(relaxes);
        }
        let relaxed = has_relaxed(ticket.since, now, self.interest_wait);
        let parts = parts::of(&ticket.preferences, relaxed, self.membership.parts);
        self.send(now, ticket, &parts, acquaintances);
        self.offer_again.insert((again, ticket.session));
        let offered = Offered { ticket: ticket.clone(), parts, again, patience };
        self.offered.insert(ticket.session, offered);
    }

    /// The ticket that was offered under `epoch`.
    pub(super) fn offered(&self, session: SessionId, epoch: u64) -> Option<&Ticket<Invitation>> {
        let ticket = &self.offered.get(&session)?.ticket;
        (ticket.owner.epoch == epoch).then_some(ticket)
    }

    /// Takes an offer back; nobody need tell `except`.
    pub(super) fn withdraw(&mut self, session: SessionId, except: Option<NodeId>) {
        let Some(Offered { ticket, parts, .. }) = self.forget(session) else { return };
        if self.holders.alone {
            return;
        }
        let mut holders: Vec<_> =
            parts.iter().filter_map(|part| self.holders.of.get(part).copied()).collect();
        holders.sort_unstable();
        holders.dedup();
        for holder in holders.into_iter().filter(|holder| Some(*holder) != except) {
            self.post(holder, Letter::Withdraw { session, epoch: ticket.owner.epoch });
        }
    }

    /// The tickets that are to be offered again by now.
    pub(super) fn take_stale(&mut self, now: Moment) -> Vec<Ticket<Invitation>> {
        let mut stale = Vec::new();
        while let Some(&(due, session)) = self.offer_again.first()
            && due <= now
        {
            self.offer_again.pop_first();
            stale.extend(self.offered.get(&session).map(|offered| offered.ticket.clone()));
        }
        stale
    }

    /// Takes note of who holds the parts; the tickets that somebody else is to be
    /// offered now.
    pub(super) fn hold(&mut self, holders: Holders) -> Vec<Ticket<Invitation>> {
        let before = std::mem::replace(&mut self.holders, holders);
        let changed = |part: &Part| before.of.get(part) != self.holders.of.get(part);
        let all = before.alone && !self.holders.alone;
        let offered = self.offered.values_mut();
        anew(offered.filter(|offered| all || offered.parts.iter().any(changed)))
    }

    /// All tickets that are offered.
    pub(super) fn all_offered(&mut self) -> Vec<Ticket<Invitation>> {
        anew(self.offered.values_mut())
    }

    /// Those that are offered to `holder`.
    pub(super) fn offered_to(&mut self, holder: NodeId) -> Vec<Ticket<Invitation>> {
        let of = &self.holders.of;
        let theirs = |part: &Part| of.get(part) == Some(&holder);
        let offered = self.offered.values_mut();
        anew(offered.filter(|offered| offered.parts.iter().any(theirs)))
    }

    /// Notes that somebody is promised, and asks the other side's owner.
    pub(super) fn promise(
        &mut self,
        now: Moment,
        ticket: Ticket<Invitation>,
        holder: NodeId,
        request: Request,
    ) {
        let room = request.proposal.room;
        let due = now + ASK_AGAIN;
        self.promises_due.insert((due, room));
        self.post(request.proposal.answerer.node, Letter::Seat(Box::new(request.clone())));
        let promise = Promise { ticket, holder, request, since: now, due };
        self.promises.insert(room, promise);
    }

    pub(super) fn promised(&self, room: RoomId) -> bool {
        self.promises.contains_key(&room)
    }

    /// A promise that is kept or taken back.
    pub(super) fn end_promise(&mut self, room: RoomId) -> Option<Promise> {
        let promise = self.promises.remove(&room)?;
        self.promises_due.remove(&(promise.due, room));
        Some(promise)
    }

    pub(super) fn take_due_promise(&mut self, now: Moment) -> Option<Due> {
        let (_, room) = self.promises_due.first().filter(|(due, _)| *due <= now).copied()?;
        let mut promise = self.end_promise(room)?;
        if now - promise.since >= PROMISED_AT_MOST {
            return Some(Due::TakeBack(room, Box::new(promise)));
        }
        promise.due = now + ASK_AGAIN;
        self.promises_due.insert((promise.due, room));
        let request = promise.request.clone();
        self.promises.insert(room, promise);
        Some(Due::Ask(request.proposal.answerer.node, request.into()))
    }

    pub(super) fn next_wake(&self) -> Option<Moment> {
        let offers = self.offer_again.first().map(|(due, _)| *due);
        let promises = self.promises_due.first().map(|(due, _)| *due);
        offers.into_iter().chain(promises).min()
    }

    pub(super) fn under_way(&self) -> UnderWay {
        UnderWay { offers: self.offered.len(), promises: self.promises.len() }
    }

    fn forget(&mut self, session: SessionId) -> Option<Offered> {
        let offered = self.offered.remove(&session)?;
        self.offer_again.remove(&(offered.again, session));
        Some(offered)
    }

    fn send(
        &self,
        now: Moment,
        ticket: &Ticket<Invitation>,
        parts: &[Part],
        mut acquaintances: Vec<Acquaintance>,
    ) {
        if self.holders.alone {
            return;
        }
        // The latest are last.
        acquaintances.drain(..acquaintances.len().saturating_sub(ACQUAINTANCES));
        for (part, holder) in parts.iter().filter_map(|p| Some((*p, *self.holders.of.get(p)?))) {
            let offer = Offer {
                part,
                session: ticket.session,
                person: ticket.person,
                preferences: (*ticket.preferences).clone(),
                waited: now - ticket.since,
                epoch: ticket.owner.epoch,
                acquaintances: acquaintances.clone(),
            };
            self.post(holder, Letter::Offer(Box::new(offer)));
        }
    }
}

/// The tickets of offers that begin anew: with the first patience.
fn anew<'a>(offered: impl Iterator<Item = &'a mut Offered>) -> Vec<Ticket<Invitation>> {
    let ticket = |offered: &mut Offered| {
        offered.patience = FIRST_PATIENCE / 2;
        offered.ticket.clone()
    };
    offered.map(ticket).collect()
}

#[cfg(test)]
mod tests {
    use parking_lot::Mutex;

    use super::*;
    use crate::exchange::post::Post;
    use crate::identity::Identity;
    use crate::protocol::{Mode, Preferences};
    use crate::session::handle::Session;
    use crate::session::token::Token;

    const HOLDER: NodeId = NodeId::from_bits(2);

    /// To whom tickets were offered.
    #[derive(Debug, Default)]
    struct Pile(Mutex<Vec<NodeId>>);

    impl Post for Pile {
        fn post(&self, to: NodeId, _: Letter) {
            self.0.lock().push(to);
        }
    }

    fn abroad(post: Arc<Pile>) -> Abroad {
        let membership = Membership {
            me: NodeId::from_bits(1),
            bridges: Arc::new(Bridges::new(post, Duration::from_secs(15))),
            departures: Arc::new(Departures::new(Duration::from_secs(60))),
            parts: 1,
        };
        let mut abroad = Abroad::new(membership, Duration::ZERO);
        let of = [(Part { mode: Mode::Video, number: 0 }, HOLDER)].into();
        abroad.hold(Holders { of, alone: false });
        abroad
    }

    fn ticket() -> Ticket<Invitation> {
        let bytes = prometheus::IntGauge::new("bytes", "kept").unwrap();
        let token = Token::presented("any").hash();
        let id = SessionId::from_u128(1);
        let session = Session::new(id, token, Identity::of_session(id), bytes);
        Ticket {
            session: session.id(),
            person: session.person(),
            preferences: Preferences::default().into(),
            since: Moment::default(),
            owner: Invitation { session, epoch: 1 },
        }
    }

    fn offer_what_is_due(abroad: &mut Abroad) -> Moment {
        let now = abroad.next_wake().expect("it is offered again");
        for ticket in abroad.take_stale(now) {
            abroad.offer(now, &ticket, Vec::new());
        }
        now
    }

    #[test]
    fn rule_8_a_holder_that_has_forgotten_is_offered_again_at_once_and_soon() {
        let pile = Arc::new(Pile::default());
        let mut abroad = abroad(pile.clone());
        abroad.offer(Moment::default(), &ticket(), Vec::new());
        (0..5).for_each(|_| _ = offer_what_is_due(&mut abroad));
        let now = offer_what_is_due(&mut abroad);
        assert!(abroad.next_wake() > Some(now + 10 * FIRST_PATIENCE), "nobody is in a hurry");
        assert!(abroad.offered_to(NodeId::from_bits(3)).is_empty(), "that one holds nothing");
        pile.0.lock().clear();
        for ticket in abroad.offered_to(HOLDER) {
            abroad.offer(now, &ticket, Vec::new());
        }
        assert_eq!(*pile.0.lock(), [HOLDER]);
        assert_eq!(abroad.next_wake(), Some(now + FIRST_PATIENCE), "this may be lost too");
    }
}
