//! When a side of a room first answers, which ends what is traced of a pair.

use super::{Place, State};
use crate::clock::Moment;
use crate::ids::RoomId;
use crate::protocol::Role;

impl<P> State<P> {
    /// Takes note of an answer from this side to the partner in `room`; where it is
    /// the answerer's first, when the two were matched.
    pub fn first_answer(&mut self, room: RoomId) -> Option<Moment> {
        let Place::InRoom(seat) = &mut self.place else { return None };
        let counts = seat.room == room && seat.role == Role::Answerer;
        let first = counts && !std::mem::replace(&mut seat.answered, true);
        first.then_some(seat.since)
    }
}
