//! How a host pairs its people with those of other nodes.
//!
//! Whoever holds the shared pool proposes. The owner of the offerer's side
//! promises it and asks the owner of the answerer's, who seats that one and says
//! so until it is heard; then the offerer sits too. Each checks the epoch of its
//! own, so a proposal that comes twice, late or from two holders seats nobody
//! twice, and one that is lost leaves nobody seated alone for long: whoever was
//! seated opposite nobody is told so as soon as it says anything.

use std::sync::Arc;

use super::abroad::{Due, Promise};
use super::host::{Foreign, Host};
use super::pool::{Match, MatchedBy, Ticket};
use super::proposal::{Likeness, Proposal, Refusal, Request, Side, Verdict};
use super::ticket::names;
use crate::clock::Moment;
use crate::exchange::bridge::{Bridge, Far};
use crate::exchange::bridges::{Followed, Over};
use crate::exchange::departures::Whereabouts;
use crate::exchange::letter::{Content, Frame, Letter};
use crate::ids::{NodeId, RoomId, SessionId};
use crate::metrics::{Counted, Scope};
use crate::protocol::Role;
use crate::room::{Chair, Invitation, part, seat_across};
use crate::session::desk::{Partner, Way};
use crate::session::state::{Standing, State};

impl Host {
    /// Offers the ticket of a wait that is not over, where others may serve it.
    pub(super) fn offer(&mut self, now: Moment, invitation: &Invitation) {
        let Some(abroad) = &mut self.abroad else { return };
        let ticket = self.pool.ticket(invitation.session.id());
        if let Some(ticket) = ticket.filter(|ticket| ticket.owner.epoch == invitation.epoch) {
            abroad.offer(now, ticket, self.pool.acquaintances(now, ticket.person));
        }
    }

    pub(super) fn withdraw(&mut self, session: SessionId) {
        if let Some(abroad) = &mut self.abroad {
            abroad.withdraw(session, None);
        }
    }

    /// What time alone brings about between nodes.
    pub(super) fn advance_abroad(&mut self, now: Moment) {
        let Some(abroad) = &mut self.abroad else { return };
        for ticket in abroad.take_stale(now) {
            self.offer(now, &ticket.owner);
        }
        while let Some(due) = self.abroad.as_mut().and_then(|abroad| abroad.take_due_promise(now)) {
            match due {
                Due::Ask(node, request) => self.post(node, Letter::Seat(request)),
                Due::TakeBack(room, promise) => {
                    self.metrics.cluster.unanswered();
                    self.take_back(now, room, promise.ticket);
                }
            }
        }
    }

    /// Takes news of other nodes.
    pub(super) fn hear(&mut self, now: Moment, news: Foreign) {
        let Some(abroad) = &mut self.abroad else { return };
        match news {
            Foreign::Holders(holders) => {
                let tickets = abroad.hold(holders);
                self.offer_all(now, tickets);
            }
            Foreign::Reached => {
                let tickets = abroad.all_offered();
                self.offer_all(now, tickets);
            }
            Foreign::Forgotten(holder) => {
                let tickets = abroad.offered_to(holder);
                self.offer_all(now, tickets);
            }
            Foreign::Proposed(holder, proposal) => self.proposed(now, holder, proposal),
            Foreign::Asked(owner, request) => self.asked(now, owner, request),
            Foreign::Refused(room, why) => self.refused(now, room, why),
            Foreign::Stray(from, frame) => self.stray(now, from, frame),
            Foreign::Over(over) => self.over(now, &over),
        }
    }

    fn offer_all(&mut self, now: Moment, tickets: Vec<Ticket<Invitation>>) {
        for ticket in tickets {
            self.offer(now, &ticket.owner);
        }
    }

    /// A holder proposes a pair of which this node owns the offerer.
    fn proposed(&mut self, now: Moment, holder: NodeId, proposal: Proposal) {
        let room = proposal.room;
        if self.bridge(room, proposal.offerer.session) || self.is_promised(room) {
            return;
        }
        let verdict = match self.agree(now, &proposal.offerer, &proposal.answerer) {
            Err(why) => Some(Verdict::Refused(Role::Offerer, why)),
            Ok(ticket) if proposal.answerer.node == self.me() => {
                Some(self.seat_here(now, ticket, proposal))
            }
            Ok(ticket) => self.promise(now, ticket, holder, proposal),
        };
        if let Some(verdict) = verdict {
            self.conclude(holder, room, verdict);
        }
    }

    /// Both are this node's own: it had not paired them, or not yet.
    fn seat_here(
        &mut self,
        now: Moment,
        offerer: Ticket<Invitation>,
        proposal: Proposal,
    ) -> Verdict {
        let Proposal { offerer: side, answerer, terms, by, .. } = proposal;
        match self.agree(now, &answerer, &side) {
            Err(why) => Verdict::Refused(Role::Answerer, why),
            Ok(answerer) => {
                self.pool.leave(offerer.session);
                self.pool.leave(answerer.session);
                let pair = Match { offerer, answerer, shared: terms.interests, by };
                if self.seat(now, pair) {
                    Verdict::Seated
                } else {
                    Verdict::Refused(Role::Answerer, Refusal::Gone)
                }
            }
        }
    }

    fn promise(
        &mut self,
        now: Moment,
        ticket: Ticket<Invitation>,
        holder: NodeId,
        proposal: Proposal,
    ) -> Option<Verdict> {
        let (session, room) = (ticket.owner.session.clone(), proposal.room);
        let likeness = {
            let mut desk = session.lock();
            if !desk.state.promise(ticket.owner.epoch, room) {
                return Some(Verdict::Refused(Role::Offerer, Refusal::Gone));
            }
            session.likeness(&desk)
        };
        // A ticket that can't be paired now is in nobody's way.
        self.pool.leave(ticket.session);
        let abroad = self.abroad.as_mut().expect("others are why this is called");
        abroad.withdraw(ticket.session, Some(holder));
        abroad.promise(now, ticket, holder, Request { proposal, offerer: likeness });
        None
    }

    /// Another owner asks to seat the answerer, who is this node's own.
    fn asked(&mut self, now: Moment, owner: NodeId, request: Request) {
        let Request { proposal, offerer } = request;
        let room = proposal.room;
        if self.bridge(room, proposal.answerer.session) {
            // It is said again until it is heard.
            return;
        }
        let ticket = match self.agree(now, &proposal.answerer, &proposal.offerer) {
            Ok(ticket) => ticket,
            Err(why) => return self.post(owner, Letter::NotSeated { room, why }),
        };
        let session = &ticket.owner.session;
        let likeness = session.likeness(&session.lock());
        let epoch = ticket.owner.epoch;
        let bridge = self.new_bridge(&ticket, room, offerer, owner);
        let chair = chair(&proposal, Role::Answerer, &bridge, None);
        let seated = seat_across(
            now,
            session,
            |state| state.awaits(epoch),
            chair,
            &self.ice,
            // Nobody else knows of the bridge yet, so it may be used at the desk.
            || bridge.say(now, Content::Seated(Box::new(likeness))),
        );
        if seated {
            self.sits(now, &ticket, bridge, proposal.by);
            if let Some(trace) = self.metrics.traces.of(now, room) {
                let mode = ticket.preferences.mode;
                trace.matched(Role::Answerer, ticket.since, (mode, proposal.by, Scope::Cluster));
            }
        } else {
            self.post(owner, Letter::NotSeated { room, why: Refusal::Gone });
        }
    }

    /// The other side's owner has seated the answerer.
    fn seated(&mut self, now: Moment, from: NodeId, frame: Frame, answerer: Likeness) {
        let abroad = self.abroad.as_mut().expect("others are why this is called");
        let Some(promise) = abroad.end_promise(frame.room) else { return };
        let Promise { ticket, holder, request, since, .. } = promise;
        let (room, proposal) = (frame.room, &request.proposal);
        // One may have reported the other since the promise.
        let names = names(proposal.offerer.name(), proposal.answerer.name());
        let apart = self.pool.apart(now, names);
        if let Some(why) = apart {
            self.deny(from, &frame);
            self.take_back(now, room, ticket);
            return self.conclude(holder, room, Verdict::Refused(Role::Offerer, why));
        }
        let open = self.metrics.open_room();
        let bridge = self.new_bridge(&ticket, room, answerer, from);
        let chair = chair(&request.proposal, Role::Offerer, &bridge, Some(open));
        let session = &ticket.owner.session;
        let agreed = |state: &State<Partner>| state.promised(room);
        if !seat_across(now, session, agreed, chair, &self.ice, || ()) {
            self.deny(from, &frame);
            return self.conclude(holder, room, Verdict::Refused(Role::Offerer, Refusal::Gone));
        }
        bridge.hear(now, from, frame);
        let Proposal { by, waited, .. } = request.proposal;
        self.sits(now, &ticket, bridge, by);
        if let Some(trace) = self.metrics.traces.of(now, room) {
            let how = (ticket.preferences.mode, by, Scope::Cluster);
            trace.paired(since.before(waited).min(ticket.since), how);
            trace.matched(Role::Offerer, ticket.since, how);
            trace.seated(since);
        }
        self.metrics.pairs[ticket.preferences.mode].inc();
        self.metrics.cluster.confirmed(now - since);
        self.conclude(holder, room, Verdict::Seated);
    }

    /// The other side's owner refuses.
    fn refused(&mut self, now: Moment, room: RoomId, why: Refusal) {
        let abroad = self.abroad.as_mut().expect("others are why this is called");
        let Some(promise) = abroad.end_promise(room) else { return };
        let Promise { ticket, holder, request, .. } = promise;
        if why == Refusal::ApartForGood {
            let Proposal { offerer, answerer, .. } = &request.proposal;
            self.pool.reported(names(offerer.name(), answerer.name()));
        }
        self.take_back(now, room, ticket);
        self.conclude(holder, room, Verdict::Refused(Role::Answerer, why));
    }

    /// Whoever was promised waits like before.
    fn take_back(&mut self, now: Moment, room: RoomId, ticket: Ticket<Invitation>) {
        if ticket.owner.session.lock().state.take_back(room) {
            self.place(now, ticket);
        }
    }

    /// Something was said in a room to which no bridge leads, or none led when it
    /// came.
    fn stray(&mut self, now: Moment, from: NodeId, frame: Frame) {
        let abroad = self.abroad.as_mut().expect("others are why this is called");
        let membership = &abroad.membership;
        let (room, to) = (frame.room, frame.to);
        match membership.bridges.hear(now, from, frame) {
            Followed::Nothing => (),
            Followed::Over(over) => self.over(now, &over),
            Followed::Stray(frame) => {
                if abroad.promised(room) {
                    // What else is said before this was heard is said again.
                    if let Content::Seated(answerer) = &frame.content {
                        let answerer = (**answerer).clone();
                        self.seated(now, from, frame, answerer);
                    }
                    return;
                }
                match membership.departures.find(now, room, to) {
                    Some(Whereabouts::At(node, moves)) => {
                        self.post(from, Letter::Moved { room, to: frame.from, node, moves });
                    }
                    // It says itself where it is.
                    Some(Whereabouts::OnItsWay) => (),
                    None if membership.departures.may_come(now) => (),
                    None => self.deny(from, &frame),
                }
            }
        }
    }

    /// The other side of a room gave it up, or can't be reached.
    fn over(&mut self, now: Moment, over: &Over) {
        let Over { bridge, reason } = over;
        let room = bridge.room();
        // Whoever left by themselves have told when.
        let sits = matches!(bridge.session().lock().state.standing(room), Standing::Here(_));
        if sits {
            self.pool.parted(now, names(bridge.session().name(), bridge.opposite().name()));
        }
        part(now, bridge.session(), bridge.room(), *reason);
    }

    /// The ticket of a side that this node owns, if nothing speaks against its
    /// sitting opposite `other`.
    fn agree(&self, now: Moment, side: &Side, other: &Side) -> Result<Ticket<Invitation>, Refusal> {
        let abroad = self.abroad.as_ref().ok_or(Refusal::Gone)?;
        let ticket = abroad.offered(side.session, side.epoch).ok_or(Refusal::Gone)?;
        if let Some(why) = self.pool.apart(now, names(side.name(), other.name())) {
            return Err(why);
        }
        let state = &ticket.owner.session.lock().state;
        if state.awaits(side.epoch) {
            Ok(ticket.clone())
        } else if state.waits_under(side.epoch) {
            Err(Refusal::Busy)
        } else {
            Err(Refusal::Gone)
        }
    }

    /// Someone of this node sits in a room with someone of another.
    fn sits(
        &mut self,
        now: Moment,
        ticket: &Ticket<Invitation>,
        bridge: Arc<Bridge>,
        by: MatchedBy,
    ) {
        self.pool.leave(ticket.session);
        self.withdraw(ticket.session);
        self.metrics.paired(ticket.preferences.mode, by, Scope::Cluster, now - ticket.since);
        let abroad = self.abroad.as_ref().expect("others are why this is called");
        abroad.membership.bridges.add(bridge);
    }

    fn new_bridge(
        &self,
        ticket: &Ticket<Invitation>,
        room: RoomId,
        opposite: Likeness,
        node: NodeId,
    ) -> Arc<Bridge> {
        let abroad = self.abroad.as_ref().expect("others are why this is called");
        let road = abroad.membership.bridges.road();
        let far = Far { node, moves: 0 };
        Bridge::new(room, ticket.owner.session.clone(), opposite, far, road)
    }

    fn conclude(&self, holder: NodeId, room: RoomId, verdict: Verdict) {
        if let Verdict::Refused(_, why) = verdict {
            self.metrics.cluster.refused(why);
        }
        self.post(holder, Letter::Outcome { room, verdict });
    }

    /// Says to who spoke that nobody sits opposite.
    fn deny(&self, node: NodeId, frame: &Frame) {
        let Frame { room, from, moves, heard, .. } = *frame;
        self.post(node, Letter::Gone { room, to: from, moves, heard });
    }

    fn post(&self, to: NodeId, letter: Letter) {
        if let Some(abroad) = &self.abroad {
            abroad.post(to, letter);
        }
    }

    fn bridge(&self, room: RoomId, session: SessionId) -> bool {
        let bridges = self.abroad.as_ref().map(|abroad| &abroad.membership.bridges);
        bridges.is_some_and(|bridges| bridges.find(room, session).is_some())
    }

    fn is_promised(&self, room: RoomId) -> bool {
        self.abroad.as_ref().is_some_and(|abroad| abroad.promised(room))
    }

    fn me(&self) -> NodeId {
        self.abroad.as_ref().expect("others are why this is called").membership.me
    }
}

fn chair(
    proposal: &Proposal,
    role: Role,
    bridge: &Arc<Bridge>,
    counted: Option<Arc<Counted>>,
) -> Chair {
    let (side, opposite) = match role {
        Role::Offerer => (&proposal.offerer, &proposal.answerer),
        Role::Answerer => (&proposal.answerer, &proposal.offerer),
    };
    Chair {
        room: proposal.room,
        role,
        terms: Arc::new(proposal.terms.clone()),
        names: names(side.name(), opposite.name()),
        identity: bridge.opposite().identity.into(),
        partner: Partner { way: Way::There(bridge.clone()), _room: counted },
    }
}
