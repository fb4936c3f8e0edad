//! A session's place as a file holds it, between a process that stops and the
//! next. Times are kept as ages.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Opposite, Place, Seat, State, Terms};
use crate::clock::Moment;
use crate::identity::Identity;
use crate::ids::{RoomId, SessionId};
use crate::matchmaking::proposal::Likeness;
use crate::matchmaking::ticket::{Names, names};
use crate::protocol::{Preferences, Role};
use crate::session::former::{FormerRecord, FormerRooms};
use crate::session::lines::Lines;

/// A copy that outlived a later owner begins so far above its own epoch: nobody
/// knows how many there were.
pub const UNKNOWN_EPOCHS: u64 = 1 << 20;

/// A state as a file holds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StateRecord {
    preferences: Preferences,
    place: PlaceRecord,
    #[serde(default)]
    former_rooms: FormerRecord,
    #[serde(default)]
    epoch: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum PlaceRecord {
    Idle,
    Waiting {
        waited: Duration,
    },
    InRoom {
        room: RoomId,
        partner: SessionId,
        names: Names,
        identity: Identity,
        lines: Option<Box<Lines>>,
        role: Role,
        terms: Terms,
        #[serde(default)]
        private: bool,
        #[serde(default)]
        partner_link: u64,
        partner_away: bool,
    },
}

impl StateRecord {
    /// Of a session that sits in `room`, as far as its partner's node knows.
    #[must_use]
    pub fn seated(
        own: Likeness,
        room: RoomId,
        role: Role,
        terms: Terms,
        opposite: &Likeness,
        private: bool,
        epoch: u64,
    ) -> Self {
        let place = PlaceRecord::InRoom {
            room,
            partner: opposite.session,
            names: names(own.name(), opposite.name()),
            identity: opposite.identity,
            lines: None,
            role,
            terms,
            private,
            partner_link: 0,
            partner_away: false,
        };
        let preferences = own.preferences;
        Self { preferences, place, former_rooms: FormerRecord::default(), epoch }
    }

    /// The epoch under which it stood.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Puts it after all that a lost owner may have made of it.
    pub fn outrun(&mut self) {
        self.epoch += UNKNOWN_EPOCHS;
    }

    /// The part that the session has in its room.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        match &self.place {
            PlaceRecord::InRoom { role, .. } => Some(*role),
            PlaceRecord::Idle | PlaceRecord::Waiting { .. } => None,
        }
    }

    /// The room that the session sat in.
    #[must_use]
    pub fn room(&self) -> Option<RoomId> {
        match &self.place {
            PlaceRecord::InRoom { room, .. } => Some(*room),
            PlaceRecord::Idle | PlaceRecord::Waiting { .. } => None,
        }
    }
}

impl<P> State<P> {
    /// All of it for a file; `id` names a partner there. `None` where it is
    /// over.
    pub fn record(&self, now: Moment, id: impl Fn(&P) -> SessionId) -> Option<StateRecord> {
        let place = match &self.place {
            Place::Idle => PlaceRecord::Idle,
            Place::Waiting { since, .. } => PlaceRecord::Waiting { waited: now - *since },
            Place::InRoom(seat) => PlaceRecord::InRoom {
                room: seat.room,
                partner: id(&seat.partner),
                names: seat.names,
                identity: *seat.identity,
                lines: seat.lines.clone(),
                role: seat.role,
                terms: Terms::clone(&seat.terms),
                private: seat.private,
                partner_link: seat.opposite.link,
                partner_away: seat.opposite.away,
            },
            Place::Ended => return None,
        };
        let preferences = Preferences::clone(&self.preferences);
        let former_rooms = self.former.record(now);
        Some(StateRecord { preferences, place, former_rooms, epoch: self.epoch })
    }

    /// Takes on what a file held. `find` gives the way to the partner in a room;
    /// without one the room is over. The room that was recorded, if there was.
    pub fn restore(
        &mut self,
        now: Moment,
        record: StateRecord,
        mut find: impl FnMut(RoomId, SessionId) -> Option<P>,
    ) -> Option<RoomId> {
        self.preferences = Arc::new(record.preferences);
        self.former = FormerRooms::restore(now, record.former_rooms);
        // What was proposed to the earlier owner counts no more.
        self.epoch = record.epoch + 1;
        match record.place {
            PlaceRecord::Idle => None,
            PlaceRecord::Waiting { waited } => {
                self.place =
                    Place::Waiting { since: now.before(waited), told: true, promised: None };
                None
            }
            PlaceRecord::InRoom {
                room,
                partner: id,
                names,
                identity,
                lines,
                role,
                terms,
                private,
                partner_link,
                partner_away,
            } => {
                let terms = Arc::new(terms);
                let opposite = Opposite { link: partner_link, away: partner_away };
                match find(room, id) {
                    Some(partner) => self.sit(Seat {
                        room,
                        partner,
                        names,
                        identity: Arc::new(identity),
                        lines,
                        since: now,
                        role,
                        terms,
                        private,
                        opposite,
                        // When the two were matched, this process does not know.
                        answered: true,
                    }),
                    None => self.former.add_lost(now, room, identity, lines),
                }
                Some(room)
            }
        }
    }
}
