//! One side of a room.

use super::entries::{Account, Closed, End, Entered};
use super::mark::{Kind, Mark, Name};
use super::stream::Stream;
use crate::ids::RoomId;
use crate::protocol::{Mode, Role};

/// A person's place in a room.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    pub(super) room: RoomId,
    pub(super) role: Role,
    pub(super) mode: Mode,
    /// The person has asked to leave: what comes until the answer crossed it.
    pub(super) left: bool,
    /// How often the person came back to the room.
    pub(super) life: u32,
    pub(super) stream: Stream,
    sent: Account,
}

impl Seat {
    pub(super) fn new(entered: &Entered) -> Self {
        Self {
            room: entered.room,
            role: entered.role,
            mode: entered.mode,
            left: false,
            life: 0,
            stream: Stream::default(),
            sent: Account::default(),
        }
    }

    /// The text of a signal, marked between `before` and `after`; it counts as sent.
    pub(super) fn write(
        &mut self,
        from: Name,
        kind: Kind,
        due_us: u64,
        [before, after]: [&str; 2],
    ) -> String {
        let (number, typings) = (self.sent.signals + 1, self.sent.typings);
        let mark = Mark { from, room: self.room, kind, number, life: self.life, typings, due_us };
        let (text, sum) = mark.write(before, after);
        self.sent.add(sum);
        text
    }

    /// A `typing` is sent.
    pub(super) fn types(&mut self) {
        self.sent.typings += 1;
    }

    /// What the ledger takes of it where the person is back in it.
    pub(super) fn again(&self, who: Name) -> Entered {
        let Self { room, role, mode, .. } = *self;
        Entered { room, who, role, mode, interests: Vec::new(), again: true }
    }

    /// What the ledger takes of it at its end.
    pub(super) fn close(&self, who: Name, end: End) -> Closed {
        let received = self.stream.account();
        Closed { room: self.room, who, end, sent: self.sent, received, life: self.life }
    }
}
