//! What both sides of each room know, joined.

use std::collections::{HashMap, VecDeque};

use super::entries::{Account, Closed, End, Entered};
use super::fault::{Fault, Rule};
use crate::ids::RoomId;

/// The most rooms that are kept; the oldest goes first. Rooms of which both
/// sides have ended are kept as well, so that a third member is seen.
const MAX_ROOMS: usize = 262_144;
/// The most sides of a room that are kept, to be shown.
const MAX_SIDES: usize = 8;

/// A side of a room.
#[derive(Clone, Debug)]
struct Side {
    entered: Entered,
    closed: Option<Closed>,
}

impl Side {
    fn show(&self) -> impl Iterator<Item = String> {
        let Entered { room, who, role, mode, interests, .. } = &self.entered;
        let mode = mode.name();
        let told = format!("{who} got matched: room {room}, {role:?}, {mode}, {interests:?}");
        let over = self.closed.as_ref().map(|closed| {
            let (sent, got) = (amount(closed.sent), amount(closed.received));
            format!("{who} is out of it ({:?}): sent {sent}, got {got}", closed.end)
        });
        std::iter::once(told).chain(over)
    }
}

/// All rooms that simulated people were told of.
#[derive(Debug, Default)]
pub(in crate::load) struct Ledger {
    rooms: HashMap<RoomId, Vec<Side>>,
    order: VecDeque<RoomId>,
}

impl Ledger {
    /// A person was told of a room.
    ///
    /// # Errors
    /// What is wrong with that.
    pub(in crate::load) fn enter(&mut self, entered: Entered) -> Result<(), Fault> {
        let room = entered.room;
        if entered.again {
            self.reopen(&entered);
            return Ok(());
        }
        if !self.rooms.contains_key(&room) {
            self.make_room();
            self.order.push_back(room);
        }
        let sides = self.rooms.entry(room).or_default();
        let Some(known) = sides.first().map(|side| side.entered.clone()) else {
            sides.push(Side { entered, closed: None });
            return Ok(());
        };
        if let Some(other) = sides.get(1) {
            let (one, other, who) = (known.who, other.entered.who, entered.who);
            if sides.len() < MAX_SIDES {
                sides.push(Side { entered, closed: None });
            }
            let words = format!("room {room} has {one}, {other} and {who}");
            return Err(Fault::new(Rule::TwoToARoom, words));
        }
        let suits = suits(&known, &entered);
        sides.push(Side { entered, closed: None });
        suits
    }

    /// A person is back in a room that it had left.
    fn reopen(&mut self, entered: &Entered) {
        let sides = self.rooms.get_mut(&entered.room).into_iter().flatten();
        for side in sides.filter(|side| side.entered.who == entered.who) {
            side.closed = None;
        }
    }

    /// A room is over for a person.
    ///
    /// # Errors
    /// What was wrong in it, once both sides are known.
    pub(in crate::load) fn close(&mut self, closed: Closed) -> Result<(), Fault> {
        let Some(sides) = self.rooms.get_mut(&closed.room) else { return Ok(()) };
        let Some(side) = sides.iter_mut().find(|side| side.entered.who == closed.who) else {
            return Ok(());
        };
        side.closed = Some(closed);
        let ends = sides.iter().map(|side| side.closed.clone()).collect::<Option<Vec<_>>>();
        let Some([one, other]) = ends.as_deref() else { return Ok(()) };
        passed(one, other).and(passed(other, one))
    }

    /// What is known of a room, a line for each thing that a side said.
    pub(in crate::load) fn show(&self, room: RoomId) -> Vec<String> {
        self.rooms.get(&room).into_iter().flatten().flat_map(Side::show).collect()
    }

    /// How many rooms only one side of which was told of.
    pub(in crate::load) fn half_known(&self) -> usize {
        self.rooms.values().filter(|sides| sides.len() == 1).count()
    }

    fn make_room(&mut self) {
        while self.order.len() >= MAX_ROOMS {
            let Some(oldest) = self.order.pop_front() else { return };
            self.rooms.remove(&oldest);
        }
    }
}

fn suits(one: &Entered, other: &Entered) -> Result<(), Fault> {
    let (room, a, b) = (one.room, one.who, other.who);
    if a == b {
        return Err(Fault::new(Rule::TwoToARoom, format!("{a} is told of room {room} twice")));
    }
    if one.role == other.role {
        let words = format!("in room {room} {a} and {b} both are {:?}", one.role);
        return Err(Fault::new(Rule::OneOfferer, words));
    }
    if one.mode != other.mode || one.interests != other.interests {
        let words = format!(
            "in room {room} {a} has {} {:?}, {b} has {} {:?}",
            one.mode.name(),
            one.interests,
            other.mode.name(),
            other.interests
        );
        return Err(Fault::new(Rule::SameMode, words));
    }
    Ok(())
}

/// Compares what `from` sent with what `to` got.
fn passed(from: &Closed, to: &Closed) -> Result<(), Fault> {
    let (sent, got) = (from.sent, to.received);
    let told = |rule, what: &str| {
        let words = format!(
            "in room {} {} sent {}, {} got {}: {what}",
            from.room,
            from.who,
            amount(sent),
            to.who,
            amount(got)
        );
        Err(Fault::new(rule, words))
    };
    if got.signals > sent.signals || got.typings > sent.typings {
        return told(Rule::NothingRepeated, "more than there was");
    }
    // All of it is promised to who stays until the other has left, save what may
    // have been on its way when a connection dropped.
    let all = from.end == End::Left && to.end == End::PartnerLeft && from.life == 0;
    if all && !got.excused && (got.signals, got.typings) < (sent.signals, sent.typings) {
        return told(Rule::NothingLost, "some are missing");
    }
    if !got.excused && got.signals == sent.signals && got.digest != sent.digest {
        return told(Rule::NothingChanged, "not the same ones");
    }
    Ok(())
}

fn amount(account: Account) -> String {
    format!("{} signals and {} typing", account.signals, account.typings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::oracle::Name;
    use crate::protocol::{Mode, Role};

    const ROOM: RoomId = RoomId::from_u128(1);

    fn name(person: u32) -> Name {
        Name { run: 1, person }
    }

    fn entered(person: u32, role: Role) -> Entered {
        Entered {
            room: ROOM,
            who: name(person),
            role,
            mode: Mode::Video,
            interests: Vec::new(),
            again: false,
        }
    }

    fn closed(person: u32, end: End, sent: u64, received: u64) -> Closed {
        let account = |signals| Account { signals, digest: signals, ..Account::default() };
        let (sent, received) = (account(sent), account(received));
        Closed { room: ROOM, who: name(person), end, sent, received, life: 0 }
    }

    fn pair() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.enter(entered(0, Role::Offerer)).unwrap();
        ledger.enter(entered(1, Role::Answerer)).unwrap();
        ledger
    }

    fn rule(result: Result<(), Fault>) -> Option<Rule> {
        result.err().map(|fault| fault.rule)
    }

    #[test]
    fn who_is_back_in_a_room_that_was_left_is_the_same_member() {
        let mut ledger = pair();
        ledger.close(closed(0, End::Left, 5, 0)).unwrap();
        ledger.enter(Entered { again: true, ..entered(0, Role::Offerer) }).unwrap();
        assert_eq!(rule(ledger.close(closed(1, End::PartnerLeft, 0, 3))), None, "not over");
        let last = Closed { life: 1, ..closed(0, End::Left, 5, 0) };
        assert_eq!(rule(ledger.close(last)), None, "some may be lost");
        assert_eq!(rule(ledger.enter(entered(0, Role::Offerer))), Some(Rule::TwoToARoom));
    }

    #[test]
    fn rule_1_a_room_has_two_members_one_offerer_and_one_mode() {
        let mut ledger = pair();
        assert_eq!(rule(ledger.enter(entered(2, Role::Answerer))), Some(Rule::TwoToARoom));
        assert_eq!(ledger.show(ROOM).len(), 3, "all that show it");
        let mut ledger = Ledger::default();
        ledger.enter(entered(0, Role::Answerer)).unwrap();
        assert_eq!(ledger.half_known(), 1);
        assert_eq!(rule(ledger.enter(entered(1, Role::Answerer))), Some(Rule::OneOfferer));
        let mut ledger = Ledger::default();
        ledger.enter(entered(0, Role::Offerer)).unwrap();
        let text = Entered { mode: Mode::Text, ..entered(1, Role::Answerer) };
        assert_eq!(rule(ledger.enter(text)), Some(Rule::SameMode));
    }

    #[test]
    fn rule_3_who_stays_gets_all_that_was_sent_before_the_other_left() {
        let mut ledger = pair();
        ledger.close(closed(0, End::Left, 5, 0)).unwrap();
        let short = ledger.close(closed(1, End::PartnerLeft, 0, 4));
        assert_eq!(rule(short), Some(Rule::NothingLost));
        for (ends, life) in [
            ([End::Left, End::Left], 0),
            ([End::Left, End::PartnerGone], 0),
            ([End::Lost, End::PartnerLeft], 0),
            ([End::Left, End::PartnerLeft], 1),
        ] {
            let mut ledger = pair();
            ledger.close(Closed { life, ..closed(0, ends[0], 5, 0) }).unwrap();
            ledger.close(closed(1, ends[1], 0, 4)).unwrap();
        }
    }

    #[test]
    fn what_was_not_sent_does_not_arrive() {
        let mut ledger = pair();
        ledger.close(closed(1, End::Left, 0, 6)).unwrap();
        assert_eq!(rule(ledger.close(closed(0, End::Lost, 5, 0))), Some(Rule::NothingRepeated));
        let mut ledger = pair();
        let mut got = closed(1, End::Left, 0, 5);
        got.received.digest = 99;
        ledger.close(got).unwrap();
        assert_eq!(rule(ledger.close(closed(0, End::Lost, 5, 0))), Some(Rule::NothingChanged));
    }
}
