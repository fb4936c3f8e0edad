//! Where a session stands, and what that allows.
//!
//! The one authority on a person's place: idle, waiting or in a room. Whoever
//! pairs people only proposes; the proposal counts if the session still waits
//! under the epoch that it was made for (invariant 1). Pure: time comes in.

mod answering;
mod past;
mod record;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::record::{StateRecord, UNKNOWN_EPOCHS};
pub use super::former::Encounter;
use super::former::FormerRooms;
use super::lines::Lines;
use super::permit::{Permit, Permits};
use crate::clock::Moment;
use crate::identity::Identity;
use crate::ids::RoomId;
use crate::matchmaking::ticket::Names;
use crate::protocol::{Mode, Preferences, Role};

/// How long a new room's two sides are watched closely (rule 7).
const NEW_ROOM: Duration = Duration::from_secs(20);

/// A session's place and what it remembers. `P` is the way to a partner.
#[derive(Debug)]
pub struct State<P> {
    place: Place<P>,
    epoch: u64,
    preferences: Arc<Preferences>,
    former: FormerRooms,
    /// Those given for the seat.
    permits: Permits,
}

#[derive(Debug)]
enum Place<P> {
    Idle,
    /// `told` is whether the client knows of this wait; `promised` is the room
    /// in which a node was asked to seat the other side first.
    Waiting {
        since: Moment,
        told: bool,
        promised: Option<RoomId>,
    },
    InRoom(Seat<P>),
    Ended,
}

/// A place in a room.
#[derive(Debug)]
pub struct Seat<P> {
    /// The room.
    pub room: RoomId,
    /// The way to whom sits opposite.
    pub partner: P,
    /// Under which names the two are kept apart afterwards.
    pub names: Names,
    /// Who sits opposite.
    pub identity: Arc<Identity>,
    /// The lines that were said here, if any were.
    pub lines: Option<Box<Lines>>,
    /// When the two were told of each other.
    pub since: Moment,
    /// Who makes the first offer.
    pub role: Role,
    /// What `matched` said to both.
    pub terms: Arc<Terms>,
    /// Whether this side's address is hidden from the other (rule 9).
    pub private: bool,
    /// The newest that was heard of the partner's connection.
    pub opposite: Opposite,
    /// Whether an answer went from this side, or this is not looked for.
    pub answered: bool,
}

/// What the two in a room have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// How they talk.
    pub mode: Mode,
    /// The interests that both named, in compared form.
    pub interests: Vec<Box<str>>,
}

/// What is known of the partner's connection. News may overtake each other on
/// their way, so they carry the number of the [link](super::link::Link).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opposite {
    link: u64,
    away: bool,
}

impl Opposite {
    /// The newest number that was heard.
    #[must_use]
    pub const fn link(self) -> u64 {
        self.link
    }
}

/// A wait that the pool is to be told of.
#[derive(Debug)]
pub struct Wait<P> {
    /// Under which a proposal must come.
    pub epoch: u64,
    /// When it began.
    pub since: Moment,
    /// What the person asks for.
    pub preferences: Arc<Preferences>,
    /// The seat that was given up for it.
    pub left: Option<Seat<P>>,
}

/// How a room that a message names stands to its sender.
#[derive(Debug)]
pub enum Standing<'a, P> {
    /// The sender sits in it.
    Here(&'a Seat<P>),
    /// The sender left it: the message crossed the room's end on its way.
    Former,
    /// The sender never had it.
    Never,
}

impl<P> Default for State<P> {
    fn default() -> Self {
        Self {
            place: Place::Idle,
            epoch: 0,
            preferences: Arc::default(),
            former: FormerRooms::default(),
            permits: Permits::default(),
        }
    }
}

impl<P> State<P> {
    /// Takes a `join`: any room is left, and the time already waited counts on.
    pub fn join(&mut self, now: Moment, preferences: Preferences) -> Wait<P> {
        self.preferences = Arc::new(preferences);
        self.wait(now)
    }

    /// Takes a `next`; `None` where it has no effect.
    pub fn next(&mut self, now: Moment, named: Option<RoomId>) -> Option<Wait<P>> {
        let meant = match &self.place {
            Place::Idle => named.is_none_or(|room| self.former.last_is(room)),
            Place::InRoom(seat) => named.is_none_or(|room| seat.room == room),
            Place::Waiting { .. } | Place::Ended => false,
        };
        meant.then(|| self.wait(now))
    }

    /// Gives up room or queue; the seat, if there was one.
    pub fn leave(&mut self, now: Moment) -> Option<Seat<P>> {
        self.stand_up(now, Place::Idle)
    }

    /// Ends the session: nothing brings it back.
    pub fn end(&mut self, now: Moment) -> Option<Seat<P>> {
        self.stand_up(now, Place::Ended)
    }

    /// Whether a proposal made under `epoch` still counts.
    #[must_use]
    pub fn awaits(&self, epoch: u64) -> bool {
        self.epoch == epoch && matches!(self.place, Place::Waiting { promised: None, .. })
    }

    /// Promises to sit down in `room` if the other side does, where a proposal
    /// made under `epoch` still counts; whether it does. No other proposal counts
    /// until the promise is kept or taken back.
    pub fn promise(&mut self, epoch: u64, room: RoomId) -> bool {
        match &mut self.place {
            Place::Waiting { promised: promised @ None, .. } if self.epoch == epoch => {
                *promised = Some(room);
                true
            }
            _ => false,
        }
    }

    /// Whether it is promised to `room`.
    #[must_use]
    pub fn promised(&self, room: RoomId) -> bool {
        matches!(&self.place, Place::Waiting { promised, .. } if *promised == Some(room))
    }

    /// Whether it waits under `epoch`, also where it is promised.
    #[must_use]
    pub fn waits_under(&self, epoch: u64) -> bool {
        self.epoch == epoch && self.waits()
    }

    /// Takes the promise of `room` back; whether it stood.
    pub fn take_back(&mut self, room: RoomId) -> bool {
        match &mut self.place {
            Place::Waiting { promised, .. } if *promised == Some(room) => {
                *promised = None;
                true
            }
            _ => false,
        }
    }

    /// Whether the client is to be told now that it waits: where it still does
    /// under `epoch`, and once a wait, however often the preferences change.
    pub fn announce(&mut self, epoch: u64) -> bool {
        match &mut self.place {
            Place::Waiting { told, .. } if self.epoch == epoch => !std::mem::replace(told, true),
            _ => false,
        }
    }

    /// Accepts a proposal; the caller has asked [`awaits`](Self::awaits).
    pub fn sit(&mut self, seat: Seat<P>) {
        self.place = Place::InRoom(seat);
    }

    /// The partner left `room`; whether this session still sat there.
    pub fn part(&mut self, now: Moment, room: RoomId) -> bool {
        let sits = matches!(&self.place, Place::InRoom(seat) if seat.room == room);
        if sits {
            self.leave(now);
        }
        sits
    }

    /// News of the connection of the partner in `room`; whether the client is
    /// to be told, and that it is away (true) or back.
    pub fn partner_link(&mut self, room: RoomId, link: u64, away: bool) -> Option<bool> {
        let Place::InRoom(seat) = &mut self.place else { return None };
        // The same number again: the partner's node was lost, and is back.
        if seat.room != room || link < seat.opposite.link {
            return None;
        }
        let changed = seat.opposite.away != away;
        seat.opposite = Opposite { link, away };
        changed.then_some(away)
    }

    /// The connection dropped: the place is kept, but nothing that was proposed
    /// before counts. Whether the session waited.
    pub fn pause(&mut self) -> bool {
        self.epoch += 1;
        if let Place::Waiting { promised, .. } = &mut self.place {
            *promised = None;
        }
        self.waits()
    }

    /// The client is back. If the session waited, it does so again, since when
    /// it did.
    pub fn resume(&mut self) -> Option<Wait<P>> {
        let Place::Waiting { since, promised, .. } = &mut self.place else { return None };
        *promised = None;
        let since = *since;
        self.epoch += 1;
        let preferences = self.preferences.clone();
        Some(Wait { epoch: self.epoch, since, preferences, left: None })
    }

    /// The client knows where it stands.
    pub fn welcomed(&mut self) {
        if let Place::Waiting { told, .. } = &mut self.place {
            *told = true;
        }
    }

    /// Under which proposals count now.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// What the person asks for; the defaults before the first `join`.
    #[must_use]
    pub fn preferences(&self) -> &Preferences {
        &self.preferences
    }

    /// Changes the way to the partner in `room`, where the session sits there.
    pub fn reroute(&mut self, room: RoomId, partner: P) {
        if let Place::InRoom(seat) = &mut self.place
            && seat.room == room
        {
            seat.partner = partner;
            self.withdraw_permits();
        }
    }

    /// Good as long as the session sits where it does, with the same way to the same
    /// partner, unless it is [withdrawn](Self::withdraw_permits) before.
    pub fn permit(&mut self) -> Permit {
        self.permits.give()
    }

    /// No permit that was given counts any more.
    pub fn withdraw_permits(&mut self) {
        self.permits.withdraw();
    }

    /// The seat, if the session sits in a room.
    #[must_use]
    pub fn seat(&self) -> Option<&Seat<P>> {
        match &self.place {
            Place::InRoom(seat) => Some(seat),
            Place::Idle | Place::Waiting { .. } | Place::Ended => None,
        }
    }

    /// Whether it is queued.
    #[must_use]
    pub fn waits(&self) -> bool {
        matches!(self.place, Place::Waiting { .. })
    }

    /// Whether it is over.
    #[must_use]
    pub fn ended(&self) -> bool {
        matches!(self.place, Place::Ended)
    }

    /// The partner in `room` is away like everybody; whether the client doesn't
    /// know.
    pub fn partner_drops(&mut self, room: RoomId) -> bool {
        match &mut self.place {
            Place::InRoom(seat) if seat.room == room => {
                !std::mem::replace(&mut seat.opposite.away, true)
            }
            _ => false,
        }
    }

    /// How `room` stands to this session.
    #[must_use]
    pub fn standing(&self, room: RoomId) -> Standing<'_, P> {
        match &self.place {
            Place::InRoom(seat) if seat.room == room => Standing::Here(seat),
            _ if self.former.contains(room) => Standing::Former,
            _ => Standing::Never,
        }
    }

    /// Whether silence must be noticed soon: somebody may be paired with this
    /// session, or was just now (rule 7).
    #[must_use]
    pub fn watched(&self, now: Moment) -> bool {
        match &self.place {
            Place::Waiting { .. } => true,
            Place::InRoom(seat) => now - seat.since < NEW_ROOM,
            Place::Idle | Place::Ended => false,
        }
    }

    fn wait(&mut self, now: Moment) -> Wait<P> {
        let (since, told) = match self.place {
            Place::Waiting { since, told, .. } => (since, told),
            _ => (now, false),
        };
        let left = self.stand_up(now, Place::Waiting { since, told, promised: None });
        Wait { epoch: self.epoch, since, preferences: self.preferences.clone(), left }
    }

    /// Every change of place but sitting down goes through here: proposals for
    /// the earlier place no longer count.
    fn stand_up(&mut self, now: Moment, to: Place<P>) -> Option<Seat<P>> {
        self.epoch += 1;
        self.withdraw_permits();
        match std::mem::replace(&mut self.place, to) {
            Place::InRoom(mut seat) => {
                self.former.add(now, &mut seat);
                Some(seat)
            }
            Place::Idle | Place::Waiting { .. } | Place::Ended => None,
        }
    }
}

#[cfg(test)]
mod tests;
