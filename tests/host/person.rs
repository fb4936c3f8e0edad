//! One simulated person: a session, what its task has still to do, and what its
//! client knows.

use std::collections::VecDeque;
use std::sync::Arc;

use passerby::clock::Moment;
use passerby::ids::RoomId;
use passerby::matchmaking::host::Event;
use passerby::protocol::{Preferences, WhyLeft};
use passerby::session::desk::Partner;
use passerby::session::handle::Session;
use passerby::session::state::{Seat, Wait};

use super::view::View;

/// What a session's task does after the session has changed; in this order,
/// with any time between.
pub enum Step {
    /// Tells the host.
    Tell(Event),
    /// Tells the partner whose room was left.
    Part { partner: Arc<Session>, room: RoomId, reason: WhyLeft },
}

/// A wait that goes on, as far as the person knows.
#[derive(Clone)]
pub struct Waiting {
    pub epoch: u64,
    pub since: Moment,
    pub preferences: Arc<Preferences>,
}

pub struct Person {
    pub session: Arc<Session>,
    pub view: View,
    pub steps: VecDeque<Step>,
    /// Until the person learns of a partner or gives up.
    pub waiting: Option<Waiting>,
    /// Nothing but the steps is left to do.
    pub ended: bool,
}

impl Person {
    pub fn new(session: Arc<Session>) -> Self {
        let (view, steps) = (View::default(), VecDeque::new());
        Self { session, view, steps, waiting: None, ended: false }
    }

    /// Sends `join`.
    pub fn join(&mut self, now: Moment, preferences: Preferences) {
        let wait = self.session.lock().state.join(now, preferences);
        self.begin(wait);
    }

    /// Sends `next`; whether it had an effect.
    pub fn next(&mut self, now: Moment, room: Option<RoomId>) -> bool {
        let wait = self.session.lock().state.next(now, room);
        wait.map(|wait| self.begin(wait)).is_some()
    }

    /// Sends `leave`, or closes the connection for good.
    pub fn leave(&mut self, now: Moment, end: bool) {
        let left = {
            let mut desk = self.session.lock();
            if end { desk.state.end(now) } else { desk.state.leave(now) }
        };
        let (session, person) = (self.session.id(), self.session.person());
        let parted = left.as_ref().map(|seat| seat.names);
        let event = if end {
            Event::Ends { session, gone: Some((person, false)), parted }
        } else {
            Event::Leaves { session, parted }
        };
        self.steps.push_back(Step::Tell(event));
        self.stand_up(left, if end { WhyLeft::Disconnected } else { WhyLeft::Left });
        self.waiting = None;
        self.ended = end;
        self.view.leave();
    }

    /// Sends a `report` of the partner in `room`.
    pub fn report(&mut self, now: Moment, room: RoomId) {
        let desk = self.session.lock();
        if let Some(meeting) = desk.state.reportable(now, room) {
            let names = [self.session.person(), meeting.identity.person()];
            self.steps.push_back(Step::Tell(Event::Separates(names)));
        }
    }

    /// Whether the partner in `room` is still to be told that it is over.
    pub fn is_parting(&self, room: RoomId) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Part { room: left, .. } if *left == room))
    }

    fn begin(&mut self, wait: Wait<Partner>) {
        self.steps.push_back(Step::Tell(Event::waits(&self.session, &wait)));
        let Wait { epoch, since, preferences, left } = wait;
        if self.waiting.is_none() {
            self.view.leave();
        }
        self.waiting = Some(Waiting { epoch, since, preferences });
        self.stand_up(left, WhyLeft::Next);
    }

    fn stand_up(&mut self, left: Option<Seat<Partner>>, reason: WhyLeft) {
        if let Some(Seat { room, partner, .. }) = left {
            self.steps.push_back(Step::Part {
                partner: partner.here().expect("all are on one node").clone(),
                room,
                reason,
            });
        }
    }
}
