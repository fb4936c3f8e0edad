//! The short way of signals: past the sender's desk.
//!
//! Where two talk much, their threads would otherwise take the places in memory of both
//! desks from each other with each message.

use std::sync::Arc;

use super::parcel::Parcel;
use crate::clock::Moment;
use crate::metrics::Metrics;
use crate::protocol::{Encoded, KnownRoom, Payload, Signal};
use crate::session::desk::{Desk, Way};
use crate::session::handle::Session;
use crate::session::permit::Permit;

/// Leave to hand signals in a room to who sits opposite, as long as the sender sits there
/// and its connection counts.
#[derive(Debug)]
pub struct Pass {
    room: KnownRoom,
    opposite: Arc<Session>,
    permit: Permit,
}

impl Pass {
    /// For the room in which the session sits whose `desk` this is; `None` where all that
    /// it sends has to be looked at more closely, or who sits opposite is on another node.
    #[must_use]
    pub fn at(desk: &mut Desk) -> Option<Self> {
        let seat = desk.state.seat().filter(|seat| !seat.private)?;
        let Way::Here(opposite) = &seat.partner.way else { return None };
        let (room, opposite) = (KnownRoom::new(seat.room), opposite.clone());
        Some(Self { room, opposite, permit: desk.state.permit() })
    }

    /// The room in which it counts.
    #[must_use]
    pub const fn room(&self) -> &KnownRoom {
        &self.room
    }

    /// Whether it still counts.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.permit.is_good()
    }

    /// Whether `signal` may go this way. One of which the sender's desk takes note may not.
    #[must_use]
    pub fn admits(&self, signal: &Signal<'_>) -> bool {
        let noted = matches!(signal.payload, Payload::Chat { .. } | Payload::CreateAnswer { .. });
        !noted && self.room.id() == signal.room && self.is_good()
    }

    /// Hands over what came in at `received`, all of which it admitted; whether who sits
    /// opposite took it.
    #[must_use]
    pub fn hand(&self, parcel: &Parcel, received: Moment, metrics: &Metrics) -> bool {
        let room = self.room.id();
        let handed = self.opposite.hand_in(room, |desk| {
            let signals = parcel.texts().map(|text| Encoded::forwarded(room, text));
            desk.push_all(signals, Some(received));
        });
        if handed {
            metrics.forwarded(parcel.counts());
        }
        handed
    }
}

#[cfg(test)]
mod tests {
    use super::super::seating::tests::waiting;
    use super::super::{Invitation, seat};
    use super::*;
    use crate::ice::Ice;
    use crate::ids::RoomId;
    use crate::protocol::{CloseCode, Mode};
    use crate::session::bell::Bell;
    use crate::session::desk::Partner;
    use crate::session::state::Terms;

    const TYPING: Payload<'_> = Payload::Typing { active: true };

    /// Two who sit in a room, and its id.
    fn pair(metrics: &Metrics) -> ([Arc<Session>; 2], RoomId) {
        let sides = [1, 2].map(|number| waiting(number, metrics));
        let terms = Terms { mode: Mode::Text, interests: Vec::new() };
        let [one, other]: &[Invitation; 2] = &sides;
        let room = seat(Moment::default(), one, other, terms, &Ice::none(), metrics).unwrap();
        (sides.map(|side| side.session), room)
    }

    /// One signal, packed.
    fn parcel(signal: &Signal<'_>) -> Box<Parcel> {
        let mut parcel = Parcel::new();
        assert!(!parcel.put(signal));
        parcel
    }

    #[test]
    fn a_pass_ends_with_whatever_it_was_given_for() {
        let now = Moment::default();
        let ends: [fn(&mut Desk, RoomId); 7] = [
            |desk, _| drop(desk.state.leave(Moment::default())),
            |desk, room| assert!(desk.state.part(Moment::default(), room)),
            |desk, _| drop(desk.state.next(Moment::default(), None)),
            |desk, _| desk.close(CloseCode::Banned),
            |desk, _| drop(desk.resume(None, &Arc::<Bell>::default())),
            |desk, _| desk.give_up(Moment::default()),
            |desk, room| {
                let way = desk.state.seat().unwrap().partner.way.clone();
                desk.state.reroute(room, Partner { way, _room: None });
            },
        ];
        for (nth, end) in ends.into_iter().enumerate() {
            let metrics = Metrics::new();
            let ([one, other], room) = pair(&metrics);
            let pass = Pass::at(&mut one.lock()).unwrap();
            let signal = Signal::new(room, TYPING);
            assert!(pass.admits(&signal) && pass.hand(&parcel(&signal), now, &metrics), "{nth}");
            assert_eq!(other.lock().outbox.last_seq(), 2, "matched, and the signal");
            end(&mut one.lock(), room);
            assert!(!pass.admits(&signal), "{nth}");
        }
    }

    #[test]
    fn who_left_the_room_is_handed_nothing_and_another_room_s_signal_is_not_admitted() {
        let metrics = Metrics::new();
        let ([one, other], room) = pair(&metrics);
        let pass = Pass::at(&mut one.lock()).unwrap();
        assert!(!pass.admits(&Signal::new(RoomId::NOBODYS, TYPING)));
        other.lock().state.leave(Moment::default());
        let signal = Signal::new(room, TYPING);
        assert!(pass.admits(&signal), "the sender still sits there");
        assert!(!pass.hand(&parcel(&signal), Moment::default(), &metrics));
        assert_eq!(other.lock().outbox.last_seq(), 1, "matched alone");
    }

    #[test]
    fn what_is_packed_arrives_in_order_and_is_counted_and_the_next_parcel_is_empty() {
        let metrics = Metrics::new();
        let ([one, other], room) = pair(&metrics);
        let pass = Pass::at(&mut one.lock()).unwrap();
        other.lock().outbox.take(&mut Vec::new(), usize::MAX, |_| ());
        let mut packed = Parcel::new();
        for active in [true, false, true] {
            let signal = Signal::new(room, Payload::Typing { active });
            assert!(pass.admits(&signal) && !packed.put(&signal));
        }
        assert!(pass.hand(&packed, Moment::default(), &metrics));
        let (mut frames, mut numbers) = (Vec::new(), Vec::new());
        other.lock().outbox.take(&mut frames, usize::MAX, |taken| numbers.push(taken.seq));
        let text = String::from_utf8_lossy(&frames);
        let said: Vec<_> = text.split("active\":").skip(1).map(|rest| &rest[..4]).collect();
        assert_eq!((numbers, said), (vec![2, 3, 4], vec!["true", "fals", "true"]));
        assert_eq!(packed.counts(), &[0, 0, 0, 0, 3]);
        packed.empty();
        let next = parcel(&Signal::new(room, TYPING));
        assert_eq!((next.texts().count(), next.counts()), (1, &[0, 0, 0, 0, 1]));
    }

    #[test]
    fn a_parcel_is_enough_before_it_is_large() {
        let sdp = format!("\"{}\"", "x".repeat(5_000));
        let json = serde_json::from_str(&sdp).unwrap();
        let signal = Signal::new(RoomId::NOBODYS, Payload::CreateOffer { sdp: json, fresh: None });
        let mut packed = Parcel::new();
        let puts: Vec<_> = (0..4).map(|_| packed.put(&signal)).collect();
        assert_eq!(puts, [false, false, false, true]);
    }
}
