//! A client comes to a node that doesn't have its session: the node asks the
//! others for it, as `Office::fetch` does.

use std::time::Duration;

use passerby::clock::Moment;
use passerby::exchange::departures::Awaiting;
use passerby::exchange::letter::{Answer, Letter, Orphan};
use passerby::exchange::moving::recover;
use passerby::exchange::trail::{Next, Trail};
use passerby::ids::{NodeId, SessionId};
use passerby::session::attendance::Resume;
use passerby::session::token::TokenHash;

use super::node::{Client, Node};

const PATIENCE: Duration = Duration::from_millis(1500);
const ASK_AGAIN: Duration = Duration::from_millis(300);
const HOPS: usize = 16;

/// Asked for a client that waits for its session.
pub struct Question {
    session: SessionId,
    resume: Resume,
    trail: Trail,
    asked: Vec<NodeId>,
    open: Vec<NodeId>,
    /// What partners know of it, where its node is lost.
    newest: Option<(NodeId, Box<Orphan>)>,
    /// It went on to a node that can't be asked.
    lost: Option<NodeId>,
    may_find: bool,
    again: Moment,
    until: Moment,
    hops: usize,
    pub end: Option<Fetched>,
    _awaiting: Awaiting,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetched {
    Here,
    Recovered,
    Nowhere,
    Unreachable,
}

impl Node {
    /// A client comes that has a session elsewhere.
    pub fn fetch(
        &mut self,
        now: Moment,
        number: u64,
        session: SessionId,
        resume: Resume,
        origin: NodeId,
    ) {
        let may_find = self.seekers.may_find(now, resume.token.hash_as_given());
        let question = Question {
            session,
            resume,
            trail: Trail::begin(origin, |node| self.can_ask(node)),
            asked: Vec::new(),
            open: Vec::new(),
            newest: None,
            lost: None,
            may_find,
            again: now,
            until: now + PATIENCE,
            hops: HOPS,
            end: None,
            _awaiting: self.departures.await_one(),
        };
        self.questions.insert(number, question);
        self.ask(now, number);
    }

    pub fn can_ask(&self, node: NodeId) -> bool {
        node == self.id || self.members.has(node)
    }

    fn ask(&mut self, now: Moment, number: u64) {
        let mut everybody = self.members.all();
        everybody.sort_unstable();
        everybody.push(self.id);
        let Some(question) = self.questions.get_mut(&number) else { return };
        if question.hops == 0 {
            question.end = Some(Fetched::Unreachable);
            return;
        }
        question.hops -= 1;
        question.lost = None;
        question.open = question.trail.at().map_or(everybody, |node| vec![node]);
        question.asked.clone_from(&question.open);
        (question.again, question.until) = (now, now + PATIENCE);
        self.ask_again(now);
    }

    pub fn ask_again(&mut self, now: Moment) {
        let mut over = Vec::new();
        for (number, question) in &mut self.questions {
            if question.end.is_some() || question.again > now {
                continue;
            }
            if question.until <= now {
                over.push(*number);
                continue;
            }
            question.again = (now + ASK_AGAIN).min(question.until);
            for node in &question.open {
                let (question, token) = (*number, question.resume.token.hash());
                self.post.post(*node, Letter::Ask { question, token });
            }
        }
        for number in over {
            if self.questions[&number].newest.is_some() {
                self.bring_back(now, number);
            } else {
                self.end_question(number, Fetched::Unreachable);
            }
        }
    }

    /// The counterpart of `Office::answer`.
    pub fn answer(&mut self, now: Moment, asker: NodeId, question: u64, token: TokenHash) {
        if let Some(answer) = self.what_is_known(now, asker, token) {
            self.post.post(asker, Letter::Answer { question, answer: answer.into() });
        }
    }

    fn what_is_known(&mut self, now: Moment, asker: NodeId, token: TokenHash) -> Option<Answer> {
        if let Some(session) = self.find(token).cloned() {
            if asker == self.id {
                return Some(Answer::Moved(asker));
            }
            let record = self.hand_out(now, &session, asker);
            return Some(record.map_or(Answer::Unknown, |record| Answer::Here(record.into())));
        }
        let answer = match self.departures.of_token(token) {
            Some(departure) => match departure.record {
                Some(_) if asker == self.id && now < self.drowsy_until => return None,
                Some(mut record) if departure.to == asker || !self.can_ask(departure.to) => {
                    if departure.to != asker {
                        record.outrun();
                        self.outrun.push((record.id.into(), record.room()));
                        self.claim(now, &record);
                    }
                    if asker == self.id {
                        self.departures.take_back(record.id);
                    } else {
                        self.departures.add(now, asker, record.clone());
                    }
                    Answer::Here(record.into())
                }
                Some(record) => {
                    self.post.post(departure.to, Letter::Adopt(record.into()));
                    return None;
                }
                None if !self.can_ask(departure.to) => match self.whereabouts(now, token, asker) {
                    Answer::Unknown => Answer::Moved(departure.to),
                    answer => answer,
                },
                None => Answer::Moved(departure.to),
            },
            None => self.whereabouts(now, token, asker),
        };
        Some(answer)
    }

    fn whereabouts(&self, now: Moment, token: TokenHash, asker: NodeId) -> Answer {
        let there = |node| node == self.id || !self.members.lacks(now, node);
        self.bridges.whereabouts(now, token, asker, there)
    }

    /// The counterpart of `Office::answered` and of what waits for it.
    pub fn answered(&mut self, now: Moment, from: NodeId, number: u64, answer: Answer) {
        let open = self.questions.get_mut(&number).filter(|question| question.end.is_none());
        let Some(question) = open else {
            if let Answer::Here(record) = answer {
                self.take_over(now, from, *record, Client::Away);
            }
            return;
        };
        let asked = question.open.len();
        question.open.retain(|node| *node != from);
        let heard_all = asked > 0 && question.open.is_empty();
        match answer {
            Answer::Here(record) => {
                let token = record.token;
                self.take_over(now, from, *record, Client::Here);
                let here = self.find(token).is_some();
                let end = if here { Fetched::Here } else { Fetched::Unreachable };
                return self.end_question(number, end);
            }
            Answer::Moved(to) => {
                let token = question.resume.token.hash();
                if to == self.id && self.find(token).is_some() {
                    return self.end_question(number, Fetched::Here);
                }
                let can_ask = self.can_ask(to);
                let Some(question) = self.questions.get_mut(&number) else { return };
                if can_ask {
                    question.trail.moved(to);
                    return self.ask(now, number);
                }
                question.lost = Some(to);
            }
            Answer::Orphaned(orphan) => {
                let known = question.newest.as_ref().map(|(_, known)| known.epoch());
                if known.is_none_or(|known| known < orphan.epoch()) {
                    question.newest = Some((from, orphan));
                }
            }
            Answer::Unknown => (),
        }
        if heard_all {
            self.all_answered(now, number);
        }
    }

    /// Nobody who was asked has the session.
    fn all_answered(&mut self, now: Moment, number: u64) {
        let Some(question) = self.questions.get_mut(&number) else { return };
        if question.newest.is_some() {
            return self.bring_back(now, number);
        }
        let (me, members) = (self.id, &self.members);
        let can_ask = |node| node == me || members.has(node);
        let next = question.trail.exhausted(question.lost, &question.asked, can_ask);
        let end = match next {
            Next::Ask => return self.ask(now, number),
            Next::Nowhere => Fetched::Nowhere,
            Next::Missing if question.may_find && members.incomplete(now, self.rules.grace) => {
                Fetched::Unreachable
            }
            Next::Missing => Fetched::Nowhere,
        };
        self.end_question(number, end);
    }

    /// The counterpart of `Office::bring_back`.
    fn bring_back(&mut self, now: Moment, number: u64) {
        let Some(question) = self.questions.get_mut(&number) else { return };
        let Some((from, orphan)) = question.newest.take() else { return };
        let seq = question.resume.seq;
        let here = self.find(orphan.likeness.token).is_some();
        self.end_question(number, if here { Fetched::Here } else { Fetched::Recovered });
        if !here {
            let (person, room) = (orphan.likeness.identity.person(), orphan.seat.room);
            let wished = orphan.likeness.preferences.clone();
            self.recovered.push((orphan.likeness.session, person, room, wished));
            let record = recover(*orphan, from, seq, self.ice.privacy);
            self.claim(now, &record);
            self.settle(now, record, Client::Here);
        }
    }

    fn end_question(&mut self, number: u64, end: Fetched) {
        if let Some(question) = self.questions.get_mut(&number) {
            question.end = Some(end);
        }
    }

    /// The questions that are over, with whose they were.
    pub fn take_ended(&mut self) -> Vec<(SessionId, Fetched)> {
        let ended = self.questions.extract_if(.., |_, question| question.end.is_some());
        ended.filter_map(|(_, question)| Some((question.session, question.end?))).collect()
    }
}
