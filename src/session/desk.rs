//! All that is known of one session: where it stands, what it is sent, and
//! which connection it has. Pure: time comes in, and it touches no socket.
//!
//! A session outlives its connections (rule 6). A connection that drops leaves
//! it away: it keeps its room, or its place in the queue, and what it is sent
//! is kept, until it is resumed or its grace is over.

use std::sync::Arc;

use prometheus::IntGauge;

use super::bell::Bell;
use super::handle::Session;
use super::link::Link;
use super::outbox::{Outbox, OutboxRecord, Replay};
use super::state::{State, StateRecord, Wait};
use crate::clock::Moment;
use crate::exchange::bridge::Bridge;
use crate::ids::{RoomId, SessionId};
use crate::metrics::Counted;
use crate::protocol::{CloseCode, Encoded, ServerMessage, WhyLeft};

/// Who sits opposite.
#[derive(Debug)]
pub struct Partner {
    /// The way there.
    pub way: Way,
    /// Counts the room for as long as one of its two seats is taken. Of two nodes
    /// only one counts it.
    pub _room: Option<Arc<Counted>>,
}

/// The way to who sits opposite.
#[derive(Clone, Debug)]
pub enum Way {
    /// On this node.
    Here(Arc<Session>),
    /// On another.
    There(Arc<Bridge>),
}

impl Partner {
    /// Their session.
    #[must_use]
    pub fn id(&self) -> SessionId {
        match &self.way {
            Way::Here(session) => session.id(),
            Way::There(bridge) => bridge.opposite().session,
        }
    }

    /// Their session, if it is on this node.
    #[must_use]
    pub fn here(&self) -> Option<&Arc<Session>> {
        match &self.way {
            Way::Here(session) => Some(session),
            Way::There(_) => None,
        }
    }
}

/// One session's affairs.
#[derive(Debug)]
pub struct Desk {
    /// Where the session stands.
    pub state: State<Partner>,
    /// What it is sent.
    pub outbox: Outbox,
    link: Link,
    bell: Arc<Bell>,
    closing: Option<CloseCode>,
    /// Where the connection's socket is full: the newest number that it took.
    held_up_after: Option<u64>,
}

/// A connection that dropped.
#[derive(Debug)]
pub struct Paused {
    /// The session's link while nobody comes back.
    pub link: Link,
    /// Whether it waited: it must not be paired now.
    pub waited: bool,
}

/// A client that came back.
#[derive(Debug)]
pub struct Resumed {
    /// The number of its connection.
    pub link: Link,
    /// Whether nobody was there; else an older connection is to be closed.
    pub was_away: bool,
    /// The wait that goes on, if it waited and was away.
    pub wait: Option<Wait<Partner>>,
    /// What it is sent again.
    pub replay: Replay,
}

impl Desk {
    pub(super) fn new(kept_bytes: IntGauge) -> Self {
        Self {
            state: State::default(),
            outbox: Outbox::new(kept_bytes),
            link: Link::default(),
            bell: Arc::default(),
            closing: None,
            held_up_after: None,
        }
    }

    /// Gives a new session its first connection, served by who hears `bell`.
    pub fn open(&mut self, bell: &Arc<Bell>) -> Link {
        self.bell = bell.clone();
        self.state.withdraw_permits();
        self.link.attach()
    }

    /// Gives the session to a client that came back and has everything up to
    /// `seq`, if it knows. `None` where the session is over.
    pub fn resume(&mut self, seq: Option<u64>, bell: &Arc<Bell>) -> Option<Resumed> {
        if self.state.ended() || self.overflowed() {
            return None;
        }
        let was_away = !self.link.here();
        self.closing = None;
        if let Some(handed) = self.held_up_after.take() {
            self.outbox.untake(handed);
        }
        let link = self.open(bell);
        let room = self.state.seat().map(|seat| seat.room);
        let replay = self.outbox.resume(seq, room);
        self.state.welcomed();
        let wait = if was_away { self.state.resume() } else { None };
        Some(Resumed { link, was_away, wait, replay })
    }

    /// Takes note that the connection `link` dropped, by which everything up to
    /// `handed` was handed to the network. From now on who hears `bell` looks
    /// after the session. `None` where another connection has it.
    pub fn pause(&mut self, link: Link, handed: u64, bell: &Arc<Bell>) -> Option<Paused> {
        let link = self.link.detach(link)?;
        self.state.withdraw_permits();
        self.bell = bell.clone();
        self.held_up_after = None;
        self.outbox.untake(handed);
        Some(Paused { link, waited: self.state.pause() })
    }

    /// Takes on what a file held; news of its connection go on from `link`. The
    /// client is away, and so is its partner: it is told.
    pub fn restore(
        &mut self,
        now: Moment,
        link: Link,
        record: StateRecord,
        partner: impl FnMut(RoomId, SessionId) -> Option<Partner>,
    ) {
        self.link = link.away();
        let Some(room) = self.state.restore(now, record, partner) else { return };
        let message = if self.state.seat().is_none() {
            ServerMessage::PeerLeft { room, reason: WhyLeft::Disconnected }
        } else if self.state.partner_drops(room) {
            ServerMessage::PeerAway { room }
        } else {
            return;
        };
        self.push(message.encode(), None);
    }

    /// Takes on what another owner recorded, as it stood there. The client is
    /// away; of a room to whose other side there is no way it is told the end.
    pub fn take_over(
        &mut self,
        now: Moment,
        link: Link,
        record: StateRecord,
        partner: Option<Partner>,
    ) {
        self.link = link.away();
        let mut partner = partner;
        let room = self.state.restore(now, record, |_, _| partner.take());
        if let Some(room) = room.filter(|_| self.state.seat().is_none()) {
            let message = ServerMessage::PeerLeft { room, reason: WhyLeft::Disconnected };
            self.push(message.encode(), None);
        }
    }

    /// What it is sent, for another owner; what a full socket did not take counts as
    /// not sent.
    pub fn record_outbox(&mut self) -> OutboxRecord {
        if let Some(handed) = self.held_up_after.take() {
            self.outbox.untake(handed);
        }
        self.outbox.record()
    }

    /// Another node has the session from now on: what its connection here still
    /// says does not count, and it is to be closed.
    pub fn give_up(&mut self, now: Moment) {
        self.link.replace();
        self.state.end(now);
        self.outbox.clear();
    }

    /// Takes note that the connection's socket is full and took everything up
    /// to `handed`, or that it has room again.
    pub fn held_up(&mut self, handed: Option<u64>) {
        self.held_up_after = handed;
    }

    /// Which connection it has, or that it has none.
    #[must_use]
    pub fn link(&self) -> Link {
        self.link
    }

    /// Tells the client that the partner in `room` dropped or is back, unless
    /// newer news were there first.
    pub fn partner_link(&mut self, room: RoomId, link: Link) {
        let message = match self.state.partner_link(room, link.number(), !link.here()) {
            Some(true) => ServerMessage::PeerAway { room },
            Some(false) => ServerMessage::PeerBack { room },
            None => return,
        };
        self.push(message.encode(), None);
    }

    /// Puts `message` into the outbox. If that is full the client doesn't read,
    /// or doesn't come back: all is let go and the session will end.
    pub fn push(&mut self, message: Encoded, received: Option<Moment>) {
        self.push_all([message], received);
    }

    /// The same with many.
    pub fn push_all<'a>(
        &mut self,
        messages: impl IntoIterator<Item = Encoded<'a>>,
        received: Option<Moment>,
    ) {
        if !self.overflowed() && self.outbox.push_all(messages, received).is_err() {
            self.outbox.clear();
            self.state.withdraw_permits();
            self.closing = Some(CloseCode::TryAgainLater);
        }
    }

    /// Tells the client what is true of the connection `link` alone.
    pub fn say(&mut self, link: Link, message: Encoded) {
        if self.heeds(link).is_ok() {
            self.push(message, None);
        }
    }

    /// Moves what a later connection would not want to the end of `frames`: the
    /// last words on the connection `link`.
    pub fn last_words(&mut self, link: Link, frames: &mut Vec<u8>) {
        if self.heeds(link).is_ok() {
            self.outbox.take_unnumbered(frames);
        }
    }

    /// Has the connection closed with `code`.
    pub fn close(&mut self, code: CloseCode) {
        self.state.withdraw_permits();
        self.closing.get_or_insert(code);
    }

    /// Whether what the connection `link` says counts; else the code with which
    /// it is to be closed. Nothing counts once a newer one has the session.
    ///
    /// # Errors
    /// [`CloseCode::Replaced`].
    pub fn heeds(&self, link: Link) -> Result<(), CloseCode> {
        if self.link == link { Ok(()) } else { Err(CloseCode::Replaced) }
    }

    /// Whether the connection `link` is served; else the code with which it is
    /// to be closed.
    ///
    /// # Errors
    /// That code.
    pub fn serves(&self, link: Link) -> Result<(), CloseCode> {
        self.heeds(link)?;
        self.closing.map_or(Ok(()), Err)
    }

    /// A pong on the connection `link` says that the client has everything up to
    /// `seq`.
    pub fn confirm(&mut self, link: Link, seq: u64) {
        if self.heeds(link).is_ok() {
            self.outbox.confirm(seq);
        }
    }

    /// Whether the outbox could not hold what the session was sent.
    #[must_use]
    pub fn overflowed(&self) -> bool {
        self.closing == Some(CloseCode::TryAgainLater)
    }

    /// Who hears it serves the session now.
    pub fn bell(&self) -> Arc<Bell> {
        self.bell.clone()
    }

    /// The same; `None` where it rings already, and who hears it will see all
    /// that was done at the desk before.
    pub fn unheard_bell(&self) -> Option<&Arc<Bell>> {
        Some(&self.bell).filter(|bell| !bell.rings())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ErrorCode, ErrorNote};

    fn words(text: &str) -> Encoded<'static> {
        ServerMessage::Error {
            code: ErrorCode::BadMessage,
            message: text,
            note: ErrorNote::default(),
        }
        .encode()
    }

    #[test]
    fn rule_6_an_older_connection_neither_takes_nor_leaves_words() {
        let mut desk = Desk::new(IntGauge::new("bytes", "of all").unwrap());
        let older = desk.open(&Arc::default());
        let newer = desk.resume(None, &Arc::default()).unwrap().link;
        desk.outbox.push_first(&words("a welcome"));
        desk.say(older, words("not for the newer one"));
        let mut frames = Vec::new();
        desk.last_words(older, &mut frames);
        assert!(frames.is_empty(), "the welcome was the newer connection's");
        desk.last_words(newer, &mut frames);
        let text = String::from_utf8_lossy(&frames);
        assert!(text.contains("a welcome") && !text.contains("newer one"), "{text}");
    }
}
