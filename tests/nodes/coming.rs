//! A client comes to a node that doesn't have its session: the node asks the
//! others for it, as `Office::fetch` does.

use std::time::Duration;

use passerby::clock::Moment;
use passerby::exchange::departures::Awaiting;
use passerby::exchange::inquiry::{Found, Inquiry};
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
    inquiry: Inquiry,
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
            inquiry: Inquiry::default(),
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
        let nodes = question.trail.at().map_or(everybody, |node| vec![node]);
        question.inquiry = Inquiry::of(nodes);
        (question.again, question.until) = (now, now + PATIENCE);
        self.ask_again(now);
    }

    pub fn ask_again(&mut self, now: Moment) {
        let (me, members) = (self.id, &self.members);
        let mut over = Vec::new();
        for (number, question) in &mut self.questions {
            if question.end.is_some() || question.again > now {
                continue;
            }
            if question.until <= now {
                over.push((*number, question.inquiry.give_up()));
                continue;
            }
            if let Some(found) = question.inquiry.look(|node| node == me || members.has(node)) {
                over.push((*number, found));
                continue;
            }
            question.again = (now + ASK_AGAIN).min(question.until);
            for node in question.inquiry.open() {
                let (question, token) = (*number, question.resume.token.hash());
                self.post.post(*node, Letter::Ask { question, token });
            }
        }
        for (number, found) in over {
            self.found(now, number, found);
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
        let (me, members) = (self.id, &self.members);
        let can_ask = |node| node == me || members.has(node);
        if let Some(found) = question.inquiry.hear(from, answer, can_ask) {
            self.found(now, number, found);
        }
    }

    /// The counterpart of a turn of `Office::fetch_once`.
    fn found(&mut self, now: Moment, number: u64, found: Found) {
        let token = self.questions[&number].resume.token.hash();
        let lost = match found {
            Found::Record(from, record) => {
                self.take_over(now, from, *record, Client::Here);
                let here = self.find(token).is_some();
                let end = if here { Fetched::Here } else { Fetched::Unreachable };
                return self.end_question(number, end);
            }
            Found::Orphan(from, orphan) => return self.bring_back(now, number, from, *orphan),
            Found::Moved(to) if to == self.id && self.find(token).is_some() => {
                return self.end_question(number, Fetched::Here);
            }
            Found::Moved(to) => {
                self.questions.get_mut(&number).expect("it is open").trail.moved(to);
                return self.ask(now, number);
            }
            Found::Left => {
                self.questions.get_mut(&number).expect("it is open").trail.left();
                return self.ask(now, number);
            }
            Found::Silence => return self.end_question(number, Fetched::Unreachable),
            Found::Nothing => None,
            Found::Lost(to) => Some(to),
        };
        self.go_on(now, number, lost);
    }

    /// Nobody who was asked has the session.
    fn go_on(&mut self, now: Moment, number: u64, lost: Option<NodeId>) {
        let (me, members) = (self.id, &self.members);
        let Some(question) = self.questions.get_mut(&number) else { return };
        let can_ask = |node| node == me || members.has(node);
        let end = match question.trail.exhausted(lost, question.inquiry.heard(), can_ask) {
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
    fn bring_back(&mut self, now: Moment, number: u64, from: NodeId, orphan: Orphan) {
        let seq = self.questions[&number].resume.seq;
        let here = self.find(orphan.likeness.token).is_some();
        self.end_question(number, if here { Fetched::Here } else { Fetched::Recovered });
        if !here {
            let (person, room) = (orphan.likeness.identity.person(), orphan.seat.room);
            let wished = orphan.likeness.preferences.clone();
            self.recovered.push((orphan.likeness.session, person, room, wished));
            let record = recover(orphan, from, seq, self.ice.privacy);
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
