//! The sessions of a node, as its registry, their tasks and the office look after
//! them.

use std::sync::Arc;

use passerby::clock::Moment;
use passerby::exchange::letter::Letter;
use passerby::exchange::moving::{give_up, install};
use passerby::ids::{NodeId, SessionId};
use passerby::matchmaking::host::Event;
use passerby::session::aftermath::Aftermath;
use passerby::session::attendance::{self, Fate};
use passerby::session::handle::Session;
use passerby::session::record::SessionRecord;
use passerby::session::token::TokenHash;

use super::node::{Client, Node, Step};

impl Node {
    pub fn find(&self, token: TokenHash) -> Option<&Arc<Session>> {
        self.sessions.get(self.by_token.get(&token)?)
    }

    pub fn add(&mut self, session: Arc<Session>) {
        self.by_token.insert(session.token(), session.id());
        self.sessions.insert(session.id(), session);
    }

    pub fn remove(&mut self, session: SessionId) {
        if let Some(session) = self.sessions.remove(&session) {
            self.by_token.remove(&session.token());
        }
        self.away.remove(&session);
    }

    /// What follows from a change at a desk comes now, or later.
    pub fn bring_about(&mut self, session: SessionId, aftermath: Aftermath) {
        let Aftermath { event, news } = aftermath;
        let steps = event.map(Step::Tell).into_iter().chain(news.map(Step::News));
        self.late.entry(session).or_default().extend(steps);
    }

    /// The next of what a session's task has still to do; whether there was any.
    pub fn proceed(&mut self, now: Moment, session: SessionId) -> bool {
        let Some(steps) = self.late.get_mut(&session) else { return false };
        match steps.pop_front() {
            Some(Step::Tell(event)) => self.inbox.push_back(event),
            Some(Step::News(news)) => news.deliver(now),
            None => return self.late.remove(&session).is_none(),
        }
        true
    }

    pub fn busy(&self) -> Option<SessionId> {
        self.late.iter().find(|(_, steps)| !steps.is_empty()).map(|(session, _)| *session)
    }

    pub fn is_busy(&self, session: SessionId) -> bool {
        self.late.get(&session).is_some_and(|steps| !steps.is_empty())
    }

    pub fn end_the_absent(&mut self, now: Moment) {
        let away: Vec<_> = self.away.iter().map(|(id, (due, link))| (*id, *due, *link)).collect();
        for (id, due, link) in away {
            let session = &self.sessions[&id];
            match attendance::look_after(session, link, due <= now, now) {
                Fate::Away(..) => (),
                Fate::Elsewhere => drop(self.away.remove(&id)),
                Fate::Ended(aftermath) => {
                    self.ended.push(id);
                    self.remove(id);
                    self.bring_about(id, aftermath);
                }
            }
        }
    }

    /// The counterpart of `Office::hand_out`.
    pub fn hand_out(
        &mut self,
        now: Moment,
        session: &Arc<Session>,
        to: NodeId,
    ) -> Option<SessionRecord> {
        let mut record = give_up(now, session, to, self.id, &self.bridges)?;
        self.remove(session.id());
        while !self.inbox.is_empty() && !self.pairs_nobody() {
            self.hear(now);
        }
        let (session, person) = (session.id(), session.person());
        self.went.insert(session);
        record.acquaintances = self.host.acquaintances(now, person);
        self.inbox.push_back(Event::Moves { session, gone: Some(person) });
        self.departures.add(now, to, record.clone());
        Some(record)
    }

    /// The counterpart of `Office::take_over`.
    pub fn take_over(&mut self, now: Moment, from: NodeId, record: SessionRecord, client: Client) {
        if now < self.drowsy_until {
            return self.departures.turn_away(now);
        }
        let (session, epoch) = (record.id, record.epoch());
        self.post.post(from, Letter::Adopted { session, epoch });
        let news = self.departures.is_news(now, &record);
        let here = self.find(record.token).cloned();
        if let Some(older) = here.filter(|here| news && here.lock().state.epoch() < epoch) {
            self.supersede(now, &older);
        }
        if news && self.find(record.token).is_none() {
            self.arrived += 1;
            self.settle(now, record, client);
        }
    }

    /// An older copy of a session ends.
    pub fn supersede(&mut self, now: Moment, older: &Arc<Session>) {
        self.ended.push(older.id());
        self.remove(older.id());
        let aftermath = attendance::supersede(older, now);
        self.bring_about(older.id(), aftermath);
        while self.proceed(now, older.id()) {}
    }

    /// The counterpart of `Office::take_back`.
    pub fn take_back(&mut self, now: Moment, mut record: SessionRecord) {
        if self.find(record.token).is_none() {
            self.departures.take_back(record.id);
            self.outrun.push((record.id.into(), record.room()));
            record.outrun();
            self.claim(now, &record);
            self.settle(now, record, Client::Away);
        }
    }

    /// The counterpart of `Office::settle`.
    pub fn settle(&mut self, now: Moment, mut record: SessionRecord, client: Client) {
        let kept = self.metrics.kept_bytes.clone();
        let session = Session::new(record.id, record.token, record.identity, kept);
        let acquaintances = std::mem::take(&mut record.acquaintances);
        self.inbox.push_back(Event::Arrives { person: session.person(), acquaintances });
        let metrics = self.metrics.clone();
        let bridge = install(now, &session, record, &self.bridges, || metrics.open_room());
        if let Some(bridge) = bridge {
            if client == Client::Away {
                bridge.announce(now);
            }
            if !self.can_ask(bridge.far().node) {
                self.bridges.lose(now, &bridge);
            }
        }
        self.add(session.clone());
        self.went.remove(&session.id());
        self.departures.back(session.id());
        let link = session.lock().link();
        self.away.insert(session.id(), (now + self.rules.grace, link));
    }
}
