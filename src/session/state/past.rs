//! What a session remembers of its rooms: for reports, and for as long only.

use super::{Place, Standing, State};
use crate::clock::Moment;
use crate::ids::RoomId;
use crate::session::former::Encounter;
use crate::session::lines::{LineHash, Side};

impl<P> State<P> {
    /// What a report of `room` is about: the partner there, now or in the last
    /// 60 s.
    #[must_use]
    pub fn reportable(&self, now: Moment, room: RoomId) -> Option<Encounter> {
        match self.standing(room) {
            Standing::Here(seat) => Some(Encounter {
                identity: seat.identity.clone(),
                began: seat.since,
                ended: None,
                lines: seat.lines.clone(),
            }),
            Standing::Former => self.former.recent(now, room),
            Standing::Never => None,
        }
    }

    /// Forgets what is kept of former rooms for a while only.
    pub fn tidy(&mut self, now: Moment) {
        self.former.tidy(now);
    }

    /// Notes the hash of what was said in `room`, now or a moment ago, if that was a
    /// line of text.
    pub fn note_line(&mut self, room: RoomId, side: Side, hash: Option<LineHash>) {
        let Some(hash) = hash else { return };
        let lines = match &mut self.place {
            Place::InRoom(seat) if seat.room == room => Some(&mut seat.lines),
            _ => self.former.lines(room),
        };
        if let Some(lines) = lines {
            lines.get_or_insert_default().add(side, hash);
        }
    }
}
