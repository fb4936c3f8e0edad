//! Looks the whole world over: continuously while nothing is wrong, and when
//! everything under way has arrived.

use std::collections::BTreeMap;
use std::time::Duration;

use passerby::ids::{RoomId, SessionId};
use passerby::session::desk::Way;

use super::world::World;

/// After trouble, until promises, proposals and news of it are over.
const CALMS_DOWN: Duration = Duration::from_millis(3000);
/// Rule 8.
const PAIRED_WITHIN: Duration = Duration::from_millis(500);

impl World {
    /// Rules 5 and 8: two who suit each other don't both wait, while the nodes can
    /// talk.
    pub fn review_waits(&self) {
        let Some(calm) = self.calm.filter(|calm| *calm + CALMS_DOWN <= self.now) else { return };
        let waiting: Vec<_> = self
            .people
            .iter()
            .filter(|person| person.online().is_some_and(|(_, s)| s.lock().state.waits()))
            .filter_map(|person| Some((person.person(), self.ledger.waits.get(&person.person())?)))
            .collect();
        for (index, one) in waiting.iter().enumerate() {
            for other in &waiting[..index] {
                // What trouble has left over in a pool costs a refusal more.
                let anew = one.1.settled.max(other.1.settled) > calm + CALMS_DOWN;
                let within = if anew { PAIRED_WITHIN } else { PAIRED_WITHIN * 2 };
                let meet = self.ledger.should_meet(self.now, within, *one, *other);
                assert!(!meet, "rule 8: {one:?} and {other:?} wait at {:?}", self.now);
            }
        }
    }

    /// With nothing under way any more: rooms are whole, and nothing is left over.
    pub fn review(&mut self) {
        (0..self.people.len()).for_each(|slot| self.read(slot));
        let mut seats: BTreeMap<RoomId, Vec<SessionId>> = BTreeMap::new();
        for node in &self.nodes {
            for (id, room) in &node.seated {
                seats.entry(*room).or_default().push(*id);
            }
        }
        for (room, sides) in &seats {
            assert_eq!(sides.len(), 2, "rules 1 and 8: {room} of {sides:?}");
            self.ledger.assert_heard(*room);
        }
        for at in 0..self.nodes.len() {
            self.review_node(at);
        }
        let counted: i64 = self.nodes.iter().map(|node| node.metrics.rooms.get()).sum();
        assert_eq!(counted, i64::try_from(seats.len()).unwrap(), "rooms are counted once");
    }

    /// Rule 8, of pools: when tickets of nodes that have died are let go, none is left
    /// over.
    pub fn review_brokers(&self) {
        let sessions = self.nodes.iter().flat_map(|node| node.sessions.values());
        let waits = sessions.filter(|session| session.lock().state.waits()).count();
        for broker in self.nodes.iter().map(|node| &node.broker) {
            // Who suit each other but for what one of their owners knows are proposed
            // again and again.
            let held = broker.waiting() + 2 * broker.open();
            assert!(held <= waits, "{held} tickets of {waits} waits");
        }
    }

    fn review_node(&self, at: usize) {
        let node = &self.nodes[at];
        let mut across = 0;
        let mut waiting = 0;
        for session in node.sessions.values() {
            let desk = session.lock();
            waiting += usize::from(desk.state.waits());
            let Some(seat) = desk.state.seat() else { continue };
            let Way::There(bridge) = &seat.partner.way else { continue };
            across += 1;
            let far = self.nodes.iter().find(|node| node.id == bridge.far().node);
            let there =
                far.is_some_and(|far| far.sessions.contains_key(&bridge.opposite().session));
            assert!(there, "the way leads to {far:?}", far = bridge.far());
        }
        assert_eq!(node.bridges.all().len(), across, "every bridge is of a standing room");
        let here: Vec<_> = node.sessions.values().map(|session| session.person()).collect();
        for meeting in node.host.memory(self.now) {
            let ours = meeting.between().iter().any(|person| here.contains(person));
            assert!(ours, "{meeting:?} concerns nobody of {here:?}");
        }
        let under_way = node.host.under_way();
        let offers = under_way.offers + under_way.promises;
        assert!(offers <= waiting, "{under_way:?} are of {waiting} waits");
    }
}
