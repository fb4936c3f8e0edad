//! How a session goes from one node to another.
//!
//! Whoever gives it up keeps nothing of it but a copy, until it is known to have
//! arrived, and where it went. Of what is under way nothing is lost: it is part of
//! the record, or it is said again to the new owner.

use std::sync::Arc;

use super::bridge::{Bridge, BridgeRecord, Far};
use super::bridges::Bridges;
use super::letter::Orphan;
use crate::clock::Moment;
use crate::ice::Privacy;
use crate::ids::{NodeId, RoomId};
use crate::metrics::Counted;
use crate::protocol::Role;
use crate::session::desk::{Desk, Partner, Way};
use crate::session::handle::{Session, lock_both};
use crate::session::link::Link;
use crate::session::outbox::OutboxRecord;
use crate::session::record::{SessionRecord, with_bridge};
use crate::session::state::StateRecord;

/// After a session whose node is lost was brought back, its messages begin so far
/// above the last number that its client has: nobody knows how many there were.
const UNKNOWN_MESSAGES: u64 = 1 << 20;

/// Takes all of a session for its new owner; what it still says here counts no
/// more, and its connection will be closed. A partner on this node, `me`, gets a
/// bridge to `to`. `None` where the session is over.
pub fn give_up(
    now: Moment,
    session: &Arc<Session>,
    to: NodeId,
    me: NodeId,
    bridges: &Bridges,
) -> Option<SessionRecord> {
    let record = loop {
        let here = match session.lock().state.seat().map(|seat| (&seat.partner.way, seat.room)) {
            Some((Way::Here(partner), room)) => Some((partner.clone(), room)),
            Some((Way::There(_), _)) | None => None,
        };
        let record = match here {
            Some((partner, room)) => give_up_beside(now, session, &partner, room, to, me, bridges),
            None => give_up_across(now, session, bridges),
        };
        // Where the seat changed meanwhile it is looked at again.
        if let Ok(record) = record {
            break record;
        }
    };
    let bell = session.lock().bell();
    bell.ring();
    record
}

/// The seat is not what it was.
struct Changed;

/// The partner sits on this node as well.
fn give_up_beside(
    now: Moment,
    session: &Arc<Session>,
    partner: &Arc<Session>,
    room: RoomId,
    to: NodeId,
    me: NodeId,
    bridges: &Bridges,
) -> Result<Option<SessionRecord>, Changed> {
    let [mut desk, mut opposite] = lock_both(session, partner);
    let sits = |desk: &Desk, by: &Arc<Session>| {
        let seat = desk.state.seat().filter(|seat| seat.room == room);
        seat.is_some_and(|seat| matches!(&seat.partner.way, Way::Here(p) if Arc::ptr_eq(p, by)))
    };
    if !sits(&desk, partner) {
        return Err(Changed);
    }
    let likeness = session.likeness(&desk);
    let way = BridgeRecord::new(room, partner.likeness(&opposite), Far { node: me, moves: 0 });
    let Some(record) = SessionRecord::at(session, &mut desk, Some(way), now) else {
        return Ok(None);
    };
    // One who has left by now will be said to be gone when the new owner asks.
    if sits(&opposite, session) {
        let far = Far { node: to, moves: 1 };
        let bridge = Bridge::new(room, partner.clone(), likeness, far, bridges.road());
        bridge.hush(now);
        // The node of the offerer counts the room.
        let offerer = opposite.state.seat().filter(|seat| seat.role == Role::Offerer);
        let counted = offerer.and_then(|seat| seat.partner._room.clone());
        opposite.state.reroute(room, Partner { way: Way::There(bridge.clone()), _room: counted });
        bridges.add(bridge);
    }
    desk.give_up(now);
    Ok(Some(record))
}

/// The session sits in no room, or in one with somebody on another node.
fn give_up_across(
    now: Moment,
    session: &Arc<Session>,
    bridges: &Bridges,
) -> Result<Option<SessionRecord>, Changed> {
    with_bridge(session, |desk, bridge| {
        if bridge.is_none() && desk.state.seat().is_some() {
            return Err(Changed);
        }
        let way = bridge.and_then(|(bridge, state)| {
            bridges.remove(bridge);
            state.record(bridge)
        });
        let record = SessionRecord::at(session, desk, way, now);
        if record.is_some() {
            desk.give_up(now);
        }
        Ok(record)
    })
}

/// Brings a session to life that another node gave up; its client is away. The
/// way to who sits opposite, who is still to hear of it; `count` counts a room.
pub fn install(
    now: Moment,
    session: &Arc<Session>,
    record: SessionRecord,
    bridges: &Bridges,
    count: impl FnOnce() -> Arc<Counted>,
) -> Option<Arc<Bridge>> {
    let SessionRecord { state, outbox, link, bridge: way, .. } = record;
    let bridge = way.map(|way| Bridge::restore(now, session.clone(), way, bridges.road()));
    let counted = (state.role() == Some(Role::Offerer)).then(count);
    let partner = bridge.clone().map(|bridge| Partner { way: Way::There(bridge), _room: counted });
    session.update(|desk| {
        desk.outbox.restore(outbox);
        desk.take_over(now, Link::numbered(link), state, partner);
    });
    if let Some(bridge) = &bridge {
        bridges.add(bridge.clone());
    }
    bridge
}

/// The record of a session whose node is lost, as far as its partner's node knew
/// it. Its client has everything up to `seq`, if it knows.
#[must_use]
pub fn recover(
    orphan: Orphan,
    partner_at: NodeId,
    seq: Option<u64>,
    privacy: Privacy,
) -> SessionRecord {
    let epoch = orphan.epoch();
    let Orphan { likeness, seat } = orphan;
    let far = Far { node: partner_at, moves: seat.opposite_moves };
    let mut bridge =
        BridgeRecord::anew(seat.room, seat.opposite.clone(), far, seat.moves, seat.numbers);
    // Its node may be back, or have handed it on.
    bridge.bring_back();
    let role = if seat.opposite_offers { Role::Answerer } else { Role::Offerer };
    let private = privacy.hides(likeness.preferences.private);
    let (id, token, identity) = (likeness.session, likeness.token, likeness.identity);
    let state =
        StateRecord::seated(likeness, seat.room, role, seat.terms, &seat.opposite, private, epoch);
    SessionRecord {
        id,
        token,
        identity,
        state,
        outbox: OutboxRecord::lost(seq.unwrap_or(0).saturating_add(UNKNOWN_MESSAGES)),
        link: seat.link,
        bridge: Some(bridge),
        acquaintances: Vec::new(),
    }
}
