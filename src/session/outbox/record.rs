//! An outbox as a file holds it, from one process to the next.

use serde::{Deserialize, Serialize};

use super::super::frame::{Opcode, append_header, payload_at};
use super::{Message, Outbox};
use crate::ids::RoomId;

/// All that an outbox holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OutboxRecord {
    sent: Vec<MessageRecord>,
    queue: Vec<MessageRecord>,
    last_seq: u64,
    released: u64,
    reached: u64,
}

/// A message; its text is JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct MessageRecord {
    seq: u64,
    room: Option<RoomId>,
    text: String,
}

impl OutboxRecord {
    /// Of an outbox that is lost: everything up to `seq`, which may be more than
    /// there was, can't be sent again.
    #[must_use]
    pub fn lost(seq: u64) -> Self {
        let (sent, queue) = (Vec::new(), Vec::new());
        Self { sent, queue, last_seq: seq, released: seq, reached: seq }
    }
}

impl Outbox {
    /// All of it, for a file. Nothing stays.
    pub fn record(&mut self) -> OutboxRecord {
        let (mut sent, mut queue) = (Vec::new(), Vec::new());
        self.retain(|message, frame, taken| {
            let text = String::from_utf8_lossy(&frame[payload_at(frame)..]).into_owned();
            let record = MessageRecord { seq: message.seq, room: message.room, text };
            if taken { &mut sent } else { &mut queue }.push(record);
            false
        });
        let record = OutboxRecord {
            sent,
            queue,
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
        self.taken = sent.len();
        for MessageRecord { seq, room, text } in sent.into_iter().chain(queue) {
            let before = self.frames.len();
            append_header(&mut self.frames, Opcode::Text, text.len());
            self.frames.extend_from_slice(text.as_bytes());
            let bytes = self.frames.len() - before;
            self.messages.push_back(Message { seq, room, bytes, received: None });
        }
        self.taken_bytes = self.messages.range(..self.taken).map(|message| message.bytes).sum();
        (self.last_seq, self.released, self.reached) = (last_seq, released, reached);
        self.count();
    }
}
