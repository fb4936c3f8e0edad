//! What a session is owed, message by message.

use passerby::ids::RoomId;
use serde_json::Value;

/// The most that keeping a message takes beside what its sender wrote.
const ENVELOPE_BYTES: usize = 900;

/// One numbered message.
#[derive(Debug)]
pub(crate) struct Owed {
    pub(crate) room: Option<RoomId>,
    pub(crate) what: What,
    /// It belonged to a room older than the one that a `welcome` named.
    pub(crate) skipped: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum What {
    Waiting,
    Idle,
    Matched,
    PeerLeft(&'static str),
    PeerAway,
    PeerBack,
    /// From the partner: the type, its field, and what that holds.
    Said(&'static str, &'static str, Value),
}

impl Owed {
    pub(crate) fn new(room: Option<RoomId>, what: What) -> Self {
        Self { room, what, skipped: false }
    }

    /// The most bytes that keeping it takes.
    pub(crate) fn bytes_at_most(&self) -> usize {
        match &self.what {
            What::Said(_, _, Value::String(text)) => ENVELOPE_BYTES + text.len(),
            _ => ENVELOPE_BYTES,
        }
    }

    /// Checks that `message` is this one.
    pub(crate) fn check(&self, message: &Value) {
        let kind = match &self.what {
            What::Waiting => "waiting",
            What::Idle => "idle",
            What::Matched => "matched",
            What::PeerLeft(_) => "peerLeft",
            What::PeerAway => "peerAway",
            What::PeerBack => "peerBack",
            What::Said(kind, ..) => kind,
        };
        let room = self.room.map(|room| room.to_string());
        assert_eq!(message["type"], kind, "{self:?} is owed");
        assert_eq!(message["room"].as_str(), room.as_deref(), "{self:?} is owed");
        match &self.what {
            What::PeerLeft(reason) => assert_eq!(message["reason"], *reason),
            What::Said(_, field, value) => assert_eq!(&message[*field], value, "changed"),
            _ => (),
        }
    }
}
