//! All that one person says and hears, checked as it goes.

mod welcome;

use std::collections::VecDeque;

use welcome::Replay;

use super::entries::{Closed, End, Entered};
use super::fault::{Fault, Rule};
use super::mark::{Kind, Mark, Name};
use super::numbers::Numbers;
use super::seat::Seat;
use super::standing::Standing;
use crate::ids::RoomId;
use crate::load::peer::{Heard, Incoming};
use crate::protocol::{Mode, Role};

/// So many of the rooms that were left are known; the oldest goes first.
const FORMER: usize = 16;

/// What comes out beside the answer.
#[derive(Clone, Debug)]
pub(in crate::load) enum Out {
    /// A promise was broken.
    Fault(Fault),
    /// For the ledger: the person is in a room.
    Entered(Entered),
    /// For the ledger: the room is over for the person.
    Closed(Closed),
}

/// One person's session, across its connections.
#[derive(Clone, Debug)]
pub(in crate::load) struct Ear {
    me: Name,
    /// Signals carry marks.
    marked: bool,
    /// Where the session stands is not known: it came back without a number.
    unsure: bool,
    numbers: Numbers,
    welcomed: bool,
    mode: Mode,
    /// The service may hold the person as waiting: a `join` or `next` is
    /// unanswered, or a wait began.
    wanted: bool,
    /// A `leave` is unanswered.
    leaving: bool,
    /// A `join` was said on this connection.
    joined: bool,
    seat: Option<Seat>,
    /// Those that it left in this session, the last one first.
    former: VecDeque<Seat>,
    /// The last room that a `peerLeft` ended.
    ended: Option<RoomId>,
    /// The `matched` of this room may come behind the `welcome` that named it.
    announced: Option<RoomId>,
    replay: Option<Replay>,
    /// Taken after each message; a message puts a handful in at most.
    out: Vec<Out>,
}

impl Ear {
    /// A person without a session.
    pub(in crate::load) fn new(me: Name) -> Self {
        Self {
            me,
            marked: true,
            unsure: false,
            numbers: Numbers::new(),
            welcomed: false,
            mode: Mode::default(),
            wanted: false,
            leaving: false,
            joined: false,
            seat: None,
            former: VecDeque::new(),
            ended: None,
            announced: None,
            replay: None,
            out: Vec::new(),
        }
    }

    /// One whose partners write no marks: what they send is not looked into.
    pub(in crate::load) fn unmarked(me: Name) -> Self {
        Self { marked: false, ..Self::new(me) }
    }

    /// A connection is made that names this number, whatever came in before.
    pub(in crate::load) fn connects_after(&mut self, seq: Option<u64>) {
        self.connects();
        self.numbers.named(seq);
        self.unsure = seq.is_none();
    }

    /// The last number that came in, which a resume names.
    pub(in crate::load) fn last_seq(&self) -> u64 {
        self.numbers.last()
    }

    /// Where the person stands.
    pub(in crate::load) fn standing(&self) -> Standing {
        match &self.seat {
            Some(seat) if !seat.left => Standing::InRoom,
            _ if self.wanted => Standing::Waiting,
            _ => Standing::Idle,
        }
    }

    /// The current room, also where the answer to leaving it is under way.
    pub(in crate::load) fn room(&self) -> Option<RoomId> {
        self.seat.as_ref().map(|seat| seat.room)
    }

    /// Whether a `leave` is unanswered.
    pub(in crate::load) fn leaving(&self) -> bool {
        self.leaving
    }

    /// Whether the service knows what the person looks for: a `join` may be lost
    /// with its connection.
    pub(in crate::load) fn joined(&self) -> bool {
        self.joined
    }

    /// The role in the current room, and its mode.
    pub(in crate::load) fn part(&self) -> Option<(Role, Mode)> {
        self.seat.as_ref().map(|seat| (seat.role, seat.mode))
    }

    /// Whether what a resume brings again is still coming in.
    pub(in crate::load) fn replaying(&self) -> bool {
        self.replay.is_some()
    }

    /// All that came out since the last call.
    pub(in crate::load) fn take(&mut self) -> std::vec::Drain<'_, Out> {
        self.out.drain(..)
    }

    /// The person asks for a partner, by a `join` of this mode or by `next`.
    pub(in crate::load) fn asks(&mut self, mode: Option<Mode>) {
        self.mode = mode.unwrap_or(self.mode);
        self.joined |= mode.is_some();
        self.wanted = true;
        if let Some(seat) = &mut self.seat {
            seat.left = true;
        }
    }

    /// The person says `leave`.
    pub(in crate::load) fn leaves(&mut self) {
        self.leaving = true;
        if let Some(seat) = &mut self.seat {
            seat.left = true;
        }
    }

    /// The text of the next signal; none outside a room.
    pub(in crate::load) fn write(
        &mut self,
        kind: Kind,
        due_us: u64,
        around: [&str; 2],
    ) -> Option<String> {
        let seat = self.seat.as_mut().filter(|seat| !seat.left)?;
        Some(seat.write(self.me, kind, due_us, around))
    }

    /// The person sends a `typing`.
    pub(in crate::load) fn types(&mut self) {
        if let Some(seat) = &mut self.seat {
            seat.types();
        }
    }

    /// A connection is made; its first message is to be a `welcome`.
    pub(in crate::load) fn connects(&mut self) {
        (self.welcomed, self.joined) = (false, false);
    }

    /// The session is given up.
    pub(in crate::load) fn stops(&mut self) {
        self.close(End::Lost);
    }

    /// A message came in; the mark, if it is a signal that carries one and is as
    /// it should be.
    pub(in crate::load) fn hears(&mut self, message: &Incoming<'_>) -> Option<Mark> {
        if self.welcomed == (message.heard() == Heard::Welcome) {
            let words = if self.welcomed { "a second welcome" } else { "no welcome before it" };
            self.fault(Rule::WelcomeFirst, format!("{} got {words}", self.me));
        }
        self.welcomed = true;
        self.number(message);
        let mark = self.handle(message);
        self.unsure &= !message.heard().settles();
        self.end_replay();
        mark
    }

    fn handle(&mut self, message: &Incoming<'_>) -> Option<Mark> {
        match message.heard() {
            Heard::Welcome => self.welcome(message),
            Heard::Waiting if self.announced.is_none() => self.close(End::Left),
            Heard::Matched => self.matched(message),
            Heard::Signal(kind) => return self.signal(kind, message),
            Heard::Typing => self.in_room(message, |seat| seat.stream.typing()),
            Heard::PeerLeft => self.peer_left(message),
            Heard::PeerAway | Heard::PeerBack => self.in_room(message, |_| ()),
            Heard::Idle if self.announced.is_none() => self.idle(),
            Heard::Idle | Heard::Waiting => (),
            Heard::Online | Heard::GoingAway | Heard::Refused | Heard::Other => (),
        }
        None
    }

    fn number(&mut self, message: &Incoming<'_>) {
        match message.seq {
            None if message.heard().numbered() => {
                self.fault(Rule::WellFormed, format!("{} got no seq", self.me));
            }
            None => (),
            Some(seq) => {
                if let Err(due) = self.numbers.take(seq) {
                    let words = format!("{} got seq {seq} where {due} was due", self.me);
                    self.fault(Rule::NumbersWithoutGaps, words);
                }
            }
        }
    }

    fn matched(&mut self, message: &Incoming<'_>) {
        if self.announced.take_if(|room| Some(*room) == message.room).is_some() {
            return;
        }
        match &self.seat {
            Some(seat) if !seat.left && !self.unsure => {
                let words = format!("{} is matched while in room {}", self.me, seat.room);
                self.fault(Rule::OneRoom, words);
                self.close(End::Lost);
            }
            _ => {
                self.close(End::Left);
                self.may_be_matched();
            }
        }
        self.enter(message);
    }

    fn may_be_matched(&mut self) {
        if !self.wanted && !self.unsure {
            self.fault(Rule::OnlyWhoWaits, format!("{} did not ask for a partner", self.me));
        }
    }

    fn enter(&mut self, message: &Incoming<'_>) {
        self.wanted = false;
        let (Some(room), Some(role), Some(mode)) = (message.room, message.role, message.mode)
        else {
            let words = format!("{} got no room, role or mode", self.me);
            return self.fault(Rule::WellFormed, words);
        };
        if mode != self.mode && !self.unsure {
            let words =
                format!("{} asked for {} and got {}", self.me, self.mode.name(), mode.name());
            self.fault(Rule::SameMode, words);
        }
        let mut interests = message.interests.clone().unwrap_or_default();
        interests.sort_unstable();
        let entered = Entered { room, who: self.me, role, mode, interests, again: false };
        let mut seat = Seat::new(&entered);
        // The answer to a `leave` is still to come.
        seat.left = self.leaving;
        self.seat = Some(seat);
        self.out.push(Out::Entered(entered));
    }

    fn signal(&mut self, kind: Kind, message: &Incoming<'_>) -> Option<Mark> {
        let (me, marked) = (self.me, self.marked);
        let mut heard = None;
        self.in_room(message, |seat| {
            heard = marked.then(|| seat.stream.signal(me, seat.room, kind, message.payload()));
        });
        match heard? {
            Ok(mark) => Some(mark),
            Err(fault) => {
                self.out.push(Out::Fault(fault));
                None
            }
        }
    }

    /// Something of a room, which must be the current one.
    fn in_room(&mut self, message: &Incoming<'_>, then: impl FnOnce(&mut Seat)) {
        match (&mut self.seat, message.room) {
            (Some(seat), Some(room)) if seat.room == room => then(seat),
            (_, room) => self.elsewhere(room),
        }
    }

    fn elsewhere(&mut self, room: Option<RoomId>) {
        if self.unsure {
            return;
        }
        let (rule, words) = match room {
            None => (Rule::WellFormed, format!("{} got no room", self.me)),
            Some(room) if self.ended == Some(room) => (
                Rule::PeerLeftLast,
                format!("{} got more of room {room} after its peerLeft", self.me),
            ),
            Some(room) => {
                let words = match self.room() {
                    Some(here) => {
                        format!("{} is in room {here} and got something of {room}", self.me)
                    }
                    None => format!("{} is in no room and got something of {room}", self.me),
                };
                (Rule::NothingFromElsewhere, words)
            }
        };
        self.fault(rule, words);
    }

    fn peer_left(&mut self, message: &Incoming<'_>) {
        if message.room.is_none() || message.room != self.room() {
            return self.elsewhere(message.room);
        }
        let left = self.seat.as_ref().is_some_and(|seat| seat.left);
        self.close(match message.reason.as_deref() {
            _ if left => End::Left,
            Some("next" | "left") => End::PartnerLeft,
            _ => End::PartnerGone,
        });
        self.ended = message.room;
    }

    fn idle(&mut self) {
        (self.leaving, self.wanted) = (false, false);
        self.close(End::Left);
    }

    fn close(&mut self, end: End) {
        let Some(seat) = self.seat.take() else { return };
        // Whoever did not ask to leave has not left.
        let end = if end == End::Left && !seat.left { End::Lost } else { end };
        self.out.push(Out::Closed(seat.close(self.me, end)));
        if matches!(end, End::Left | End::Lost) {
            self.former.truncate(FORMER - 1);
            self.former.push_front(seat);
        }
    }

    fn fault(&mut self, rule: Rule, words: String) {
        self.out.push(Out::Fault(Fault { rule, words }));
    }
}

#[cfg(test)]
mod tests;
