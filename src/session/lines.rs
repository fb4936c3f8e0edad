//! The chat lines of a room as keyed hashes, by which it can be told later whether
//! a line that a reporter attaches was said there. No text is kept.

use std::collections::VecDeque;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::RoomId;
use crate::secret::{Secret, hmac};

/// So many last lines of each side are known.
const KEPT: usize = 50;

/// A line's hash: HMAC-SHA-256 of the room and the text, cut to 8 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LineHash(u64);

/// What lines are hashed with, the same on all nodes of a service.
#[derive(Clone)]
pub struct LineKey([u8; 32]);

/// Whose line it is, as a session sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Its own.
    Mine,
    /// The partner's.
    Theirs,
}

/// The last lines of both sides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    mine: VecDeque<LineHash>,
    theirs: VecDeque<LineHash>,
}

impl LineKey {
    /// That of a service.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self(secret.derive("passerby chat lines"))
    }

    /// The hash of `text`, said in `room`. The same words elsewhere have another.
    #[must_use]
    pub fn hash(&self, room: RoomId, text: &str) -> LineHash {
        let mut said = Vec::with_capacity(16 + text.len());
        said.extend_from_slice(&room.bits().to_be_bytes());
        said.extend_from_slice(text.as_bytes());
        let [a, b, c, d, e, f, g, h, ..] = hmac(&self.0, &said);
        LineHash(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

impl fmt::Debug for LineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LineKey(..)")
    }
}

impl Lines {
    /// Adds the newest line of a side; its oldest beyond the last 50 is forgotten.
    pub fn add(&mut self, side: Side, hash: LineHash) {
        let lines = match side {
            Side::Mine => &mut self.mine,
            Side::Theirs => &mut self.theirs,
        };
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(hash);
    }

    /// Whether `side` said a line of this hash.
    #[must_use]
    pub fn prove(&self, side: Side, hash: LineHash) -> bool {
        match side {
            Side::Mine => self.mine.contains(&hash),
            Side::Theirs => self.theirs.contains(&hash),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> LineKey {
        LineKey::new(&Secret::new("a secret").unwrap())
    }

    #[test]
    fn a_line_is_proven_for_its_side_and_its_room_alone() {
        let (key, room) = (key(), RoomId::random());
        let mut lines = Lines::default();
        lines.add(Side::Theirs, key.hash(room, "hello"));
        assert!(lines.prove(Side::Theirs, key.hash(room, "hello")));
        assert!(!lines.prove(Side::Mine, key.hash(room, "hello")));
        assert!(!lines.prove(Side::Theirs, key.hash(room, "hello!")));
        assert!(!lines.prove(Side::Theirs, key.hash(RoomId::random(), "hello")));
        let other = LineKey::new(&Secret::new("another").unwrap());
        assert_ne!(other.hash(room, "hello"), key.hash(room, "hello"));
    }

    #[test]
    fn the_last_50_of_each_side_are_known() {
        let (key, room) = (key(), RoomId::random());
        let mut lines = Lines::default();
        let hash = |number: usize| key.hash(room, &number.to_string());
        (0..60).for_each(|number| lines.add(Side::Mine, hash(number)));
        lines.add(Side::Theirs, hash(0));
        let known = (0..60).filter(|number| lines.prove(Side::Mine, hash(*number)));
        assert!(known.eq(10..60));
        assert!(lines.prove(Side::Theirs, hash(0)));
    }
}
