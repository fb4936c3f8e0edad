//! What a bridge knows of its two sides, and how that goes to another owner.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::channel::{Channel, ChannelRecord, Numbers};
use super::super::letter::{Content, Frame};
use super::{Bridge, Need};
use crate::clock::Moment;
use crate::ids::{NodeId, RoomId};
use crate::matchmaking::proposal::Likeness;

/// A copy that outlived a later owner counts as moved so often since: nobody knows
/// how often it was.
const UNKNOWN_MOVES: u32 = 1 << 10;
/// A session that its client has brought back counts as moved so often: more than
/// any copy which its own node may take back, to which no client has come. Were they
/// equal, who sits opposite would turn to the one that spoke last, and whoever is at
/// the other would never hear of it.
const BROUGHT_BACK: u32 = 1 << 14;

/// Who holds it decides what is said and heard. It is locked before the
/// session's desk, never after it.
#[derive(Debug)]
pub struct State {
    pub(super) far: Far,
    /// How often the session here has moved.
    pub(super) moves: u32,
    pub(super) channel: Channel<Content>,
    /// More was said than could be kept.
    pub(super) full: bool,
    /// Since when the other side's node is lost.
    pub(super) lost: Option<Moment>,
    /// To whom the lost side's session was promised, and when.
    pub(super) claimed: Option<(Moment, NodeId)>,
    /// Since when the seat here is given up.
    pub(super) parting: Option<Moment>,
    /// Another node has the session, or the room is over on both sides.
    pub(super) over: bool,
    /// Until when nothing is said, but kept.
    pub(super) hush: Option<Moment>,
    /// Whether somebody looks after it already.
    pub(super) watched: bool,
}

/// Where the other side is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Far {
    /// On which node.
    pub node: NodeId,
    /// How often it has moved, as far as is known.
    pub moves: u32,
}

/// A bridge between two owners of its session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BridgeRecord {
    pub(super) room: RoomId,
    pub(super) opposite: Likeness,
    pub(super) far: Far,
    pub(super) moves: u32,
    pub(super) channel: ChannelRecord<Content>,
}

impl State {
    pub(super) fn new(far: Far, moves: u32, channel: Channel<Content>) -> Self {
        Self {
            far,
            moves,
            channel,
            full: false,
            lost: None,
            claimed: None,
            parting: None,
            over: false,
            hush: None,
            watched: false,
        }
    }

    /// Whether what is said now is to be kept only.
    pub(super) fn hushed(&self, now: Moment) -> bool {
        self.hush.is_some_and(|until| now < until)
    }

    /// Whether a copy of the other side that outlived a later owner says something,
    /// where that one may have heard already that the seat here is given up.
    pub(super) fn is_past(&self, frame: &Frame) -> bool {
        let behind = frame.heard + 1 < self.channel.first();
        self.parting.is_some() && frame.moves > self.far.moves && behind
    }

    /// The other side is at `far`.
    pub(super) fn found(&mut self, now: Moment, far: Far) {
        let hushed = self.hush.take().is_some();
        if std::mem::replace(&mut self.far, far) != far || hushed {
            self.channel.hurry(now);
        }
        self.lost = None;
    }

    pub(super) fn need(&self, now: Moment, grace: Duration) -> Need {
        let past = |since: Option<Moment>| since.is_some_and(|since| now - since > grace);
        // One who is there is told of the end, however long it takes: nobody else
        // would, as long as that one says nothing.
        let told = !self.channel.keeps() || past(self.lost);
        if self.over || self.parting.is_some() && told {
            Need::Forget
        } else if self.parting.is_none() && (self.full || past(self.lost)) {
            Need::End
        } else if self.channel.keeps() || self.lost.is_some() {
            Need::Watch
        } else {
            Need::Nothing
        }
    }

    /// All of it for another owner; nothing is said or heard here any more.
    /// `None` where the room is over.
    pub fn record(&mut self, bridge: &Bridge) -> Option<BridgeRecord> {
        if std::mem::replace(&mut self.over, true) || self.parting.is_some() {
            return None;
        }
        Some(BridgeRecord {
            room: bridge.room,
            opposite: bridge.opposite.clone(),
            far: self.far,
            moves: self.moves,
            channel: self.channel.record(),
        })
    }
}

impl BridgeRecord {
    /// The bridge of a room whose two sides sat on one node until now: `far` is
    /// where the other side stays.
    #[must_use]
    pub fn new(room: RoomId, opposite: Likeness, far: Far) -> Self {
        Self { room, opposite, far, moves: 0, channel: Channel::default().record() }
    }

    /// The bridge of a session whose node is lost, with what was under way. It had
    /// moved so often.
    #[must_use]
    pub fn anew(room: RoomId, opposite: Likeness, far: Far, moves: u32, numbers: Numbers) -> Self {
        let channel = ChannelRecord::lost(numbers.heard, numbers.said);
        Self { room, opposite, far, moves, channel }
    }

    /// Puts it after all that a lost owner may have made of it.
    pub fn outrun(&mut self) {
        self.moves += UNKNOWN_MOVES;
        self.channel.outrun();
    }

    /// Puts it after that and after all copies, for a client that is there.
    pub fn bring_back(&mut self) {
        self.moves += BROUGHT_BACK;
        self.outrun();
    }

    /// How often its session had moved.
    #[must_use]
    pub fn moves(&self) -> u32 {
        self.moves
    }
}
