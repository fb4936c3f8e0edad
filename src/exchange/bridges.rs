//! The rooms of this node whose other side sits on another.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::bridge::{Bridge, Far, Heard, Need};
use super::letter::{Answer, Content, Frame, Letter, Orphan, OrphanSeat};
use super::post::Post;
use super::road::Road;
use crate::clock::Moment;
use crate::ids::{NodeId, RoomId, SessionId};
use crate::protocol::{Role, ServerMessage, WhyLeft};
use crate::session::token::TokenHash;

type Key = (RoomId, SessionId);

/// Finds bridges by their room and who sits here, and looks after those on which
/// something is under way. Bounded by the sessions.
#[derive(Debug)]
pub struct Bridges {
    road: Arc<Road>,
    grace: Duration,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    bridges: HashMap<Key, Arc<Bridge>>,
    /// By the token of who sits on the other side.
    by_token: HashMap<TokenHash, Key>,
}

impl Table {
    fn add(&mut self, bridge: Arc<Bridge>) {
        let key = key(&bridge);
        self.by_token.insert(bridge.opposite().token, key);
        self.bridges.insert(key, bridge);
    }

    fn remove(&mut self, bridge: &Bridge) {
        let (key, token) = (key(bridge), bridge.opposite().token);
        // The session may be back by now, with a bridge of its own.
        if self.bridges.get(&key).is_none_or(|known| !std::ptr::eq(&**known, bridge)) {
            return;
        }
        self.bridges.remove(&key);
        // Who sits there may be in a newer room with somebody else here.
        if self.by_token.get(&token) == Some(&key) {
            self.by_token.remove(&token);
        }
    }
}

fn key(bridge: &Bridge) -> Key {
    (bridge.room(), bridge.session().id())
}

/// A room that is over, as its other side or its end says.
#[derive(Debug)]
pub struct Over {
    /// What stood between.
    pub bridge: Arc<Bridge>,
    /// Why.
    pub reason: WhyLeft,
}

/// What follows from a frame.
#[derive(Debug)]
pub enum Followed {
    /// Nothing more.
    Nothing,
    /// The room is over.
    Over(Over),
    /// No bridge leads there.
    Stray(Frame),
}

impl Bridges {
    /// None yet; the other side of a room may be lost for `grace`.
    #[must_use]
    pub fn new(post: Arc<dyn Post>, grace: Duration) -> Self {
        Self { road: Road::new(post), grace, table: Mutex::default() }
    }

    /// What they share.
    #[must_use]
    pub fn road(&self) -> Arc<Road> {
        self.road.clone()
    }

    /// How letters go out.
    #[must_use]
    pub fn post(&self) -> &Arc<dyn Post> {
        &self.road.post
    }

    /// Adds one.
    pub fn add(&self, bridge: Arc<Bridge>) {
        self.table.lock().add(bridge);
    }

    /// Takes one out.
    pub fn remove(&self, bridge: &Bridge) {
        self.table.lock().remove(bridge);
    }

    /// The one in `room` on which `session` sits here.
    #[must_use]
    pub fn find(&self, room: RoomId, session: SessionId) -> Option<Arc<Bridge>> {
        self.table.lock().bridges.get(&(room, session)).cloned()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.table.lock().bridges.len()
    }

    /// All that are there now.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Bridge>> {
        self.table.lock().bridges.values().cloned().collect()
    }

    /// Takes a frame from another node.
    pub fn hear(&self, now: Moment, from: NodeId, frame: Frame) -> Followed {
        let (moves, heard) = (frame.moves, frame.heard);
        let Some(bridge) = self.find(frame.room, frame.to) else { return Followed::Stray(frame) };
        match bridge.hear(now, from, frame) {
            Heard::Taken => Followed::Nothing,
            Heard::Nobody(frame) => Followed::Stray(*frame),
            Heard::Parted(reason) => {
                self.remove(&bridge);
                Followed::Over(Over { bridge, reason })
            }
            Heard::Outdated => {
                self.deny(from, &bridge, moves, heard);
                Followed::Nothing
            }
        }
    }

    /// Says to `node` that nobody sits opposite that side of `bridge`, whose session
    /// has moved so often and has heard so much.
    fn deny(&self, node: NodeId, bridge: &Bridge, moves: u32, heard: u64) {
        let (room, to) = (bridge.room(), bridge.opposite().session);
        self.road.post.post(node, Letter::Gone { room, to, moves, heard });
    }

    /// Nobody sits opposite `to` any more, says `from`, to the owner after so many
    /// moves, who had heard so much.
    pub fn gone(
        &self,
        from: NodeId,
        room: RoomId,
        to: SessionId,
        moves: u32,
        heard: u64,
    ) -> Option<Over> {
        let bridge = self.find(room, to).filter(|bridge| bridge.far().node == from)?;
        let over = bridge.gone(moves, heard)?;
        self.remove(&bridge);
        over.then_some(Over { bridge, reason: WhyLeft::Disconnected })
    }

    /// Who sits in `room` opposite `to` is on another node, says `from`.
    pub fn moved(&self, now: Moment, from: NodeId, room: RoomId, to: SessionId, far: Far) {
        if let Some(bridge) = self.find(room, to) {
            bridge.moved(now, from, far);
        }
    }

    /// A node is lost: who sits opposite somebody there is told, and waits for the
    /// grace.
    pub fn lost(&self, now: Moment, node: NodeId) {
        self.all().iter().for_each(|bridge| lose(now, bridge, node));
    }

    /// The same for one alone.
    pub fn lose(&self, now: Moment, bridge: &Arc<Bridge>) {
        lose(now, bridge, bridge.far().node);
    }

    /// Says on each bridge where this side stands, and again what may be lost.
    pub fn announce(&self, now: Moment) {
        for bridge in self.all() {
            bridge.announce(now);
        }
    }

    /// The same on those to `node`.
    pub fn announce_to(&self, now: Moment, node: NodeId) {
        for bridge in self.all().iter().filter(|bridge| bridge.far().node == node) {
            bridge.announce(now);
        }
    }

    /// What is known of the session of `token`, for the node `asker`: it sits
    /// opposite somebody here. Where it is on a node that is not `there`, the asker
    /// may bring it back.
    pub fn whereabouts(
        &self,
        now: Moment,
        token: TokenHash,
        asker: NodeId,
        there: impl Fn(NodeId) -> bool,
    ) -> Answer {
        let bridge = {
            let table = self.table.lock();
            let key = table.by_token.get(&token);
            key.and_then(|key| table.bridges.get(key)).cloned()
        };
        let Some(bridge) = bridge else { return Answer::Unknown };
        let node = bridge.far().node;
        if there(node) {
            return Answer::Moved(node);
        }
        orphan(now, &bridge, asker)
            .map_or(Answer::Unknown, |orphan| Answer::Orphaned(orphan.into()))
    }

    /// Looks after all on which something is under way; the rooms that are over
    /// because the other side can't be reached. Of some nodes it is known that they
    /// are `gone`: what came late may have led to them.
    pub fn look_after(&self, now: Moment, gone: impl Fn(NodeId) -> bool) -> Vec<Over> {
        let mut over = Vec::new();
        for bridge in self.road.take_watched() {
            let node = bridge.far().node;
            if gone(node) {
                lose(now, &bridge, node);
            }
            match bridge.look_after(now, self.grace) {
                Need::Nothing => (),
                Need::Watch => self.road.watch(bridge),
                Need::Forget => self.remove(&bridge),
                Need::End => {
                    bridge.say(now, Content::Parted(WhyLeft::Disconnected));
                    let Far { node, moves } = bridge.far();
                    // However much it has heard.
                    self.deny(node, &bridge, moves, u64::MAX);
                    bridge.close();
                    self.remove(&bridge);
                    over.push(Over { bridge, reason: WhyLeft::Disconnected });
                }
            }
        }
        over
    }
}

/// Who sits on the other side is on a node that is lost.
fn lose(now: Moment, bridge: &Arc<Bridge>, node: NodeId) {
    if bridge.lost(now, node) {
        bridge.session().update(|desk| {
            if desk.state.partner_drops(bridge.room()) {
                let message = ServerMessage::PeerAway { room: bridge.room() };
                desk.push(message.encode(), None);
            }
        });
    }
}

fn orphan(now: Moment, bridge: &Bridge, asker: NodeId) -> Option<Orphan> {
    let (far, opposite_moves, numbers) = bridge.claim(now, asker)?;
    let desk = bridge.session().lock();
    let seat = desk.state.seat().filter(|seat| seat.room == bridge.room())?;
    let seat = OrphanSeat {
        room: seat.room,
        opposite: bridge.session().likeness(&desk),
        opposite_offers: seat.role == Role::Offerer,
        terms: (*seat.terms).clone(),
        moves: far.moves,
        opposite_moves,
        numbers,
        link: seat.opposite.link(),
    };
    Some(Orphan { likeness: bridge.opposite().clone(), seat })
}
