//! Where a session stands, and what that allows.
//!
//! The one authority on a person's place: idle, waiting or in a room. Whoever
//! pairs people only proposes; the proposal counts if the session still waits
//! under the epoch that it was made for (invariant 1). Pure: time comes in.

use std::sync::Arc;
use std::time::Duration;

use super::former::FormerRooms;
use crate::clock::Moment;
use crate::ids::{PersonId, RoomId};
use crate::protocol::Preferences;

/// How long a new room's two sides are watched closely (rule 7).
const NEW_ROOM: Duration = Duration::from_secs(20);

/// A session's place and what it remembers. `P` is the way to a partner.
#[derive(Debug)]
pub struct State<P> {
    place: Place<P>,
    epoch: u64,
    preferences: Arc<Preferences>,
    former: FormerRooms,
}

#[derive(Debug)]
enum Place<P> {
    Idle,
    /// `told` is whether the client knows of this wait.
    Waiting {
        since: Moment,
        told: bool,
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
    /// Who that is.
    pub person: PersonId,
    /// When the two were told of each other.
    pub since: Moment,
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
        let leaves = match &self.place {
            Place::Idle => self.former.last(),
            Place::InRoom(seat) => Some(seat.room),
            Place::Waiting { .. } | Place::Ended => return None,
        };
        (named.is_none() || named == leaves).then(|| self.wait(now))
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
        self.epoch == epoch && matches!(self.place, Place::Waiting { .. })
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

    /// How `room` stands to this session.
    #[must_use]
    pub fn standing(&self, room: RoomId) -> Standing<'_, P> {
        match &self.place {
            Place::InRoom(seat) if seat.room == room => Standing::Here(seat),
            _ if self.former.contains(room) => Standing::Former,
            _ => Standing::Never,
        }
    }

    /// Whom a report of `room` concerns: the partner there, now or in the last
    /// 60 s.
    #[must_use]
    pub fn reportable(&self, now: Moment, room: RoomId) -> Option<PersonId> {
        match self.standing(room) {
            Standing::Here(seat) => Some(seat.person),
            Standing::Former => self.former.recent_partner(now, room),
            Standing::Never => None,
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

    /// Whether it sits in a room.
    #[must_use]
    pub fn in_room(&self) -> bool {
        matches!(self.place, Place::InRoom(_))
    }

    fn wait(&mut self, now: Moment) -> Wait<P> {
        let (since, told) = match self.place {
            Place::Waiting { since, told } => (since, told),
            _ => (now, false),
        };
        let left = self.stand_up(now, Place::Waiting { since, told });
        Wait { epoch: self.epoch, since, preferences: self.preferences.clone(), left }
    }

    /// Every change of place but sitting down goes through here: proposals for
    /// the earlier place no longer count.
    fn stand_up(&mut self, now: Moment, to: Place<P>) -> Option<Seat<P>> {
        self.epoch += 1;
        match std::mem::replace(&mut self.place, to) {
            Place::InRoom(seat) => {
                self.former.add(now, seat.room, seat.person);
                Some(seat)
            }
            Place::Idle | Place::Waiting { .. } | Place::Ended => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: RoomId = RoomId::from_u128(1);
    const TWO: RoomId = RoomId::from_u128(2);

    fn at(seconds: u64) -> Moment {
        Moment::from_micros(seconds * 1_000_000)
    }

    fn sitting(room: RoomId) -> State<()> {
        let mut state = State::default();
        let wait = state.join(at(0), Preferences::default());
        assert!(state.awaits(wait.epoch));
        state.sit(Seat { room, partner: (), person: PersonId::from_u128(7), since: at(1) });
        state
    }

    #[test]
    fn rule_1_a_proposal_counts_once_and_only_for_the_wait_it_was_made_for() {
        let mut state = State::<()>::default();
        let first = state.join(at(0), Preferences::default());
        let second = state.join(at(1), Preferences::default());
        assert!(!state.awaits(first.epoch), "the preferences were replaced");
        assert!(state.awaits(second.epoch));
        state.sit(Seat { room: ONE, partner: (), person: PersonId::from_u128(7), since: at(1) });
        assert!(!state.awaits(second.epoch), "paired already");
        let third = state.next(at(2), None).unwrap();
        state.leave(at(3));
        assert!(!state.awaits(third.epoch));
    }

    #[test]
    fn rule_5_a_join_while_waiting_does_not_begin_the_wait_anew() {
        let mut state = State::<()>::default();
        state.join(at(0), Preferences::default());
        assert_eq!(state.join(at(3), Preferences::default()).since, at(0));
    }

    #[test]
    fn a_wait_is_announced_once_however_often_it_is_changed() {
        let mut state = State::<()>::default();
        let first = state.join(at(0), Preferences::default());
        let second = state.join(at(0), Preferences::default());
        assert!(!state.announce(first.epoch), "the preferences were replaced");
        assert!(state.announce(second.epoch));
        let third = state.join(at(1), Preferences::default());
        assert!(!state.announce(third.epoch), "the client knows");
        state.leave(at(2));
        let fourth = state.join(at(3), Preferences::default());
        assert!(state.announce(fourth.epoch), "another wait");
    }

    #[test]
    fn next_leaves_only_the_room_it_names() {
        let mut state = sitting(ONE);
        assert!(state.next(at(2), Some(TWO)).is_none());
        assert_eq!(state.next(at(2), Some(ONE)).unwrap().left.unwrap().room, ONE);
        assert!(state.next(at(2), None).is_none(), "waiting: no effect");
    }

    #[test]
    fn next_while_idle_names_the_last_room_or_none() {
        let mut state = sitting(ONE);
        assert!(state.part(at(2), ONE));
        assert!(state.next(at(3), Some(TWO)).is_none());
        assert!(state.next(at(3), Some(ONE)).is_some());
        assert!(State::<()>::default().next(at(0), Some(ONE)).is_none());
        assert!(State::<()>::default().next(at(0), None).is_some(), "the defaults");
    }

    #[test]
    fn rule_2_a_room_is_current_then_former_and_else_unknown() {
        let mut state = sitting(ONE);
        assert!(matches!(state.standing(ONE), Standing::Here(_)));
        assert!(!state.part(at(2), TWO), "another room's end");
        assert!(state.part(at(2), ONE));
        assert!(matches!(state.standing(ONE), Standing::Former));
        assert!(matches!(state.standing(TWO), Standing::Never));
    }

    #[test]
    fn a_report_reaches_back_a_minute() {
        let mut state = sitting(ONE);
        assert!(state.reportable(at(500), ONE).is_some());
        state.leave(at(500));
        assert!(state.reportable(at(560), ONE).is_some());
        assert!(state.reportable(at(561), ONE).is_none());
    }

    #[test]
    fn rule_7_who_waits_or_was_just_paired_is_watched() {
        let mut state = sitting(ONE);
        assert!(state.watched(at(20)));
        assert!(!state.watched(at(21)));
        state.next(at(30), None);
        assert!(state.watched(at(500)));
        state.leave(at(501));
        assert!(!state.watched(at(501)));
    }

    #[test]
    fn an_ended_session_stays_ended() {
        let mut state = sitting(ONE);
        assert!(state.end(at(2)).is_some());
        assert!(state.next(at(3), None).is_none());
    }
}
