//! A session as a file holds it, between a process that stops and the next.
//!
//! Times are kept as ages, since no two processes share a monotonic clock.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::desk::{Desk, Partner};
use super::handle::Session;
use super::node::Node;
use super::outbox::OutboxRecord;
use super::state::StateRecord;
use super::token::TokenHash;
use crate::clock::Moment;
use crate::ids::{RoomId, SessionId};
use crate::metrics::Counted;

/// One session.
#[derive(Debug, Serialize, Deserialize)]
pub struct SessionRecord {
    id: SessionId,
    token: TokenHash,
    state: StateRecord,
    outbox: OutboxRecord,
}

impl SessionRecord {
    /// Takes all of a session; what its outbox held is moved. `None` where it is
    /// over.
    #[must_use]
    pub fn of(session: &Session, now: Moment) -> Option<Self> {
        let mut desk = session.lock();
        let Desk { state, outbox, .. } = &mut *desk;
        let state = state.record(now, |partner| partner.session.id())?;
        Some(Self { id: session.id(), token: session.token(), state, outbox: outbox.record() })
    }
}

/// Brings recorded sessions to life, each away; `new_session` makes each from
/// its id and token, `open_room` counts a room. A room of which only one side
/// was recorded is over.
pub fn revive(
    records: Vec<SessionRecord>,
    now: Moment,
    new_session: impl Fn(SessionId, TokenHash) -> Arc<Session>,
    open_room: impl Fn() -> Arc<Counted>,
) -> Vec<Arc<Session>> {
    let sessions: HashMap<_, _> =
        records.iter().map(|record| (record.id, new_session(record.id, record.token))).collect();
    let mut rooms: HashMap<RoomId, Arc<Counted>> = HashMap::new();
    for record in records {
        let mut partner = |room: RoomId, id: SessionId| {
            let open = rooms.entry(room).or_insert_with(&open_room).clone();
            sessions.get(&id).map(|session| Partner { session: session.clone(), _room: open })
        };
        let mut desk = sessions[&record.id].lock();
        desk.outbox.restore(record.outbox);
        desk.restore(now, record.state, &mut partner);
    }
    sessions.into_values().collect()
}

/// Brings recorded sessions to life and looks after each for `grace`.
pub fn restore(node: &Arc<Node>, records: Vec<SessionRecord>, grace: Duration) {
    let new_session = |id, token| node.new_session(id, token);
    let revived = revive(records, node.clock.now(), new_session, || node.metrics.open_room());
    for session in revived {
        let (link, bell) = {
            let desk = session.lock();
            (desk.link(), desk.bell())
        };
        node.sessions.add(session.clone());
        actix_rt::spawn(super::presence::keep(node.clone(), session, link, bell, grace));
    }
}
