//! One node: the parts that decide, and how news get from one to the other, as
//! the office and the tasks of a node do it, but in virtual time.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use passerby::clock::Moment;
use passerby::exchange::bridge::Far;
use passerby::exchange::bridges::{Bridges, Followed};
use passerby::exchange::claims::Claims;
use passerby::exchange::departures::{Departure, Departures};
use passerby::exchange::letter::Letter;
use passerby::exchange::members::{Change, Members, Status};
use passerby::exchange::post::Post;
use passerby::exchange::seekers::Seekers;
use passerby::exchange::waking::Waking;
use passerby::guard::address::AddressLimits;
use passerby::ice::Ice;
use passerby::ids::{NodeId, PersonId, RoomId, SessionId};
use passerby::matchmaking::broker::Broker;
use passerby::matchmaking::host::{Event, Foreign, Holders, Host, Membership};
use passerby::matchmaking::proposal::{Acquaintance, Proposal};
use passerby::metrics::Metrics;
use passerby::moderation::Moderation;
use passerby::protocol::Preferences;
use passerby::session::aftermath::News;
use passerby::session::handle::Session;
use passerby::session::link::Link;
use passerby::session::services::Services;
use passerby::session::token::TokenHash;

use super::archive;
use super::coming::Question;
use super::frozen::{Stood, Unread};
use super::rules::Rules;

static NO_LIMITS: AddressLimits = AddressLimits::none();

pub struct Node {
    pub id: NodeId,
    pub rules: Rules,
    pub host: Host,
    pub broker: Broker,
    pub post: Arc<dyn Post>,
    pub bridges: Arc<Bridges>,
    pub departures: Arc<Departures>,
    pub members: Members,
    pub seekers: Seekers,
    pub sessions: BTreeMap<SessionId, Arc<Session>>,
    pub by_token: HashMap<TokenHash, SessionId>,
    /// What the host has not heard yet.
    pub inbox: VecDeque<Event>,
    /// What the tasks of sessions have still to do.
    pub late: BTreeMap<SessionId, VecDeque<Step>>,
    /// When which connection's session ends.
    pub away: BTreeMap<SessionId, (Moment, Link)>,
    pub questions: BTreeMap<u64, Question>,
    pub seated: BTreeMap<SessionId, RoomId>,
    /// Sessions that went on to another node.
    pub went: BTreeSet<SessionId>,
    pub metrics: Arc<Metrics>,
    pub ice: Arc<Ice>,
    pub moderation: Arc<Moderation>,
    pub ticked: Moment,
    /// Who is said to hold the pool.
    pub holders: Holders,
    /// Whose copies outlived a lost owner, and their rooms.
    pub outrun: Vec<(PersonId, Option<RoomId>)>,
    pub claims: Claims,
    pub waking: Option<Waking>,
    pub stood: Stood,
    /// Until when nothing that was sent to it earlier is taken over.
    pub drowsy_until: Moment,
    /// What came while it stood still, from nodes and from clients.
    pub mail: Vec<(NodeId, Letter)>,
    pub unread: VecDeque<Unread>,
    /// The sessions of copies that made way for later ones.
    pub gave_way: Vec<SessionId>,
    /// Who was brought back into which room, having asked for what.
    pub recovered: Vec<(SessionId, PersonId, RoomId, Preferences)>,
    /// Sessions that ended because nobody came back to them.
    pub ended: Vec<SessionId>,
    /// For what the world counts: sessions that came, and reports that were heard.
    pub arrived: u64,
    pub reported: Vec<(PersonId, PersonId)>,
}

/// Where the client of a session is that comes to life here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Client {
    Here,
    Away,
}

/// What a session's task does after the session has changed, in this order.
pub enum Step {
    Tell(Event),
    News(News),
}

impl Node {
    pub fn services(&self) -> Services<'_> {
        Services {
            ice: &self.ice,
            metrics: &self.metrics,
            moderation: &self.moderation,
            limits: &NO_LIMITS,
        }
    }

    pub fn new(now: Moment, id: NodeId, rules: Rules, post: Arc<dyn Post>, seed: u64) -> Self {
        let metrics = Arc::new(Metrics::new());
        let ice = Arc::new(Ice::none());
        let bridges = Arc::new(Bridges::new(post.clone(), rules.grace));
        let departures = Arc::new(Departures::new(rules.grace + rules.remembered));
        let membership = Membership {
            me: id,
            bridges: bridges.clone(),
            departures: departures.clone(),
            parts: rules.parts,
        };
        let host = Host::new(rules.pairing, seed, ice.clone(), metrics.clone());
        let mut members = Members::new(now, rules.ttl);
        members.reach(now, true);
        Self {
            id,
            host: host.with_others(membership),
            broker: Broker::new(rules.pairing, seed + 1),
            post,
            bridges,
            departures,
            members,
            seekers: Seekers::new(rules.grace),
            sessions: BTreeMap::new(),
            by_token: HashMap::new(),
            inbox: VecDeque::new(),
            late: BTreeMap::new(),
            away: BTreeMap::new(),
            questions: BTreeMap::new(),
            seated: BTreeMap::new(),
            went: BTreeSet::new(),
            metrics,
            ice,
            moderation: archive::moderation(),
            ticked: now,
            holders: Holders { alone: true, ..Holders::default() },
            outrun: Vec::new(),
            claims: Claims::default(),
            waking: None,
            stood: Stood::default(),
            drowsy_until: Moment::default(),
            mail: Vec::new(),
            unread: VecDeque::new(),
            gave_way: Vec::new(),
            recovered: Vec::new(),
            ended: Vec::new(),
            arrived: 0,
            reported: Vec::new(),
            rules,
        }
    }

    /// Takes a letter; the counterpart of `Office::take`.
    pub fn take(&mut self, now: Moment, from: NodeId, letter: Letter) {
        match letter {
            Letter::Moderation(_) => (),
            Letter::Offer(_) if from != self.id && self.members.lacks(now, from) => (),
            Letter::Offer(offer) => {
                let proposal = self.broker.offer(now, from, *offer);
                self.propose(proposal);
            }
            Letter::Withdraw { session, epoch } => self.broker.withdraw(from, session, epoch),
            Letter::Outcome { room, verdict } => {
                let proposals = self.broker.outcome(now, room, verdict);
                self.propose(proposals);
            }
            Letter::Propose(proposal) => self.tell(Foreign::Proposed(from, *proposal)),
            Letter::Seat(request) => self.tell(Foreign::Asked(from, *request)),
            Letter::NotSeated { room, why } => self.tell(Foreign::Refused(room, why)),
            Letter::Woke { question } => self.hear_woke(from, question),
            Letter::Claims { batch, question } => self.hear_claims(now, from, &batch, question),
            Letter::Claimed { up_to } => self.claims.heard(from, up_to),
            Letter::Forgotten => self.tell(Foreign::Forgotten(from)),
            // What members say of themselves is not simulated.
            Letter::Status(_) => (),
            Letter::Frame(frame) => match self.bridges.hear(now, from, *frame) {
                Followed::Nothing => (),
                Followed::Over(over) => self.tell(Foreign::Over(over)),
                Followed::Stray(frame) => self.tell(Foreign::Stray(from, frame)),
            },
            Letter::Confirm { room, to, heard } => {
                if let Some(bridge) = self.bridges.find(room, to) {
                    bridge.confirmed(now, from, heard);
                }
            }
            Letter::Gone { room, to, moves, heard } => {
                if let Some(over) = self.bridges.gone(from, room, to, moves, heard) {
                    self.tell(Foreign::Over(over));
                }
            }
            Letter::Moved { room, to, node: at, moves } => {
                self.bridges.moved(now, from, room, to, Far { node: at, moves });
            }
            Letter::Ask { .. } if self.pairs_nobody() => (),
            Letter::Ask { question, token } => self.answer(now, from, question, token),
            Letter::Answer { question, answer } => self.answered(now, from, question, *answer),
            Letter::Adopt(record) => self.take_over(now, from, *record, Client::Away),
            Letter::Adopted { session, epoch } => {
                self.departures.arrived(session, epoch, from);
            }
            // No node stops in an orderly way here.
            Letter::Declined { .. } => (),
        }
    }

    pub fn tell(&mut self, news: Foreign) {
        self.inbox.push_back(Event::Abroad(news.into()));
    }

    fn propose(&mut self, proposals: impl IntoIterator<Item = Proposal>) {
        for proposal in proposals {
            self.post.post(proposal.offerer.node, Letter::Propose(proposal.into()));
        }
    }

    /// The counterpart of `Office::tick`.
    pub fn tick(&mut self, now: Moment) {
        self.ticked = now;
        self.wake_up(now);
        self.say_claims(now);
        let gone = |node| node != self.id && self.members.lacks(now, node);
        for over in self.bridges.look_after(now, gone) {
            self.tell(Foreign::Over(over));
        }
        for Departure { to, record, .. } in self.departures.overdue(now) {
            let Some(record) = record else { continue };
            if to != self.id && self.members.lacks(now, to) {
                self.take_back(now, record);
            } else {
                self.post.post(to, Letter::Adopt(record.into()));
            }
        }
        let proposals = self.broker.advance(now);
        self.propose(proposals);
        for lost in self.members.expire(now) {
            self.broker.lose_node(lost);
            self.bridges.lost(now, lost);
        }
        self.tell_holders(None);
        self.ask_again(now);
        self.end_the_absent(now);
    }

    /// Tells the host who holds the pool, where that has changed.
    pub fn tell_holders(&mut self, of: Option<Holders>) {
        let mut holders = of.unwrap_or_else(|| self.holders.clone());
        holders.alone = self.members.all().is_empty();
        if holders != self.holders {
            self.holders = holders.clone();
            self.tell(Foreign::Holders(holders));
        }
    }

    /// What it says of itself, as far as it matters here.
    pub fn status(&self, now: Moment) -> Status {
        let mut missed = self.members.missed(now);
        missed.sort_unstable();
        Status { ready: true, missed, ..Status::default() }
    }

    pub fn hear_member(&mut self, now: Moment, member: NodeId, mut status: Status) {
        status.missed.retain(|(node, _)| *node != self.id);
        if self.members.hear(now, member, Some(status)) == Change::Came {
            self.post.post(member, Letter::Forgotten);
            self.bridges.announce_to(now, member);
        }
    }

    pub fn reach(&mut self, now: Moment, reached: bool) {
        self.members.reach(now, reached);
        if reached {
            self.bridges.announce(now);
            self.tell(Foreign::Reached);
        }
    }

    /// The host hears what was told to it first.
    pub fn hear(&mut self, now: Moment) {
        if self.pairs_nobody() {
            return;
        }
        self.host.advance(now);
        let Some(event) = self.inbox.pop_front() else { return };
        if let Event::Separates([by, of]) = &event {
            self.reported.push((*by, *of));
        }
        let moves = if let Event::Moves { gone, .. } = &event { *gone } else { None };
        let known = moves.map(|person| self.known_here_of(now, person));
        self.host.apply(now, event);
        let still = moves.map(|person| self.known_here_of(now, person));
        assert_eq!(known, still, "rule 4: what this node's people know of who goes stays");
    }

    /// What this node's people know of a person, each of whom the host has heard.
    fn known_here_of(&self, now: Moment, person: PersonId) -> Vec<(PersonId, Acquaintance)> {
        let coming = |other: PersonId| {
            let comes =
                |event: &Event| matches!(event, Event::Arrives { person, .. } if *person == other);
            self.inbox.iter().any(comes)
        };
        let here = self.sessions.values().map(|session| session.person());
        let here = here.filter(|other| *other != person && !coming(*other));
        let known = here.flat_map(|other| {
            self.host.acquaintances(now, other).into_iter().map(move |known| (other, known))
        });
        known.filter(|(_, known)| known.person == person).collect()
    }
}
