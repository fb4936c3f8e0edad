//! What one side of a room knows of it, as the ledger takes it.

use serde::{Deserialize, Serialize};

use super::mark::Name;
use crate::ids::RoomId;
use crate::protocol::{Mode, Role};

/// A person was told of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::load) struct Entered {
    pub(in crate::load) room: RoomId,
    pub(in crate::load) who: Name,
    pub(in crate::load) role: Role,
    pub(in crate::load) mode: Mode,
    /// The shared interests, in any order the service likes.
    pub(in crate::load) interests: Vec<Box<str>>,
    /// The person had left it, and the machine died that alone knew so.
    pub(in crate::load) again: bool,
}

/// A room is over for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::load) struct Closed {
    pub(in crate::load) room: RoomId,
    pub(in crate::load) who: Name,
    pub(in crate::load) end: End,
    pub(in crate::load) sent: Account,
    pub(in crate::load) received: Account,
    /// How often the person came back to the room by a resume.
    pub(in crate::load) life: u32,
}

/// How a room ended for one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::load) enum End {
    /// It left, by `next`, `join` or `leave`, on a connection that stood.
    Left,
    /// It was told that the partner left by `next` or `left`.
    PartnerLeft,
    /// It was told that the partner is gone otherwise.
    PartnerGone,
    /// The session was lost, or the run ended.
    Lost,
}

/// The signals of one direction of a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::load) struct Account {
    /// How many carried a mark.
    pub(in crate::load) signals: u64,
    /// How many `typing`.
    pub(in crate::load) typings: u64,
    /// The checksums of the marked ones, in their order.
    pub(in crate::load) digest: u64,
    /// Some may rightly be missing, or their loss was told already.
    pub(in crate::load) excused: bool,
}

impl Account {
    /// Adds a marked signal by its checksum.
    pub(in crate::load) fn add(&mut self, sum: u64) {
        self.signals += 1;
        self.digest = (self.digest.rotate_left(5) ^ sum).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
