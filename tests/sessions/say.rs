//! What clients say, and what it must bring about by the books.

use passerby::ids::RoomId;
use passerby::protocol::Mode;
use serde_json::{Value, json};

use super::book::Place;
use super::owed::What;
use super::tasks::{News, NewsOf};
use super::world::World;

/// So many former rooms are known for certain (rule 2).
const KNOWN_ROOMS: usize = 64;

/// A client's message.
#[derive(Debug)]
pub(crate) enum Say {
    Join(Mode),
    Next(Option<RoomId>),
    Leave,
    Chat(RoomId, String),
    Offer(RoomId, String),
    Typing(RoomId, bool),
}

/// What a message must bring about.
#[derive(Default)]
pub(crate) struct Expected {
    /// Whether it is refused, if that is certain.
    pub(crate) refused: Option<bool>,
    /// What the partner hears after the matchmaker.
    pub(crate) news: Option<News>,
    /// Whom it was forwarded to.
    pub(crate) receiver: Option<usize>,
}

impl Say {
    pub(crate) fn text(&self) -> String {
        let json = match self {
            Self::Join(mode) => json!({"type": "join", "mode": mode}),
            Self::Next(room) => json!({"type": "next", "room": room}),
            Self::Leave => json!({"type": "leave"}),
            Self::Chat(room, text) => json!({"type": "chat", "room": room, "text": text}),
            Self::Offer(room, sdp) => json!({"type": "createOffer", "room": room, "sdp": sdp}),
            Self::Typing(room, active) => {
                json!({"type": "typing", "room": room, "active": active})
            }
        };
        json.to_string()
    }

    /// What the partner gets of a signal, and in which room.
    fn forwarded(&self) -> Option<(RoomId, What)> {
        let (room, kind, field, value) = match self {
            Self::Chat(room, text) => (room, "chat", "text", text.as_str().into()),
            Self::Offer(room, sdp) => (room, "createOffer", "sdp", sdp.as_str().into()),
            Self::Typing(room, active) => (room, "typing", "active", Value::Bool(*active)),
            Self::Join(_) | Self::Next(_) | Self::Leave => return None,
        };
        Some((*room, What::Said(kind, field, value)))
    }
}

impl World {
    /// Enters what `who`'s words bring about.
    pub(crate) fn expect(&mut self, who: usize, say: &Say) -> Expected {
        let place = self.books.of(who).place;
        let taken = Expected { refused: Some(false), ..Expected::default() };
        match say {
            Say::Join(mode) => {
                let news = self.news(who, NewsOf::Parted("next"));
                self.books.of(who).mode = *mode;
                self.books.of(who).begin_wait();
                Expected { news, ..taken }
            }
            Say::Next(named) => {
                let last = self.books.of(who).rooms.last().copied();
                if place == Place::Waiting || named.is_some() && *named != last {
                    return taken;
                }
                let news = self.news(who, NewsOf::Parted("next"));
                self.books.of(who).begin_wait();
                Expected { news, ..taken }
            }
            Say::Leave => {
                let news = self.news(who, NewsOf::Parted("left"));
                self.books.of(who).owe(None, What::Idle);
                self.books.of(who).place = Place::Idle;
                Expected { news, ..taken }
            }
            Say::Chat(..) | Say::Offer(..) | Say::Typing(..) => self.expect_signal(who, say),
        }
    }

    fn expect_signal(&mut self, who: usize, say: &Say) -> Expected {
        let (room, what) = say.forwarded().expect("a signal");
        let book = self.books.of(who);
        if book.place != Place::Room(room) {
            let age = book.rooms.iter().rev().position(|former| *former == room);
            let refused = age.map_or(Some(true), |age| (age < KNOWN_ROOMS).then_some(false));
            return Expected { refused, ..Expected::default() };
        }
        let partner = self.books.opposite(who, room).expect("a partner");
        let sits = self.books.of(partner).place == Place::Room(room);
        if sits {
            self.books.of(partner).owe(Some(room), what);
        }
        let receiver = sits.then_some(partner);
        Expected { refused: Some(false), news: None, receiver }
    }
}
