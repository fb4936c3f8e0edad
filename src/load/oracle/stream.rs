//! What one side of a room hears of the other.

use super::entries::Account;
use super::fault::{Fault, Rule};
use super::mark::{Kind, Mark, Name};
use crate::ids::RoomId;

/// The most signals that are remembered as not come yet; of further ones a late
/// one is taken for a repeated one.
const MAX_MISSING: usize = 32;

/// The signals of a partner as they come in.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    partner: Option<Name>,
    life: u32,
    /// The last number that came in.
    last: u64,
    account: Account,
    missing: Vec<u64>,
    /// Something before the next signal may rightly be lost.
    excused: bool,
}

impl Stream {
    /// The service has said that messages are lost (`missed`).
    pub(super) fn excuse(&mut self) {
        self.excused = true;
    }

    /// What came in so far.
    pub(super) fn account(&self) -> Account {
        Account { excused: self.account.excused || self.excused, ..self.account }
    }

    /// A `typing` came in.
    pub(super) fn typing(&mut self) {
        self.account.typings += 1;
    }

    /// A signal of `kind` with this text came into `room`; its mark.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn signal(
        &mut self,
        me: Name,
        room: RoomId,
        kind: Kind,
        text: &str,
    ) -> Result<Mark, Fault> {
        let Some((mark, sum)) = Mark::read(text).filter(|(mark, _)| mark.kind == kind) else {
            // Its number is lost with it; that is one fault, not two.
            self.excused = true;
            let words = format!("{me} got in room {room} a signal whose checksum is wrong");
            return Err(Fault::new(Rule::NothingChanged, words));
        };
        self.origin(me, room, &mark)?;
        let excused = std::mem::take(&mut self.excused) || mark.life > self.life;
        self.life = self.life.max(mark.life);
        self.account.excused |= excused;
        let in_turn = self.number(&mark, excused);
        if in_turn.is_ok() {
            self.account.add(sum);
            self.typings(&mark, excused)?;
        }
        in_turn.map(|()| mark)
    }

    fn origin(&mut self, me: Name, room: RoomId, mark: &Mark) -> Result<(), Fault> {
        let from = mark.from;
        if mark.room != room {
            let words = format!("{me} got in room {room} what {from} sent into room {}", mark.room);
            return Err(Fault::new(Rule::NothingFromElsewhere, words));
        }
        if from == me {
            let words = format!("{me} got in room {room} what it sent itself");
            return Err(Fault::new(Rule::NothingFromElsewhere, words));
        }
        let partner = *self.partner.get_or_insert(from);
        if partner == from {
            return Ok(());
        }
        let words = format!("{me} got in room {room} signals of {partner} and of {from}");
        Err(Fault::new(Rule::TwoToARoom, words))
    }

    fn number(&mut self, mark: &Mark, excused: bool) -> Result<(), Fault> {
        let (number, due, from) = (mark.number, self.last + 1, mark.from);
        if let Some(place) = self.missing.iter().position(|missing| *missing == number) {
            self.missing.swap_remove(place);
            let words = format!("signal {number} of {from} came after signal {}", self.last);
            return Err(Fault::new(Rule::OrderKept, words));
        }
        if number < due {
            let words = format!("signal {number} of {from} came again after signal {}", self.last);
            return Err(Fault::new(Rule::NothingRepeated, words));
        }
        self.last = number;
        if number == due || excused {
            return Ok(());
        }
        let room = MAX_MISSING.saturating_sub(self.missing.len());
        self.missing.extend((due..number).take(room));
        self.account.excused = true;
        let words = format!("signal {number} of {from} came where {due} was due");
        Err(Fault::new(Rule::NothingLost, words))
    }

    fn typings(&mut self, mark: &Mark, excused: bool) -> Result<(), Fault> {
        let came = std::mem::replace(&mut self.account.typings, mark.typings);
        let rule = match came.cmp(&mark.typings) {
            std::cmp::Ordering::Less => Rule::NothingLost,
            std::cmp::Ordering::Greater => Rule::NothingRepeated,
            std::cmp::Ordering::Equal => return Ok(()),
        };
        if excused {
            return Ok(());
        }
        let sent = mark.typings;
        let words =
            format!("before signal {} {} sent {sent} typing, {came} came", mark.number, mark.from);
        Err(Fault::new(rule, words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: Name = Name { run: 1, person: 0 };
    const ROOM: RoomId = RoomId::from_u128(5);

    fn mark(number: u64) -> Mark {
        let from = Name { run: 1, person: 1 };
        Mark { from, room: ROOM, kind: Kind::Chat, number, life: 0, typings: 0, due_us: 0 }
    }

    fn hear(stream: &mut Stream, mark: Mark) -> Option<Rule> {
        let text = mark.write("", " hello").0;
        stream.signal(ME, ROOM, Kind::Chat, &text).err().map(|fault| fault.rule)
    }

    #[test]
    fn what_is_lost_late_or_repeated_is_told_apart() {
        let mut stream = Stream::default();
        assert_eq!(hear(&mut stream, mark(1)), None);
        assert_eq!(hear(&mut stream, mark(3)), Some(Rule::NothingLost));
        assert_eq!(hear(&mut stream, mark(2)), Some(Rule::OrderKept));
        assert_eq!(hear(&mut stream, mark(2)), Some(Rule::NothingRepeated));
        assert_eq!(hear(&mut stream, mark(4)), None);
    }

    #[test]
    fn what_a_sender_had_on_the_way_when_it_dropped_may_be_lost() {
        let mut stream = Stream::default();
        assert_eq!(hear(&mut stream, Mark { life: 1, typings: 3, ..mark(4) }), None);
        assert_eq!(
            hear(&mut stream, Mark { life: 1, typings: 3, ..mark(6) }),
            Some(Rule::NothingLost)
        );
        let mut stream = Stream::default();
        stream.excuse();
        assert_eq!(hear(&mut stream, mark(4)), None, "nor what the service said is missed");
        assert_eq!(hear(&mut stream, mark(6)), Some(Rule::NothingLost));
    }

    #[test]
    fn who_and_where_it_is_from_is_seen() {
        let mut stream = Stream::default();
        let elsewhere = Mark { room: RoomId::from_u128(6), ..mark(1) };
        assert_eq!(hear(&mut stream, elsewhere), Some(Rule::NothingFromElsewhere));
        assert_eq!(
            hear(&mut stream, Mark { from: ME, ..mark(1) }),
            Some(Rule::NothingFromElsewhere)
        );
        assert_eq!(hear(&mut stream, mark(1)), None);
        let third = Name { run: 1, person: 2 };
        assert_eq!(hear(&mut stream, Mark { from: third, ..mark(1) }), Some(Rule::TwoToARoom));
        let text = mark(2).write("", "").0;
        let as_offer = stream.signal(ME, ROOM, Kind::Offer, &text);
        assert_eq!(as_offer.unwrap_err().rule, Rule::NothingChanged);
    }

    #[test]
    fn typing_counts_between_signals() {
        let mut stream = Stream::default();
        stream.typing();
        assert_eq!(hear(&mut stream, Mark { typings: 1, ..mark(1) }), None);
        assert_eq!(hear(&mut stream, Mark { typings: 2, ..mark(2) }), Some(Rule::NothingLost));
        stream.typing();
        assert_eq!(hear(&mut stream, Mark { typings: 2, ..mark(3) }), Some(Rule::NothingRepeated));
    }
}
