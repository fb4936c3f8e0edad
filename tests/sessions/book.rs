//! What is known of one session without asking it.

use passerby::ids::RoomId;
use passerby::protocol::Mode;

use super::owed::{Owed, What};

/// The bytes that one session's outbox may keep.
pub(crate) const MAX_BYTES: usize = 1 << 20;
/// The messages that one session's outbox may hold unsent.
const MAX_MESSAGES: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Idle,
    Waiting,
    Room(RoomId),
    Over,
}

/// One session's book.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) place: Place,
    pub(crate) mode: Mode,
    /// Whether the client was told that it waits.
    pub(crate) announced: bool,
    /// All rooms it had, oldest first.
    pub(crate) rooms: Vec<RoomId>,
    /// The number of the newest connection or its end; odd while there is one.
    pub(crate) link: u64,
    /// What it could not be sent; it will end.
    pub(crate) overflowed: bool,
    /// Number n at n - 1.
    pub(crate) owed: Vec<Owed>,
    /// Handed to the network, or had by the client.
    pub(crate) taken: u64,
    /// The newest number that was ever handed over.
    pub(crate) reached: u64,
    /// Let go because a client has it, or forgot.
    pub(crate) released: u64,
    /// What may have been let go because there was too much of it.
    pub(crate) evictable: u64,
    unreleased_bytes: usize,
    /// The newest that was heard of the partner: the link's number, and whether
    /// it is away.
    opposite: (u64, bool),
}

impl Book {
    /// Its connection is gone, if it has one.
    pub(crate) fn drop_link(&mut self) {
        self.link += self.link % 2;
    }

    pub(crate) fn new() -> Self {
        Self {
            place: Place::Idle,
            mode: Mode::default(),
            announced: false,
            rooms: Vec::new(),
            link: 1,
            overflowed: false,
            owed: Vec::new(),
            taken: 0,
            reached: 0,
            released: 0,
            evictable: 0,
            unreleased_bytes: 0,
            opposite: (0, false),
        }
    }

    pub(crate) fn here(&self) -> bool {
        self.link % 2 == 1
    }

    pub(crate) fn room(&self) -> Option<RoomId> {
        if let Place::Room(room) = self.place { Some(room) } else { None }
    }

    pub(crate) fn last_seq(&self) -> u64 {
        self.owed.len() as u64
    }

    pub(crate) fn owe(&mut self, room: Option<RoomId>, what: What) {
        if self.overflowed || self.place == Place::Over {
            return;
        }
        self.announced |= what == What::Waiting;
        let owed = Owed::new(room, what);
        self.unreleased_bytes += owed.bytes_at_most();
        self.owed.push(owed);
        if self.unreleased_bytes > MAX_BYTES {
            self.evictable = self.taken;
        }
    }

    pub(crate) fn begin_wait(&mut self) {
        self.announced &= self.place == Place::Waiting;
        self.place = Place::Waiting;
    }

    pub(crate) fn sit(&mut self, room: RoomId) {
        assert_eq!(self.place, Place::Waiting, "paired without waiting");
        assert!(self.here(), "paired while away");
        self.place = Place::Room(room);
        self.rooms.push(room);
        self.opposite = (0, false);
        self.owe(Some(room), What::Matched);
    }

    /// The partner in `room` gave it up.
    pub(crate) fn part(&mut self, room: RoomId, reason: &'static str) {
        if self.place == Place::Room(room) {
            self.owe(Some(room), What::PeerLeft(reason));
            self.place = Place::Idle;
        }
    }

    /// News of the partner's connection.
    pub(crate) fn hear(&mut self, room: RoomId, link: u64) {
        if self.place != Place::Room(room) || link <= self.opposite.0 {
            return;
        }
        let away = link.is_multiple_of(2);
        if away != self.opposite.1 {
            self.owe(Some(room), if away { What::PeerAway } else { What::PeerBack });
        }
        self.opposite = (link, away);
    }

    /// The process restarted, and the partner is away like everybody.
    pub(crate) fn restart(&mut self, room: RoomId) {
        if !self.opposite.1 {
            self.owe(Some(room), What::PeerAway);
        }
        self.opposite = (0, true);
    }

    /// What the client believes of its partner, when it has read everything.
    pub(crate) fn told_away(&self) -> bool {
        let here = self.room();
        let told = self.owed.iter().rev().filter(|owed| owed.room == here);
        let mut link = told.filter(|owed| matches!(owed.what, What::PeerAway | What::PeerBack));
        link.next().is_some_and(|owed| owed.what == What::PeerAway)
    }

    /// The first number after `seq` that is to be sent, if there is one.
    pub(crate) fn next_after(&self, seq: u64) -> Option<u64> {
        (seq + 1..=self.last_seq()).find(|next| !self.owed(*next).skipped)
    }

    pub(crate) fn owed(&self, seq: u64) -> &Owed {
        &self.owed[usize::try_from(seq - 1).expect("few")]
    }

    /// The newest number of which a client may say that it has it.
    pub(crate) fn handed(&self) -> u64 {
        self.next_after(self.taken).map_or(self.last_seq(), |next| next - 1)
    }

    /// A client has everything up to `seq`, or will never ask for it.
    pub(crate) fn confirm(&mut self, seq: u64) {
        if seq > self.handed() {
            return;
        }
        for number in self.released + 1..=seq {
            let owed = &mut self.owed[usize::try_from(number - 1).expect("few")];
            if !owed.skipped {
                self.released = number;
            }
        }
        self.count_bytes();
    }

    /// Leaves out, from now on, what is after `seq` and belongs to an older room
    /// than `room`; whether there is any.
    pub(crate) fn skip_older(&mut self, seq: u64, room: RoomId) -> bool {
        let from = usize::try_from(seq).expect("few");
        let older = |owed: &&mut Owed| !owed.skipped && owed.room.is_some_and(|of| of != room);
        let skipped = self.owed[from..].iter_mut().filter(older).map(|owed| owed.skipped = true);
        let any = skipped.count() > 0;
        self.count_bytes();
        any
    }

    /// Checks that there was too much to hold.
    pub(crate) fn overflow(&mut self) {
        let unsent = &self.owed[usize::try_from(self.taken).expect("few")..];
        let bytes: usize = unsent.iter().map(Owed::bytes_at_most).sum();
        assert!(bytes > MAX_BYTES || unsent.len() > MAX_MESSAGES, "{bytes} bytes are no overflow");
        self.overflowed = true;
    }

    fn count_bytes(&mut self) {
        let kept = &self.owed[usize::try_from(self.released).expect("few")..];
        let kept = kept.iter().filter(|owed| !owed.skipped);
        self.unreleased_bytes = kept.map(Owed::bytes_at_most).sum();
    }
}
