//! A session as others hold it: its state, its outbox, and a bell for the task
//! that serves its connection.
//!
//! The lock is held for a few instructions and never across an await. Nobody
//! holds two at once but whoever seats two people, and that takes them in the
//! order of their addresses.

use std::sync::Arc;
use std::task::{Context, Poll};

use parking_lot::{Mutex, MutexGuard};

use super::bell::Bell;
use super::outbox::Outbox;
use super::state::State;
use crate::clock::Moment;
use crate::ids::{PersonId, SessionId};
use crate::metrics::OpenRoom;
use crate::protocol::{CloseCode, Encoded, ServerMessage};

/// One person's session.
#[derive(Debug)]
pub struct Session {
    id: SessionId,
    desk: Mutex<Desk>,
    bell: Bell,
}

/// The way to who sits opposite.
#[derive(Debug)]
pub struct Partner {
    /// Their session.
    pub session: Arc<Session>,
    /// Counts the room for as long as one of its two seats is taken.
    pub _room: Arc<OpenRoom>,
}

/// What the lock guards.
#[derive(Debug, Default)]
pub struct Desk {
    /// Where the session stands.
    pub state: State<Partner>,
    outbox: Outbox,
    closing: Option<CloseCode>,
}

impl Session {
    /// A new one, idle.
    #[must_use]
    pub fn new(id: SessionId) -> Arc<Self> {
        Arc::new(Self { id, desk: Mutex::default(), bell: Bell::default() })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// Who is kept apart from former partners.
    #[must_use]
    pub fn person(&self) -> PersonId {
        self.id.into()
    }

    /// Locks it.
    pub fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock()
    }

    /// Tells the connection's task that the outbox has something.
    pub fn ring(&self) {
        self.bell.ring();
    }

    /// Sends `message`.
    pub fn send(&self, message: &ServerMessage<'_>) {
        self.lock().push(message.encode(), None);
        self.ring();
    }

    /// Has its connection closed with `code`, after what already waits.
    pub fn close(&self, code: CloseCode) {
        self.lock().closing.get_or_insert(code);
        self.ring();
    }

    pub(super) fn poll_rung(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.bell.poll_heard(cx)
    }
}

impl Desk {
    /// Puts `message` into the outbox; the caller rings. If that is full the
    /// client doesn't read: all that waits is let go and it will be closed.
    pub fn push(&mut self, message: Encoded, received: Option<Moment>) {
        if self.closing.is_none() && self.outbox.push(message, received).is_err() {
            self.outbox.clear();
            self.closing = Some(CloseCode::TryAgainLater);
        }
    }

    /// What waits to be sent.
    pub fn outbox(&mut self) -> &mut Outbox {
        &mut self.outbox
    }

    /// The code with which the connection is to be closed, if it is.
    #[must_use]
    pub fn closing(&self) -> Option<CloseCode> {
        self.closing
    }
}
