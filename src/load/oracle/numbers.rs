//! The `seq` of one session (rule 6).

/// Which number the next message may have.
#[derive(Clone, Copy, Debug)]
enum Due {
    /// The one after the last.
    Next,
    /// Any later one.
    Later,
    /// Any later one up to this: what belongs to an older room is left out.
    Gaps { up_to: u64 },
}

/// The numbers that came in, of which only the last is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    last: u64,
    due: Due,
}

impl Numbers {
    /// Those of a session of which nothing came in.
    pub(super) const fn new() -> Self {
        Self { last: 0, due: Due::Next }
    }

    /// The last number that came in.
    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    /// The client comes back and names this number, or none: then any later one
    /// may come.
    pub(super) fn named(&mut self, seq: Option<u64>) {
        self.last = seq.unwrap_or(self.last);
        self.due = if seq.is_some() { Due::Next } else { Due::Later };
    }

    /// After this `welcome` numbers up to `last_seq` may be left out, where it
    /// names a newer room, and any, where messages are no longer kept.
    pub(super) fn resumed(&mut self, last_seq: u64, newer_room: bool, missed: bool) {
        if self.last > last_seq {
            // The machine that knew the later ones died.
            self.last = last_seq;
            self.due = Due::Later;
        } else if missed {
            self.due = Due::Later;
        } else if newer_room && matches!(self.due, Due::Next) {
            self.due = Due::Gaps { up_to: last_seq };
        }
    }

    /// Takes note of a number.
    ///
    /// # Errors
    /// The number that was due instead.
    pub(super) fn take(&mut self, seq: u64) -> Result<(), u64> {
        let next = self.last + 1;
        let fits = match self.due {
            Due::Next => seq == next,
            Due::Later => seq >= next,
            Due::Gaps { up_to } if seq <= up_to => seq >= next,
            Due::Gaps { up_to } => seq == next.max(up_to + 1),
        };
        // One wrong number is one fault: from there on it is counted anew.
        self.last = seq;
        if !matches!(self.due, Due::Gaps { up_to } if seq < up_to) {
            self.due = Due::Next;
        }
        if fits { Ok(()) } else { Err(next) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_gaps_and_none_comes_twice() {
        let mut numbers = Numbers::new();
        assert_eq!(numbers.take(1), Ok(()));
        assert_eq!(numbers.take(3), Err(2));
        assert_eq!(numbers.take(4), Ok(()), "a gap is told once");
        assert_eq!(numbers.take(4), Err(5));
    }

    #[test]
    fn rule_6_what_belongs_to_an_older_room_may_be_left_out() {
        let mut numbers = Numbers::new();
        numbers.resumed(9, true, false);
        assert_eq!([numbers.take(4), numbers.take(9), numbers.take(10)], [Ok(()); 3]);
        assert_eq!(numbers.take(12), Err(11));
        numbers.resumed(14, true, false);
        assert_eq!(numbers.take(15), Ok(()), "up to the last one");
        numbers.resumed(18, false, false);
        assert_eq!(numbers.take(17), Err(16), "but only for a newer room");
    }

    #[test]
    fn rule_6_where_a_machine_died_messages_may_be_lost() {
        let mut numbers = Numbers::new();
        numbers.resumed(9, false, true);
        assert_eq!(numbers.take(11), Ok(()));
        numbers.resumed(8, false, false);
        assert_eq!(numbers.take(9), Ok(()));
        assert_eq!(numbers.take(9), Err(10));
    }
}
