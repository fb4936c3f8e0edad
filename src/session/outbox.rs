//! What one client is sent: what still waits, and what was sent and may have to
//! be sent again.
//!
//! All messages lie one behind the other as the frames that go to the network:
//! to write many at once is one copy, and to keep them costs no memory of their
//! own each. What was handed to the network is the first part of them.
//!
//! Messages get their number here, at the moment in which their order is
//! decided. What was handed to the network is kept until it is confirmed, so
//! that a resume can replay it (rule 6). Both parts together are bounded by
//! bytes, and so are the outboxes of the process. Where that is not enough,
//! what was sent longest ago is let go first: a resume that names an older
//! number is then told that it missed something. Full without any of that means
//! that the client doesn't read, or doesn't come back.

use std::collections::VecDeque;

use prometheus::IntGauge;

use super::frame::{Opcode, append_header, header_bytes};
use crate::clock::Moment;
use crate::ids::RoomId;
use crate::protocol::Encoded;

pub use self::record::OutboxRecord;

mod record;

/// The most bytes of one outbox, each message counted with what keeping it takes.
const MAX_BYTES: usize = 1 << 20;
/// The most bytes of all outboxes of the process.
const MAX_BYTES_OF_ALL: i64 = 256 << 20;
/// The most messages that wait.
const MAX_MESSAGES: usize = 4096;
/// What keeping one message takes beside its frame.
const OVERHEAD_BYTES: usize = 128;
/// Of all outboxes together, each is counted in steps of so many bytes, or of an
/// eighth of its own: every thread counts there, so it is done seldom.
const LEAST_STEP: usize = 1024;
/// Emptied memory of more bytes, or more places, than these is given back.
const KEPT_BYTES: usize = 256;
const KEPT_PLACES: usize = 4;
/// Where so many bytes are confirmed at once, as many will follow: their memory is kept
/// until less is confirmed, while all outboxes hold less than half of what they may.
const BUSY_BYTES: usize = 8_192;
/// No more than this is kept so.
const BUSY_KEPT_BYTES: usize = 131_072;

/// One client's messages, oldest first.
#[derive(Debug)]
pub struct Outbox {
    /// The frames; before `start` they were let go.
    frames: Vec<u8>,
    start: usize,
    messages: VecDeque<Message>,
    /// So many messages, which are so many bytes of the frames, were handed to
    /// the network. The rest never was, or waits again.
    taken: usize,
    taken_bytes: usize,
    /// How many bytes this outbox is counted with among all.
    counted: usize,
    bytes_of_all: IntGauge,
    last_seq: u64,
    /// The newest number that was let go.
    released: u64,
    /// The newest number that was handed to the network before the last resume.
    /// It may wait again, since a client named an older one.
    reached: u64,
}

/// What is known of a frame.
#[derive(Clone, Copy, Debug)]
struct Message {
    /// Zero for one that takes no number, and is never sent again.
    seq: u64,
    /// The room that it belongs to.
    room: Option<RoomId>,
    /// Of the whole frame.
    bytes: usize,
    /// When the signal came in, for those that come from a partner.
    received: Option<Moment>,
}

/// A message that is handed to the network.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// Where its frame ends among those taken with it.
    pub end: usize,
    /// Its number; zero if it has none.
    pub seq: u64,
    /// When the signal came in, for those that come from a partner.
    pub received: Option<Moment>,
}

/// The outbox is full.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

/// What a resume brings about.
#[derive(Debug, PartialEq, Eq)]
pub struct Replay {
    /// Something after the number that the client named is no longer kept.
    pub missed: bool,
    /// How many messages are sent again.
    pub again: usize,
}

impl Outbox {
    /// An empty one, counted in `bytes_of_all`.
    #[must_use]
    pub fn new(bytes_of_all: IntGauge) -> Self {
        Self {
            frames: Vec::new(),
            start: 0,
            messages: VecDeque::new(),
            taken: 0,
            taken_bytes: 0,
            counted: 0,
            bytes_of_all,
            last_seq: 0,
            released: 0,
            reached: 0,
        }
    }

    /// Puts all of `messages` at the end.
    ///
    /// # Errors
    /// [`Full`]: from one of them on nothing was put; nothing should be any more, or the
    /// client would see a gap.
    pub fn push_all<'a>(
        &mut self,
        messages: impl IntoIterator<Item = Encoded<'a>>,
        received: Option<Moment>,
    ) -> Result<(), Full> {
        let put = messages.into_iter().try_for_each(|message| self.put(&message, received));
        self.count();
        put
    }

    fn put(&mut self, message: &Encoded, received: Option<Moment>) -> Result<(), Full> {
        let bytes = message.bytes() + OVERHEAD_BYTES;
        while self.lacks(bytes) && self.taken > 0 {
            self.let_go_oldest();
        }
        if self.lacks(bytes) || self.messages.len() - self.taken == MAX_MESSAGES {
            return Err(Full);
        }
        let seq = if message.numbered() { self.last_seq + 1 } else { 0 };
        self.last_seq = self.last_seq.max(seq);
        self.reuse();
        let bytes = append(&mut self.frames, message, seq);
        self.messages.push_back(Message { seq, room: message.room(), bytes, received });
        Ok(())
    }

    /// Puts a `welcome` before all that waits.
    pub fn push_first(&mut self, welcome: &Encoded) {
        let mut frame = Vec::with_capacity(welcome.bytes());
        let bytes = append(&mut frame, welcome, 0);
        let at = self.start + self.taken_bytes;
        self.frames.splice(at..at, frame);
        let message = Message { seq: 0, room: welcome.room(), bytes, received: None };
        self.messages.insert(self.taken, message);
        self.count();
    }

    /// Moves messages as WebSocket frames (RFC 6455 section 5.2) to the end of
    /// `frames` until that holds `enough` bytes, and tells of each.
    pub fn take(&mut self, frames: &mut Vec<u8>, enough: usize, mut tell: impl FnMut(Taken)) {
        let (from, before) = (self.start + self.taken_bytes, frames.len());
        let mut end = before;
        while end < enough
            && let Some(message) = self.messages.get(self.taken)
        {
            end += message.bytes;
            tell(Taken { end, seq: message.seq, received: message.received });
            self.taken += 1;
        }
        self.taken_bytes += end - before;
        frames.extend_from_slice(&self.frames[from..from + end - before]);
        while self.taken > 0 && self.messages.front().is_some_and(|message| message.seq == 0) {
            self.let_go_oldest();
        }
        self.reuse();
        self.give_back();
        self.count();
    }

    /// Moves what takes no number, as frames, to the end of `frames`: words that
    /// a later connection would not want.
    pub fn take_unnumbered(&mut self, frames: &mut Vec<u8>) {
        self.retain(|message, frame, taken| {
            if message.seq == 0 && !taken {
                frames.extend_from_slice(frame);
            }
            message.seq != 0 || taken
        });
    }

    /// Takes back what was not handed to the network after all: everything
    /// after `handed`.
    pub fn untake(&mut self, handed: u64) {
        // What takes no number is not sent again.
        self.retain(|message, _, taken| message.seq != 0 || !taken);
        while let Some(last) = self.taken.checked_sub(1)
            && self.messages[last].seq > handed
        {
            self.taken = last;
            self.taken_bytes -= self.messages[last].bytes;
        }
    }

    /// The client has everything up to `seq`. A number that was never sent says
    /// nothing.
    pub fn confirm(&mut self, seq: u64) {
        if seq > self.handed() {
            return;
        }
        let before = self.taken_bytes;
        while self.taken > 0 && self.messages.front().is_some_and(|oldest| oldest.seq <= seq) {
            self.let_go_oldest();
        }
        self.reuse();
        let busy = before - self.taken_bytes >= BUSY_BYTES;
        let much = self.kept_bytes() > BUSY_KEPT_BYTES;
        if !busy || much || self.bytes_of_all.get() > MAX_BYTES_OF_ALL / 2 {
            self.give_back();
        }
        self.count();
    }

    /// Makes ready what a client is sent that has everything up to `seq`, or
    /// that doesn't know what it has. Where it stands in `room`, what belongs to
    /// an earlier one is left out.
    pub fn resume(&mut self, seq: Option<u64>, room: Option<RoomId>) -> Replay {
        self.reached = self.reached.max(self.handed());
        let known = seq.filter(|seq| *seq <= self.reached);
        let missed = known.is_some_and(|seq| seq < self.released);
        let has = known.filter(|_| !missed).unwrap_or(self.reached);
        self.untake(0);
        let (mut again, reached, mut released) = (0, self.reached, self.released);
        self.retain(|message, _, _| {
            if message.seq <= has {
                released = released.max(message.seq);
                return false;
            }
            let earlier = room.is_some() && message.room.is_some() && message.room != room;
            again += usize::from(!earlier && message.seq <= reached);
            !earlier
        });
        self.released = released;
        Replay { missed, again }
    }

    /// The number of the newest message.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// The number of the newest message that was handed to the network.
    #[must_use]
    pub fn handed(&self) -> u64 {
        let waiting = self.messages.range(self.taken..).find(|message| message.seq != 0);
        waiting.map_or(self.last_seq, |message| message.seq - 1)
    }

    /// Lets go of everything.
    pub fn clear(&mut self) {
        self.retain(|_, _, _| false);
        self.released = self.last_seq;
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.taken == self.messages.len()
    }

    /// Keeps only those messages that `keep` says, with their frames; whether
    /// each was taken is told as well.
    fn retain(&mut self, mut keep: impl FnMut(&Message, &[u8], bool) -> bool) {
        let frames = std::mem::take(&mut self.frames);
        let messages = std::mem::take(&mut self.messages);
        let (mut at, taken) = (self.start, self.taken);
        (self.start, self.taken, self.taken_bytes) = (0, 0, 0);
        for (nth, message) in messages.into_iter().enumerate() {
            let frame = &frames[at..at + message.bytes];
            at += message.bytes;
            if keep(&message, frame, nth < taken) {
                self.frames.extend_from_slice(frame);
                self.messages.push_back(message);
                if nth < taken {
                    self.taken += 1;
                    self.taken_bytes += message.bytes;
                }
            }
        }
        self.count();
    }

    /// Lets go of the oldest, which was taken. Not up to a number that was
    /// confirmed: the client never gets to know of what was left out after it,
    /// and goes on from before that.
    fn let_go_oldest(&mut self) {
        let Some(oldest) = self.messages.pop_front() else { return };
        if oldest.seq != 0 {
            self.released = oldest.seq;
        }
        self.taken -= 1;
        self.taken_bytes -= oldest.bytes;
        self.start += oldest.bytes;
    }

    /// Makes use of the memory of what was let go once that is most of it.
    fn reuse(&mut self) {
        if self.messages.is_empty() {
            self.frames.clear();
            self.start = 0;
        } else if self.start > self.frames.len() / 2 {
            self.frames.drain(..self.start);
            self.start = 0;
        }
    }

    /// Gives back the memory where nothing is left.
    fn give_back(&mut self) {
        if self.messages.is_empty() {
            if self.frames.capacity() > KEPT_BYTES {
                self.frames = Vec::new();
            }
            if self.messages.capacity() > KEPT_PLACES {
                self.messages = VecDeque::new();
            }
        }
    }

    fn bytes(&self) -> usize {
        self.frames.len() - self.start + self.messages.len() * OVERHEAD_BYTES
    }

    /// The memory that an empty one keeps for what will follow.
    fn kept_bytes(&self) -> usize {
        let kept = self.frames.capacity() + self.messages.capacity() * size_of::<Message>();
        if self.frames.capacity() > KEPT_BYTES { kept } else { 0 }
    }

    fn lacks(&self, bytes: usize) -> bool {
        self.bytes() + bytes > MAX_BYTES
            || self.bytes_of_all.get() + as_gauge(bytes) > MAX_BYTES_OF_ALL
    }

    /// Counts this outbox among all, one that is empty with the memory that it keeps.
    fn count(&mut self) {
        let bytes = if self.messages.is_empty() { self.kept_bytes() } else { self.bytes() };
        let step = (bytes / 8).next_power_of_two().max(LEAST_STEP);
        let now = bytes.next_multiple_of(step);
        if now != self.counted {
            self.bytes_of_all.add(as_gauge(now) - as_gauge(self.counted));
            self.counted = now;
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.bytes_of_all.sub(as_gauge(self.counted));
    }
}

fn append(frames: &mut Vec<u8>, message: &Encoded, seq: u64) -> usize {
    let before = frames.len();
    message.finish(seq, |length, parts| {
        frames.reserve(header_bytes(length) + length);
        append_header(frames, Opcode::Text, length);
        let parts = parts.iter().filter(|part| !part.is_empty());
        parts.for_each(|part| frames.extend_from_slice(part));
    });
    frames.len() - before
}

fn as_gauge(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
