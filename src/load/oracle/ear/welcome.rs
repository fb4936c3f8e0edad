//! What a `welcome` says of a session that goes on (rule 6).

use super::{Ear, Incoming, Numbers, Out, Seat, Standing};
use crate::ids::RoomId;
use crate::load::oracle::entries::End;

/// What is sent again after a `welcome`: up to which number, and where the
/// session stands then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replay {
    up_to: u64,
    standing: Standing,
}

impl Ear {
    pub(super) fn welcome(&mut self, message: &Incoming<'_>) {
        (self.announced, self.replay, self.leaving) = (None, None, false);
        if message.resumed != Some(true) {
            self.close(End::Lost);
            (self.numbers, self.wanted, self.ended) = (Numbers::new(), false, None);
            self.former.clear();
            self.unsure = false;
            return;
        }
        let missed = message.missed == Some(true);
        let up_to = message.last_seq.unwrap_or_else(|| self.numbers.last());
        let newer = message.room.is_some_and(|room| Some(room) != self.room());
        self.numbers.resumed(up_to, newer, missed);
        let standing = match (message.room, message.waiting) {
            (Some(_), _) => Standing::InRoom,
            (None, Some(true)) => Standing::Waiting,
            (None, _) => Standing::Idle,
        };
        let former = self.former(missed, message.room);
        if let Some(seat) = former {
            self.back_to_a_former_room(seat);
        } else if newer {
            self.welcomed_to_a_newer_room(message);
        } else if standing == Standing::InRoom {
            self.back(missed);
        }
        self.unsure = (self.unsure || missed) && message.room.is_none();
        self.wanted |= standing == Standing::Waiting;
        let up_to = if missed { 0 } else { up_to };
        self.replay = Some(Replay { up_to, standing });
    }

    fn welcomed_to_a_newer_room(&mut self, message: &Incoming<'_>) {
        let left = self.seat.as_ref().is_some_and(|seat| seat.left);
        self.close(if left { End::Left } else { End::Lost });
        self.may_be_matched();
        self.announced = message.room;
        self.enter(message);
    }

    /// A room that the person had left, where the machine died that alone knew so
    /// (`missed`): the two of it sit there still, for the partner never heard of it.
    fn former(&mut self, missed: bool, room: Option<RoomId>) -> Option<Seat> {
        let at = self.former.iter().position(|seat| Some(seat.room) == room)?;
        if missed { self.former.remove(at) } else { None }
    }

    fn back_to_a_former_room(&mut self, seat: Seat) {
        self.close(End::Lost);
        self.out.push(Out::Entered(seat.again(self.me)));
        self.mode = seat.mode;
        self.seat = Some(seat);
        self.back(true);
    }

    /// Back in the same room: a request to leave it was lost with the connection,
    /// and so may be signals that were on their way.
    fn back(&mut self, missed: bool) {
        self.wanted = false;
        if let Some(seat) = &mut self.seat {
            (seat.left, seat.life) = (false, seat.life + 1);
            if missed {
                seat.stream.excuse();
            }
        }
    }

    pub(super) fn end_replay(&mut self) {
        let Some(replay) = self.replay.filter(|replay| replay.up_to <= self.numbers.last()) else {
            return;
        };
        (self.replay, self.announced) = (None, None);
        if replay.standing != Standing::InRoom {
            self.close(End::Lost);
            self.wanted = replay.standing == Standing::Waiting;
        }
    }
}
