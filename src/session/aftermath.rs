//! What follows from a change at a desk, in the order in which it must come.
//!
//! The matchmaker hears of it first and who sits opposite after that, so that
//! the pool knows of a room's end before the partner can wait again, and never
//! pairs the two anew. Both happen after the desk's lock is let go.

use std::sync::Arc;

use super::desk::{Partner, Way};
use super::handle::Session;
use super::link::Link;
use super::state::Seat;
use crate::clock::Moment;
use crate::exchange::letter::Content;
use crate::ids::RoomId;
use crate::matchmaking::host::Event;
use crate::protocol::WhyLeft;
use crate::room::part;

/// Who is still to hear of a change.
#[derive(Debug, Default)]
#[must_use = "others wait to hear of it"]
pub struct Aftermath {
    /// For the matchmaker, first.
    pub event: Option<Event>,
    /// For who sits, or sat, opposite.
    pub news: Option<News>,
}

impl Aftermath {
    /// Whether the session waits from now on.
    #[must_use]
    pub fn begins_wait(&self) -> bool {
        matches!(self.event, Some(Event::Waits { .. }))
    }
}

/// News for who sits, or sat, opposite. They may be overtaken by newer ones.
#[derive(Debug)]
pub struct News {
    way: Way,
    room: RoomId,
    what: What,
}

#[derive(Debug)]
enum What {
    /// The connection dropped, or is back.
    Link(Link),
    /// The seat was given up.
    Parted(WhyLeft),
}

impl News {
    /// That the connection of who sits in `seat` is now as `link` says.
    pub(super) fn link(seat: Option<&Seat<Partner>>, link: Link) -> Option<Self> {
        seat.map(|seat| Self::of(seat, What::Link(link)))
    }

    /// That `left` was given up.
    pub(super) fn parted(left: Option<&Seat<Partner>>, reason: WhyLeft) -> Option<Self> {
        left.map(|seat| Self::of(seat, What::Parted(reason)))
    }

    /// Whose news it is, if they are on this node.
    #[must_use]
    pub fn receiver(&self) -> Option<&Arc<Session>> {
        match &self.way {
            Way::Here(session) => Some(session),
            Way::There(_) => None,
        }
    }

    /// Tells it.
    pub fn deliver(self, now: Moment) {
        let Self { way, room, what } = self;
        match (way, what) {
            (Way::Here(session), What::Link(link)) => {
                session.update(|desk| desk.partner_link(room, link));
            }
            (Way::Here(session), What::Parted(reason)) => part(now, &session, room, reason),
            (Way::There(bridge), What::Link(link)) => {
                bridge.say(now, Content::Link(link.number()));
            }
            (Way::There(bridge), What::Parted(reason)) => {
                bridge.say(now, Content::Parted(reason));
            }
        }
    }

    fn of(seat: &Seat<Partner>, what: What) -> Self {
        Self { way: seat.partner.way.clone(), room: seat.room, what }
    }
}
