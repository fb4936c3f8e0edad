//! How a node finds a session that another one has, and takes it over.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout_at};

use super::inquiry::{Found, Inquiry};
use super::letter::{Answer, Letter, Orphan};
use super::moving::{give_up, install, recover};
use super::office::Office;
use super::post::Post;
use super::trail::{Next, Trail};
use crate::clock::Moment;
use crate::ids::NodeId;
use crate::matchmaking::host::Event;
use crate::metrics::Handover;
use crate::session::attendance::Resume;
use crate::session::handle::Session;
use crate::session::node::Node;
use crate::session::presence;
use crate::session::record::SessionRecord;
use crate::session::token::TokenHash;

/// How long others may take to answer, and when they are asked again.
const PATIENCE: Duration = Duration::from_millis(1500);
pub(super) const ASK_AGAIN: Duration = Duration::from_millis(300);
/// A session that goes on and on between nodes is not followed farther.
const HOPS: usize = 16;

/// Whether a client's session came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// It is here.
    Here,
    /// There is none any more.
    Nowhere,
    /// Who has it can't be reached now.
    Unreachable,
}

/// Where the client of a session is that comes to life here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// It waits for that, and says so to who sits opposite: that one need not hear
    /// that it was away for no time.
    Here,
    /// It may come back.
    Away,
}

impl Office {
    /// Finds the session of a client that came here, and takes it over.
    pub async fn fetch(&self, node: &Arc<Node>, resume: &Resume) -> Fetched {
        // What no node of this service gave out is nobody's.
        let Some(origin) = resume.token.origin(&node.tokens) else { return Fetched::Nowhere };
        let deadline = Instant::now() + PATIENCE;
        let given = resume.token.hash_as_given();
        let may_find = self.seekers.lock().may_find(node.clock.now(), given);
        loop {
            let fetched = self.fetch_once(node, resume, origin, may_find).await;
            // A node that has just begun soon knows more of the others.
            let soon =
                fetched == Fetched::Unreachable && self.members.lock().young(node.clock.now());
            if !soon || Instant::now() + ASK_AGAIN > deadline {
                if fetched == Fetched::Unreachable {
                    self.metrics.cluster.moved(Handover::Unreachable);
                }
                return fetched;
            }
            sleep(ASK_AGAIN).await;
        }
    }

    async fn fetch_once(
        &self,
        node: &Arc<Node>,
        resume: &Resume,
        origin: NodeId,
        may_find: bool,
    ) -> Fetched {
        let token = resume.token.hash();
        let _awaiting = self.departures.await_one();
        let can_ask = |node| self.can_ask(node);
        let mut trail = Trail::begin(origin, can_ask);
        for _ in 0..HOPS {
            let nodes = trail.at().map_or_else(|| self.everybody(), |node| vec![node]);
            let mut inquiry = Inquiry::of(nodes);
            let lost = match self.ask(&mut inquiry, token).await {
                Found::Record(from, record) => {
                    self.take_over(node, from, *record, Handover::Fetched, Client::Here);
                    // An old copy is no session: it went on from here, and is on its
                    // way back.
                    return if node.sessions.find(token).is_some() {
                        Fetched::Here
                    } else {
                        Fetched::Unreachable
                    };
                }
                Found::Orphan(from, orphan) => {
                    self.bring_back(node, from, *orphan, resume);
                    return Fetched::Here;
                }
                Found::Moved(to) if to == self.plan.me && node.sessions.find(token).is_some() => {
                    return Fetched::Here;
                }
                // Where it is this node, it went on meanwhile: this node knows where.
                Found::Moved(to) => {
                    trail.moved(to);
                    continue;
                }
                Found::Left => {
                    trail.left();
                    continue;
                }
                Found::Silence => return Fetched::Unreachable,
                Found::Nothing => None,
                Found::Lost(to) => Some(to),
            };
            match trail.exhausted(lost, inquiry.heard(), can_ask) {
                Next::Ask => (),
                Next::Nowhere => return Fetched::Nowhere,
                Next::Missing => return self.missing(node.clock.now(), may_find),
            }
        }
        Fetched::Unreachable
    }

    /// Who had the session last can't be asked, and nobody else has it.
    fn missing(&self, now: Moment, may_find: bool) -> Fetched {
        let held = may_find && self.members.lock().incomplete(now, self.plan.grace);
        if held { Fetched::Unreachable } else { Fetched::Nowhere }
    }

    /// A node that has just begun may not have heard of it yet.
    fn is_lost(&self, now: Moment, node: NodeId) -> bool {
        !self.can_ask(node) && !self.members.lock().young(now)
    }

    fn can_ask(&self, node: NodeId) -> bool {
        node == self.plan.me || self.members.lock().has(node)
    }

    fn everybody(&self) -> Vec<NodeId> {
        let mut all = self.members.lock().all();
        all.push(self.plan.me);
        all
    }

    /// Asks nodes for a session until one has it, all have answered, or time is over.
    async fn ask(&self, inquiry: &mut Inquiry, token: TokenHash) -> Found {
        let question = rand::random();
        let (sender, mut answers) = mpsc::channel(inquiry.open().len().max(1));
        self.questions.lock().insert(question, sender);
        let found = self.hear_answers(inquiry, question, token, &mut answers).await;
        self.questions.lock().remove(&question);
        found
    }

    async fn hear_answers(
        &self,
        inquiry: &mut Inquiry,
        question: u64,
        token: TokenHash,
        answers: &mut mpsc::Receiver<(NodeId, Answer)>,
    ) -> Found {
        let can_ask = |node| self.can_ask(node);
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(found) = inquiry.look(can_ask) {
                return found;
            }
            for node in inquiry.open() {
                self.courier.post(*node, Letter::Ask { question, token });
            }
            let again = (Instant::now() + ASK_AGAIN).min(deadline);
            while let Ok(Some((from, answer))) = timeout_at(again, answers.recv()).await {
                if let Some(found) = inquiry.hear(from, answer, can_ask) {
                    return found;
                }
            }
        }
        inquiry.give_up()
    }

    /// What this node knows of a session that `asker` wants. `None` where it is to ask
    /// again.
    pub(super) fn answer(
        &self,
        node: &Arc<Node>,
        now: Moment,
        asker: NodeId,
        token: TokenHash,
    ) -> Option<Answer> {
        if let Some(session) = node.sessions.find(token) {
            if asker == self.plan.me {
                return Some(Answer::Moved(asker));
            }
            let Some(record) = self.hand_out(node, now, &session, asker) else {
                return Some(Answer::Unknown);
            };
            self.metrics.cluster.moved(Handover::Given);
            return Some(Answer::Here(record.into()));
        }
        let answer = match self.departures.of_token(token) {
            Some(departure) => match departure.record {
                // It would not be taken over yet.
                Some(_) if asker == self.plan.me && self.awake.lock().drowsy(now) => return None,
                Some(mut record) if departure.to == asker || self.is_lost(now, departure.to) => {
                    if departure.to != asker {
                        record.outrun();
                        self.claim(now, &record);
                    }
                    if asker == self.plan.me {
                        self.departures.take_back(record.id);
                    } else {
                        self.departures.add(now, asker, record.clone());
                    }
                    Answer::Here(record.into())
                }
                Some(record) => {
                    // Who has it may not know so yet, and would say that it doesn't.
                    self.courier.post(departure.to, Letter::Adopt(record.into()));
                    return None;
                }
                // It went down with that node, which says so no more.
                None if self.is_lost(now, departure.to) => {
                    match self.whereabouts(now, token, asker) {
                        Answer::Unknown => Answer::Moved(departure.to),
                        answer => answer,
                    }
                }
                None => Answer::Moved(departure.to),
            },
            None => self.whereabouts(now, token, asker),
        };
        Some(answer)
    }

    /// What is known of a session by who sits opposite.
    fn whereabouts(&self, now: Moment, token: TokenHash, asker: NodeId) -> Answer {
        // Else each side of a room would be brought back twice where both nodes were
        // restarted: by its own node and by that of the other.
        let there = |node| node == self.plan.me || !self.members.lock().lacks(now, node);
        self.bridges.whereabouts(now, token, asker, there)
    }

    /// Gives a session of this node up to another.
    pub(super) fn hand_out(
        &self,
        node: &Arc<Node>,
        now: Moment,
        session: &Arc<Session>,
        to: NodeId,
    ) -> Option<SessionRecord> {
        let _changing_hands = self.changing_hands.lock();
        // Until it is noted where it went, nobody says that nobody sits there.
        let _moving = self.departures.await_one();
        let mut record = give_up(now, session, to, self.plan.me, &self.bridges)?;
        node.sessions.remove(session);
        record.acquaintances = node.matchmaker.acquaintances(session.person());
        // Who has another session here stays one of this node's people.
        let gone = Some(session.person()).filter(|person| !node.sessions.has(*person));
        node.matchmaker.tell(Event::Moves { session: session.id(), gone });
        self.departures.add(now, to, record.clone());
        Some(record)
    }

    /// An answer came. A session that comes after its question is over is looked
    /// after all the same.
    pub(super) fn answered(&self, node: &Arc<Node>, from: NodeId, question: u64, answer: Answer) {
        let asked = self.questions.lock().get(&question).cloned();
        let unheard = match asked {
            Some(asked) => asked.try_send((from, answer)).err().map(|error| error.into_inner().1),
            None => Some(answer),
        };
        if let Some(Answer::Here(record)) = unheard {
            self.take_over(node, from, *record, Handover::Fetched, Client::Away);
        }
    }

    /// Another node, which stops, hands a session on.
    pub(super) fn adopt(&self, node: &Arc<Node>, from: NodeId, record: SessionRecord) {
        if self.draining() && !self.departures.has_seen(&record) {
            let (session, epoch) = (record.id, record.epoch());
            self.courier.post(from, Letter::Declined { session, epoch });
            return;
        }
        self.take_over(node, from, record, Handover::Adopted, Client::Away);
    }

    fn take_over(
        &self,
        node: &Arc<Node>,
        from: NodeId,
        record: SessionRecord,
        how: Handover,
        client: Client,
    ) {
        let now = node.clock.now();
        // Who gave it up long ago, and has not heard that it came, took it back or gave
        // it to another; else it is said again.
        if self.awake.lock().drowsy(now) {
            return self.departures.turn_away(now);
        }
        let (session, epoch) = (record.id, record.epoch());
        self.courier.post(from, Letter::Adopted { session, epoch });
        let _changing_hands = self.changing_hands.lock();
        let news = self.departures.is_news(now, &record);
        let here = node.sessions.find(record.token);
        let older = here.filter(|here| news && here.lock().state.epoch() < epoch);
        if let Some(older) = older {
            presence::supersede(node, &older);
        }
        if news && node.sessions.find(record.token).is_none() {
            self.metrics.cluster.moved(how);
            self.settle(node, record, client);
        }
    }

    fn bring_back(&self, node: &Arc<Node>, from: NodeId, orphan: Orphan, resume: &Resume) {
        let _changing_hands = self.changing_hands.lock();
        if node.sessions.find(orphan.likeness.token).is_none() {
            self.metrics.cluster.moved(Handover::Recovered);
            let record = recover(orphan, from, resume.seq, node.ice.privacy);
            self.claim(node.clock.now(), &record);
            self.settle(node, record, Client::Here);
        }
    }

    /// A session that never arrived at a node that is lost is this one's again: else
    /// nobody would end it.
    pub(super) fn take_back(&self, node: &Arc<Node>, mut record: SessionRecord) {
        let _changing_hands = self.changing_hands.lock();
        if node.sessions.find(record.token).is_none() {
            self.departures.take_back(record.id);
            record.outrun();
            self.claim(node.clock.now(), &record);
            self.settle(node, record, Client::Away);
        }
    }

    /// Brings a session to life here and looks after it for the grace.
    pub(crate) fn settle(&self, node: &Arc<Node>, mut record: SessionRecord, client: Client) {
        let session = node.new_session(record.id, record.token, record.identity);
        let acquaintances = std::mem::take(&mut record.acquaintances);
        node.matchmaker.tell(Event::Arrives { person: session.person(), acquaintances });
        let count = || node.metrics.open_room();
        let bridge = install(node.clock.now(), &session, record, &self.bridges, count);
        if let Some(bridge) = bridge {
            let now = node.clock.now();
            if client == Client::Away {
                bridge.announce(now);
            }
            if !self.can_ask(bridge.far().node) {
                // Its loss was heard before the session came, and is no news any more.
                self.bridges.lose(now, &bridge);
            }
        }
        node.sessions.add(session.clone());
        self.departures.back(session.id());
        let (link, bell) = {
            let desk = session.lock();
            (desk.link(), desk.bell())
        };
        actix_rt::spawn(presence::keep(node.clone(), session, link, bell, node.grace));
    }
}
