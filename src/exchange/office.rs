//! A node's part among others: takes the letters that come in, and acts on them
//! or hands them to who does.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};
use tokio::time::sleep;

use super::awake::Awake;
use super::bridge::Far;
use super::bridges::{Bridges, Followed};
use super::claims::Claims;
use super::courier::{Courier, letters, sender};
use super::departures::{Departure, Departures};
use super::gate::Gate;
use super::leases::Leases;
use super::letter::{Answer, Letter};
use super::members::{Change, Members, Status, Sums};
use super::plan::Plan;
use super::post::Post;
use super::seekers::Seekers;
use super::waking::Waking;
use crate::clock::Moment;
use crate::ids::NodeId;
use crate::matchmaking::broker::Broker;
use crate::matchmaking::host::{Event, Foreign, Holders, Membership};
use crate::matchmaking::parts;
use crate::matchmaking::proposal::Proposal;
use crate::metrics::Metrics;
use crate::session::node::Node;

/// How long after a session went to another node that is remembered, beyond the
/// grace.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Of the time for which a node is taken to be there, this part passes without a look
/// only where this one stood still. In what is left all others are heard.
const STILL: u32 = 2;
/// How often it is looked whether the cluster is reached.
const LOOK: Duration = Duration::from_millis(10);
/// Entries of those who are there follow at once; this is plenty.
const INTRODUCTION: Duration = Duration::from_millis(200);

/// The node among others.
pub struct Office {
    pub(super) plan: Plan,
    pub(super) metrics: Arc<Metrics>,
    pub(super) courier: Arc<Courier>,
    pub(super) bridges: Arc<Bridges>,
    pub(super) departures: Arc<Departures>,
    pub(super) members: Mutex<Members>,
    pub(super) awake: Mutex<Awake>,
    pub(super) gate: Arc<Gate>,
    pub(super) waking: Mutex<Option<Waking>>,
    pub(super) claims: Mutex<Claims>,
    pub(super) leases: Mutex<Leases>,
    pub(super) seekers: Mutex<Seekers>,
    /// Who waits for answers to which question.
    pub(super) questions: Mutex<HashMap<u64, mpsc::Sender<(NodeId, Answer)>>>,
    /// Held while a session comes or goes: in between it is neither here nor known to
    /// have gone.
    pub(super) changing_hands: Mutex<()>,
    pub(super) broker: Mutex<Broker>,
    told: Mutex<Holders>,
    draining: AtomicBool,
    /// Its entries are to be written now.
    pub(super) to_write: Notify,
    /// What it says of itself has changed.
    pub(super) to_say: Notify,
    /// Rings when somebody came who knows of no bans.
    pub(super) newcomers: Notify,
    online_elsewhere: AtomicU64,
    waiting_elsewhere: AtomicU64,
    rooms_elsewhere: AtomicU64,
}

impl Office {
    /// One that knows of nobody at `now`.
    #[must_use]
    pub fn new(now: Moment, plan: Plan, metrics: Arc<Metrics>) -> Arc<Self> {
        let courier = Courier::new(plan.me, metrics.clone());
        let post: Arc<dyn Post> = courier.clone();
        let all_parts = parts::all(plan.parts).collect();
        metrics.cluster.nodes.set(1);
        Arc::new(Self {
            bridges: Arc::new(Bridges::new(post, plan.grace)),
            departures: Arc::new(Departures::new(plan.grace + REMEMBERED)),
            members: Mutex::new(Members::new(now, plan.ttl)),
            awake: Mutex::default(),
            gate: Arc::new(Gate::new(now, plan.ttl / STILL)),
            waking: Mutex::default(),
            claims: Mutex::default(),
            leases: Mutex::new(Leases::new(all_parts, plan.ttl)),
            seekers: Mutex::new(Seekers::new(plan.grace)),
            questions: Mutex::default(),
            changing_hands: Mutex::default(),
            broker: Mutex::new(Broker::new(plan.rules, rand::random())),
            told: Mutex::new(Holders { alone: true, ..Holders::default() }),
            draining: AtomicBool::new(false),
            to_write: Notify::new(),
            to_say: Notify::new(),
            newcomers: Notify::new(),
            online_elsewhere: AtomicU64::new(0),
            waiting_elsewhere: AtomicU64::new(0),
            rooms_elsewhere: AtomicU64::new(0),
            courier,
            metrics,
            plan,
        })
    }

    /// How its host takes part.
    #[must_use]
    pub fn membership(&self) -> Membership {
        Membership {
            me: self.plan.me,
            bridges: self.bridges.clone(),
            departures: self.departures.clone(),
            parts: self.plan.parts,
        }
    }

    /// Where its people wait while it does not know what became of them.
    #[must_use]
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// The people of all other nodes.
    #[must_use]
    pub fn elsewhere(&self) -> Sums {
        Sums {
            online: self.online_elsewhere.load(Ordering::Relaxed),
            waiting: self.waiting_elsewhere.load(Ordering::Relaxed),
            rooms: self.rooms_elsewhere.load(Ordering::Relaxed),
        }
    }

    /// The node takes no new people from now on.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
        self.to_write.notify_one();
        self.to_say.notify_one();
    }

    /// Whether it takes no new people.
    #[must_use]
    pub fn draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Whether another node takes new people.
    pub(super) fn others_ready(&self) -> bool {
        !self.members.lock().ready().is_empty()
    }

    /// Returns when this node has reached the cluster, and heard of those who were
    /// there already.
    pub async fn met_others(&self) {
        while !self.courier.reached() {
            sleep(LOOK).await;
        }
        sleep(INTRODUCTION).await;
    }

    /// What this node says of itself.
    pub(super) fn status(&self, now: Moment) -> Status {
        let count = |value: i64| u64::try_from(value).unwrap_or(0);
        Status {
            name: self.plan.name.clone(),
            ready: !self.draining(),
            online: self.metrics.online(),
            waiting: count(self.metrics.waiting()),
            rooms: count(self.metrics.rooms.get()),
            missed: self.members.lock().missed(now),
        }
    }

    /// Takes a bag of letters.
    pub fn take_bag(&self, node: &Arc<Node>, bag: &[u8]) {
        let Some(from) = sender(bag) else { return self.metrics.cluster.letters_unread.inc() };
        let now = node.clock.now();
        self.look(now);
        for letter in letters(bag) {
            match letter {
                Some(letter) => self.take(node, now, from, letter),
                None => self.metrics.cluster.letters_unread.inc(),
            }
        }
    }

    fn take(&self, node: &Arc<Node>, now: Moment, from: NodeId, letter: Letter) {
        match letter {
            // Late, from a node that is lost: nobody would answer for it.
            Letter::Offer(_) if self.lacks(now, from) => (),
            Letter::Offer(offer) => {
                let proposal = self.broker.lock().offer(now, from, *offer);
                self.propose(proposal);
            }
            Letter::Withdraw { session, epoch } => {
                self.broker.lock().withdraw(from, session, epoch);
            }
            Letter::Outcome { room, verdict } => {
                self.trace_outcome(now, room, verdict);
                let proposals = self.broker.lock().outcome(now, room, verdict);
                self.propose(proposals);
            }
            Letter::Propose(proposal) => tell(node, Foreign::Proposed(from, *proposal)),
            Letter::Seat(request) => tell(node, Foreign::Asked(from, *request)),
            Letter::NotSeated { room, why } => tell(node, Foreign::Refused(room, why)),
            Letter::Frame(frame) => match self.bridges.hear(now, from, *frame) {
                Followed::Nothing => (),
                Followed::Over(over) => tell(node, Foreign::Over(over)),
                Followed::Stray(frame) => tell(node, Foreign::Stray(from, frame)),
            },
            Letter::Confirm { room, to, heard } => {
                if let Some(bridge) = self.bridges.find(room, to) {
                    bridge.confirmed(now, from, heard);
                }
            }
            Letter::Gone { room, to, moves, heard } => {
                if let Some(over) = self.bridges.gone(from, room, to, moves, heard) {
                    tell(node, Foreign::Over(over));
                }
            }
            Letter::Moved { room, to, node: at, moves } => {
                self.bridges.moved(now, from, room, to, Far { node: at, moves });
            }
            // What it has may be outdated, and who met whom unread; it is asked again.
            Letter::Ask { .. } if self.gate.pairs_nobody(now) => (),
            Letter::Ask { question, token } => {
                if let Some(answer) = self.answer(node, now, from, token) {
                    let answer = Box::new(answer);
                    self.courier.post(from, Letter::Answer { question, answer });
                }
            }
            Letter::Answer { question, answer } => self.answered(node, from, question, *answer),
            Letter::Adopt(record) => self.adopt(node, from, *record),
            Letter::Adopted { session, epoch } => {
                self.departures.arrived(session, epoch, from);
            }
            Letter::Declined { session, epoch } => {
                self.hand_elsewhere(node, now, from, session, epoch);
            }
            Letter::Forgotten => tell(node, Foreign::Forgotten(from)),
            Letter::Woke { question } => self.hear_woke(node, from, question),
            Letter::Claims { batch, question } => {
                self.hear_claims(node, now, from, &batch, question);
            }
            Letter::Claimed { up_to } => self.claims.lock().heard(from, up_to),
            Letter::Status(status) => self.hear_member(now, from, Some(*status)),
            Letter::Moderation(circular) => node.moderation.hear(*circular),
        }
    }

    /// Whether it is known that another node is not there.
    pub(super) fn lacks(&self, now: Moment, node: NodeId) -> bool {
        node != self.plan.me && self.members.lock().lacks(now, node)
    }

    /// Brings about what time alone does.
    pub(super) fn tick(&self, node: &Arc<Node>, now: Moment) {
        self.look(now);
        self.wake_up(node, now);
        self.say_claims(node, now);
        for over in self.bridges.look_after(now, |node| self.lacks(now, node)) {
            tell(node, Foreign::Over(over));
        }
        for Departure { to, record, .. } in self.departures.overdue(now) {
            let Some(record) = record else { continue };
            if self.lacks(now, to) {
                self.take_back(node, record);
            } else {
                self.courier.post(to, Letter::Adopt(record.into()));
            }
        }
        let proposals = self.broker.lock().advance(now);
        self.propose(proposals);
        let lost = self.members.lock().expire(now);
        for node in &lost {
            tracing::warn!(%node, "a node is lost");
            self.broker.lock().lose_node(*node);
            self.bridges.lost(now, *node);
        }
        if !lost.is_empty() {
            self.sum();
        }
        self.metrics.cluster.bridges.set(i64::try_from(self.bridges.count()).unwrap_or(i64::MAX));
        let members = self.members.lock();
        self.leases.lock().expire(now, |node| node == self.plan.me || members.has(node));
        drop(members);
        self.tell_holders(node);
    }

    /// A node says something of itself, or (`None`) that it goes.
    pub(super) fn hear_member(&self, now: Moment, member: NodeId, mut status: Option<Status>) {
        if member == self.plan.me {
            return;
        }
        if let Some(status) = &mut status {
            // Who took this node for lost has not heard yet that it is there.
            status.missed.retain(|(node, _)| *node != self.plan.me);
        }
        let name = status.as_ref().map(|status| status.name.clone()).unwrap_or_default();
        let change = self.members.lock().hear(now, member, status);
        match change {
            Change::Came => {
                tracing::info!(node = %member, name, "a node came");
                self.newcomers.notify_one();
                self.courier.post(member, Letter::Forgotten);
                // Who stood there when it was lost may still do so.
                self.bridges.announce_to(now, member);
            }
            Change::Went => {
                tracing::info!(node = %member, "a node went");
                self.broker.lock().lose_node(member);
                self.bridges.lost(now, member);
            }
            Change::None => (),
        }
        self.sum();
    }

    /// The cluster is reached, or can't be any more.
    pub(super) fn reach(&self, node: &Node, now: Moment, reached: bool) {
        self.courier.set_reached(reached);
        self.members.lock().reach(now, reached);
        if reached {
            tracing::info!("the cluster is reached");
            self.newcomers.notify_one();
            self.bridges.announce(now);
            tell(node, Foreign::Reached);
        } else {
            tracing::warn!("the cluster can't be reached; people here are paired with each other");
        }
    }

    /// Tells the host where it changed who holds what.
    pub(super) fn tell_holders(&self, node: &Node) {
        let holders = Holders {
            of: self.leases.lock().holders(),
            alone: self.members.lock().all().is_empty(),
        };
        let mut told = self.told.lock();
        if *told == holders {
            return;
        }
        let before = std::mem::replace(&mut *told, holders.clone());
        drop(told);
        let changed =
            holders.of.iter().filter(|(part, holder)| before.of.get(part) != Some(holder));
        self.metrics.cluster.lease_changes.inc_by(changed.count() as u64);
        tell(node, Foreign::Holders(holders));
    }

    fn sum(&self) {
        let members = self.members.lock();
        let sums = members.sums();
        self.metrics.cluster.nodes.set(i64::try_from(members.all().len()).unwrap_or(0) + 1);
        self.online_elsewhere.store(sums.online, Ordering::Relaxed);
        self.waiting_elsewhere.store(sums.waiting, Ordering::Relaxed);
        self.rooms_elsewhere.store(sums.rooms, Ordering::Relaxed);
    }

    /// Its pairs go to the owners of the offerers' sides.
    fn propose(&self, proposals: impl IntoIterator<Item = Proposal>) {
        for proposal in proposals {
            self.courier.post(proposal.offerer.node, Letter::Propose(Box::new(proposal)));
        }
    }
}

fn tell(node: &Node, news: Foreign) {
    node.matchmaker.tell(Event::Abroad(Box::new(news)));
}

impl fmt::Debug for Office {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Office").field("me", &self.plan.me).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
