//! What waits to be sent to one client.
//!
//! Bounded by bytes and by messages. Full means that the client doesn't read:
//! the rest is let go and its connection is closed with 1013. Messages get
//! their number here, at the moment in which their order is decided.

use std::collections::VecDeque;

use actix_http::ws::{OpCode, Parser};
use bytes::BytesMut;

use crate::clock::Moment;
use crate::protocol::Encoded;

/// The most bytes that wait, each message counted with what keeping it takes.
const MAX_BYTES: usize = 1 << 20;
/// The most messages that wait.
const MAX_MESSAGES: usize = 4096;
/// What keeping one message takes beside its text.
const OVERHEAD_BYTES: usize = 64;
/// An emptied queue of more places than this gives its memory back.
const KEPT_PLACES: usize = 8;

/// A queue of messages, oldest first.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: VecDeque<Queued>,
    bytes: usize,
    last_seq: u64,
}

#[derive(Debug)]
struct Queued {
    text: Vec<u8>,
    /// When the signal came in, for those that come from a partner.
    received: Option<Moment>,
}

/// The outbox is full.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

impl Outbox {
    /// Puts `message` at the end.
    ///
    /// # Errors
    /// [`Full`]: nothing was put; nothing should be any more, or the client
    /// would see a gap.
    pub fn push(&mut self, message: Encoded, received: Option<Moment>) -> Result<(), Full> {
        let seq = self.last_seq + u64::from(message.numbered());
        let text = message.finish(seq);
        let bytes = self.bytes + text.capacity() + OVERHEAD_BYTES;
        if bytes > MAX_BYTES || self.queue.len() == MAX_MESSAGES {
            return Err(Full);
        }
        self.bytes = bytes;
        self.last_seq = seq;
        self.queue.push_back(Queued { text, received });
        Ok(())
    }

    /// Moves messages as WebSocket frames (RFC 6455 section 5.2) to the end of
    /// `frames` until that holds `enough` bytes, and tells `forwarded` when
    /// each signal among them came in.
    pub fn take(
        &mut self,
        frames: &mut BytesMut,
        enough: usize,
        mut forwarded: impl FnMut(Moment),
    ) {
        while frames.len() < enough {
            let Some(message) = self.queue.pop_front() else { break };
            self.bytes -= message.text.capacity() + OVERHEAD_BYTES;
            Parser::write_message(frames, &message.text, OpCode::Text, true, false);
            message.received.into_iter().for_each(&mut forwarded);
        }
        if self.queue.is_empty() && self.queue.capacity() > KEPT_PLACES {
            self.queue = VecDeque::new();
        }
    }

    /// The number of the newest message.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// Lets go of all that waits.
    pub fn clear(&mut self) {
        self.queue = VecDeque::new();
        self.bytes = 0;
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ServerMessage;

    fn online() -> Encoded {
        ServerMessage::Online { count: 1 }.encode()
    }

    fn idle() -> Encoded {
        ServerMessage::Idle {}.encode()
    }

    fn taken(outbox: &mut Outbox, enough: usize) -> String {
        let mut frames = BytesMut::new();
        outbox.take(&mut frames, enough, |_| ());
        String::from_utf8_lossy(&frames).into_owned()
    }

    #[test]
    fn numbers_have_no_gaps_and_skip_what_takes_none() {
        let mut outbox = Outbox::default();
        for message in [idle(), online(), idle()] {
            outbox.push(message, None).unwrap();
        }
        let text = taken(&mut outbox, usize::MAX);
        assert!(text.contains("\"seq\":1}") && text.contains("\"seq\":2}"), "{text}");
        assert_eq!(outbox.last_seq(), 2);
    }

    #[test]
    fn it_is_full_by_messages() {
        let mut outbox = Outbox::default();
        for _ in 0..MAX_MESSAGES {
            outbox.push(online(), None).unwrap();
        }
        assert_eq!(outbox.push(idle(), None), Err(Full));
        assert_eq!(outbox.last_seq(), 0, "a refused message takes no number");
    }

    #[test]
    fn it_is_full_by_bytes_and_has_room_again_when_taken() {
        let mut outbox = Outbox::default();
        let words = "x".repeat(60_000);
        let large = || {
            let code = crate::protocol::ErrorCode::BadMessage;
            ServerMessage::Error { code, message: &words }.encode()
        };
        let pushed = (0..100).take_while(|_| outbox.push(large(), None).is_ok()).count();
        assert!((8..=17).contains(&pushed), "{pushed}");
        taken(&mut outbox, 1);
        assert!(outbox.push(large(), None).is_ok());
        taken(&mut outbox, usize::MAX);
        assert_eq!(outbox.bytes, 0);
    }

    #[test]
    fn it_is_taken_in_order_and_in_parts() {
        let mut outbox = Outbox::default();
        for _ in 0..10 {
            outbox.push(idle(), None).unwrap();
        }
        let mut text = String::new();
        while !outbox.is_empty() {
            text += &taken(&mut outbox, 1);
        }
        let places: Vec<_> = (1..=10).map(|seq| text.find(&format!(":{seq}}}")).unwrap()).collect();
        assert!(places.is_sorted());
    }
}
