//! What one client is sent: what still waits, and what was sent and may have to
//! be sent again.
//!
//! Messages get their number here, at the moment in which their order is
//! decided. What was handed to the network is kept until it is confirmed, so
//! that a resume can replay it (rule 6). Both parts together are bounded by
//! bytes, and so are the outboxes of the process. Where that is not enough,
//! what was sent longest ago is let go first: a resume that names an older
//! number is then told that it missed something. Full without any of that means
//! that the client doesn't read, or doesn't come back.

use std::collections::VecDeque;

use actix_http::ws::{OpCode, Parser};
use bytes::BytesMut;
use prometheus::IntGauge;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::RoomId;
use crate::protocol::Encoded;

/// The most bytes of one outbox, each message counted with what keeping it takes.
const MAX_BYTES: usize = 1 << 20;
/// The most bytes of all outboxes of the process.
const MAX_BYTES_OF_ALL: i64 = 256 << 20;
/// The most messages that wait.
const MAX_MESSAGES: usize = 4096;
/// What keeping one message takes beside its text.
const OVERHEAD_BYTES: usize = 128;
/// A text with more unused memory than this gives it back.
const MAX_SPARE_BYTES: usize = 512;
/// An emptied queue of more places than this gives its memory back.
const KEPT_PLACES: usize = 4;

/// One client's messages, oldest first.
#[derive(Debug)]
pub struct Outbox {
    /// Handed to the network and not confirmed.
    sent: VecDeque<Message>,
    /// Never handed to the network.
    queue: VecDeque<Message>,
    bytes: usize,
    bytes_of_all: IntGauge,
    last_seq: u64,
    /// The newest number that was let go.
    released: u64,
    /// The newest number that was handed to the network before the last resume.
    /// It may wait again, since a client named an older one.
    reached: u64,
}

/// A message as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct Message {
    /// Zero for one that takes no number, and is never sent again.
    seq: u64,
    /// The room that it belongs to.
    room: Option<RoomId>,
    #[serde(with = "as_text")]
    text: Vec<u8>,
    /// When the signal came in, for those that come from a partner.
    #[serde(skip)]
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

/// An outbox as a file holds it.
#[derive(Debug, Serialize, Deserialize)]
pub struct OutboxRecord {
    sent: VecDeque<Message>,
    queue: VecDeque<Message>,
    last_seq: u64,
    released: u64,
    reached: u64,
}

impl Message {
    fn new(message: Encoded, seq: u64, received: Option<Moment>) -> Self {
        let room = message.room();
        let seq = if message.numbered() { seq } else { 0 };
        let mut text = message.finish(seq);
        if text.capacity() - text.len() > MAX_SPARE_BYTES {
            text.shrink_to_fit();
        }
        Self { seq, room, text, received }
    }

    fn bytes(&self) -> usize {
        self.text.capacity() + OVERHEAD_BYTES
    }
}

impl Outbox {
    /// An empty one, counted in `bytes_of_all`.
    #[must_use]
    pub fn new(bytes_of_all: IntGauge) -> Self {
        Self {
            sent: VecDeque::new(),
            queue: VecDeque::new(),
            bytes: 0,
            bytes_of_all,
            last_seq: 0,
            released: 0,
            reached: 0,
        }
    }

    /// Puts `message` at the end.
    ///
    /// # Errors
    /// [`Full`]: nothing was put; nothing should be any more, or the client
    /// would see a gap.
    pub fn push(&mut self, message: Encoded, received: Option<Moment>) -> Result<(), Full> {
        let seq = self.last_seq + u64::from(message.numbered());
        let message = Message::new(message, seq, received);
        self.make_room(message.bytes());
        if self.lacks(message.bytes()) || self.queue.len() == MAX_MESSAGES {
            return Err(Full);
        }
        self.last_seq = seq;
        self.count(message.bytes());
        self.queue.push_back(message);
        Ok(())
    }

    /// Puts a `welcome` before all that waits.
    pub fn push_first(&mut self, welcome: Encoded) {
        let message = Message::new(welcome, 0, None);
        self.count(message.bytes());
        self.queue.push_front(message);
    }

    /// Moves messages as WebSocket frames (RFC 6455 section 5.2) to the end of
    /// `frames` until that holds `enough` bytes, and tells of each.
    pub fn take(&mut self, frames: &mut BytesMut, enough: usize, mut tell: impl FnMut(Taken)) {
        while frames.len() < enough {
            let Some(message) = self.queue.pop_front() else { break };
            Parser::write_message(frames, &message.text, OpCode::Text, true, false);
            tell(Taken { end: frames.len(), seq: message.seq, received: message.received });
            if message.seq == 0 {
                self.discount(&message);
            } else {
                self.sent.push_back(message);
            }
        }
        give_back(&mut self.queue);
    }

    /// Moves what takes no number, as frames, to the end of `frames`: words that
    /// a later connection would not want.
    pub fn take_unnumbered(&mut self, frames: &mut BytesMut) {
        for message in std::mem::take(&mut self.queue) {
            if message.seq == 0 {
                Parser::write_message(frames, &message.text, OpCode::Text, true, false);
                self.discount(&message);
            } else {
                self.queue.push_back(message);
            }
        }
    }

    /// Takes back what was not handed to the network after all: everything
    /// after `handed`.
    pub fn untake(&mut self, handed: u64) {
        while let Some(message) = self.sent.pop_back_if(|message| message.seq > handed) {
            self.queue.push_front(message);
        }
    }

    /// The client has everything up to `seq`. A number that was never sent says
    /// nothing.
    pub fn confirm(&mut self, seq: u64) {
        if seq > self.handed() {
            return;
        }
        while let Some(message) = self.sent.pop_front_if(|message| message.seq <= seq) {
            // Not `seq` itself: the client never gets to know of what was left
            // out, and goes on from before that.
            self.released = message.seq;
            self.discount(&message);
        }
        give_back(&mut self.sent);
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
        let queue = std::mem::take(&mut self.queue);
        let mut again = 0;
        for message in queue {
            let earlier = room.is_some() && message.room.is_some() && message.room != room;
            if message.seq <= has {
                self.released = self.released.max(message.seq);
                self.discount(&message);
            } else if earlier {
                self.discount(&message);
            } else {
                again += usize::from(message.seq <= self.reached);
                self.queue.push_back(message);
            }
        }
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
        let waiting = self.queue.iter().find(|message| message.seq != 0);
        waiting.map_or(self.last_seq, |message| message.seq - 1)
    }

    /// Lets go of everything.
    pub fn clear(&mut self) {
        self.bytes_of_all.sub(as_gauge(self.bytes));
        self.bytes = 0;
        self.sent = VecDeque::new();
        self.queue = VecDeque::new();
        self.released = self.last_seq;
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// All of it, for a file.
    pub fn record(&mut self) -> OutboxRecord {
        let record = OutboxRecord {
            sent: std::mem::take(&mut self.sent),
            queue: std::mem::take(&mut self.queue),
            last_seq: self.last_seq,
            released: self.released,
            reached: self.reached,
        };
        self.clear();
        record
    }

    /// What a file held.
    pub fn restore(&mut self, record: OutboxRecord) {
        let OutboxRecord { sent, queue, last_seq, released, reached } = record;
        for message in sent.iter().chain(&queue) {
            self.count(message.bytes());
        }
        (self.sent, self.queue) = (sent, queue);
        (self.last_seq, self.released, self.reached) = (last_seq, released, reached);
    }

    fn lacks(&self, bytes: usize) -> bool {
        self.bytes + bytes > MAX_BYTES
            || self.bytes_of_all.get() + as_gauge(bytes) > MAX_BYTES_OF_ALL
    }

    fn make_room(&mut self, bytes: usize) {
        while self.lacks(bytes) {
            let Some(oldest) = self.sent.pop_front() else { return };
            self.released = oldest.seq;
            self.discount(&oldest);
        }
    }

    fn count(&mut self, bytes: usize) {
        self.bytes += bytes;
        self.bytes_of_all.add(as_gauge(bytes));
    }

    fn discount(&mut self, message: &Message) {
        self.bytes -= message.bytes();
        self.bytes_of_all.sub(as_gauge(message.bytes()));
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.bytes_of_all.sub(as_gauge(self.bytes));
    }
}

fn as_gauge(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn give_back(queue: &mut VecDeque<Message>) {
    if queue.is_empty() && queue.capacity() > KEPT_PLACES {
        *queue = VecDeque::new();
    }
}

/// Messages are JSON, so a file holds them as text.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, ser};

    pub(super) fn serialize<S: Serializer>(text: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(std::str::from_utf8(text).map_err(ser::Error::custom)?)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        String::deserialize(from).map(String::into_bytes)
    }
}

#[cfg(test)]
mod tests;
