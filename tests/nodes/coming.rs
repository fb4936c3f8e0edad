//! A client comes to a node that doesn't have its session: the node asks the
//! others for it, as `Office::fetch` does.

use std::time::Duration;

use passerby::clock::Moment;
use passerby::exchange::departures::Awaiting;
use passerby::exchange::letter::{Answer, Letter};
use passerby::exchange::moving::recover;
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
    origin: NodeId,
    /// Everybody was asked.
    all: bool,
    asked: Vec<NodeId>,
    open: Vec<NodeId>,
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
        let question = Question {
            session,
            resume,
            origin,
            all: false,
            asked: Vec::new(),
            open: Vec::new(),
            again: now,
            until: now + PATIENCE,
            hops: HOPS,
            end: None,
            _awaiting: self.departures.await_one(),
        };
        self.questions.insert(number, question);
        let at = Some(origin).filter(|origin| self.can_ask(*origin));
        self.ask(now, number, at);
    }

    pub fn can_ask(&self, node: NodeId) -> bool {
        node == self.id || self.members.has(node)
    }

    fn ask(&mut self, now: Moment, number: u64, at: Option<NodeId>) {
        let mut everybody = self.members.all();
        everybody.sort_unstable();
        everybody.push(self.id);
        let Some(question) = self.questions.get_mut(&number) else { return };
        if question.hops == 0 {
            question.end = Some(Fetched::Unreachable);
            return;
        }
        question.hops -= 1;
        question.all = at.is_none();
        question.open = at.map_or(everybody, |node| vec![node]);
        question.asked.clone_from(&question.open);
        (question.again, question.until) = (now, now + PATIENCE);
        self.ask_again(now);
    }

    pub fn ask_again(&mut self, now: Moment) {
        for (number, question) in &mut self.questions {
            if question.end.is_some() || question.again > now {
                continue;
            }
            if question.until <= now {
                question.end = Some(Fetched::Unreachable);
                continue;
            }
            question.again = (now + ASK_AGAIN).min(question.until);
            for node in &question.open {
                let (question, token) = (*number, question.resume.token.hash());
                self.post.post(*node, Letter::Ask { question, token });
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
                None => Answer::Moved(departure.to),
            },
            None => {
                let there = |node| node == self.id || !self.members.lacks(now, node);
                self.bridges.whereabouts(now, token, asker, there)
            }
        };
        Some(answer)
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
        match answer {
            Answer::Here(record) => {
                let token = record.token;
                self.take_over(now, from, *record, Client::Here);
                let here = self.find(token).is_some();
                self.end_question(number, if here { Fetched::Here } else { Fetched::Unreachable });
            }
            Answer::Orphaned(orphan) => {
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
            Answer::Moved(to) => {
                let token = question.resume.token.hash();
                if to == self.id && self.find(token).is_some() {
                    return self.end_question(number, Fetched::Here);
                }
                let at = Some(to).filter(|to| self.can_ask(*to));
                self.ask(now, number, at);
            }
            Answer::Unknown if asked > 0 && question.open.is_empty() => {
                let (all, origin) = (question.all, question.origin);
                let unasked = all && !question.asked.contains(&origin);
                if unasked && self.can_ask(origin) {
                    return self.ask(now, number, Some(origin));
                }
                let lost = unasked && self.members.may_hold(now, Some(origin), self.rules.grace);
                let end = if lost { Fetched::Unreachable } else { Fetched::Nowhere };
                self.end_question(number, end);
            }
            Answer::Unknown => (),
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
