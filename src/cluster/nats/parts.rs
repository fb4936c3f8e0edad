//! Messages that are larger than NATS takes: cut in parts, and put together. Pure.
//!
//! What goes over NATS is always a part, mostly the only one: who sent it, the
//! number of the message among the sender's, its place and how many there are, then
//! the bytes.

use std::collections::HashMap;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::time::Instant;

use crate::cluster::MAX_MESSAGE_BYTES;
use crate::ids::NodeId;

/// The most that a part carries, far below what NATS takes (1 MB, as it comes): many
/// parts may wait in the client's queues.
const PART_BYTES: usize = 64 << 10;
/// What stands before them: sender and number (8 each), place and count (2 each).
const HEADER_BYTES: usize = 20;
/// How long a message may take from its first part to its last.
const PATIENCE: Duration = Duration::from_secs(5);
/// Messages of which parts are missing. Full: the oldest is given up.
const UNFINISHED: usize = 64;
/// What they take together. Full: the oldest is given up.
const UNFINISHED_BYTES: usize = 4 * MAX_MESSAGE_BYTES;

/// The parts of a message, in the order in which they have to be sent.
pub(super) fn cut(
    from: NodeId,
    number: u64,
    message: Bytes,
) -> impl ExactSizeIterator<Item = Bytes> {
    let count = message.len().div_ceil(PART_BYTES).max(1);
    (0..count).map(move |place| {
        let bytes = &message[place * PART_BYTES..message.len().min((place + 1) * PART_BYTES)];
        let mut part = BytesMut::with_capacity(HEADER_BYTES + bytes.len());
        part.put_u64(from.bits());
        part.put_u64(number);
        // A message has 256 parts at most.
        part.put_u16(place as u16);
        part.put_u16(count as u16);
        part.put_slice(bytes);
        part.freeze()
    })
}

/// Messages that came in part.
#[derive(Default)]
pub(super) struct Unfinished {
    messages: HashMap<(NodeId, u64), Message>,
    bytes: usize,
}

struct Message {
    parts: Vec<Bytes>,
    bytes: usize,
    since: Instant,
}

impl Unfinished {
    /// Takes a part, and gives the message that it finishes, with its sender. A part
    /// out of its order is one that follows a lost one: the message is given up.
    pub(super) fn take(&mut self, now: Instant, mut part: Bytes) -> Option<(NodeId, Bytes)> {
        if part.len() < HEADER_BYTES {
            return None;
        }
        let (from, number) = (NodeId::from_bits(part.get_u64()), part.get_u64());
        let (place, count) = (usize::from(part.get_u16()), usize::from(part.get_u16()));
        if count == 1 && place == 0 {
            // A copy, so that a small message doesn't hold a buffer of the client.
            return Some((from, Bytes::copy_from_slice(&part)));
        }
        if count * PART_BYTES > MAX_MESSAGE_BYTES || part.len() > PART_BYTES {
            return None;
        }
        let id = (from, number);
        self.add(now, id, place, part);
        let finished = self.messages.get(&id).is_some_and(|message| message.parts.len() == count);
        finished
            .then(|| self.remove(&id))
            .flatten()
            .map(|whole| (from, whole.parts.concat().into()))
    }

    /// Gives up what takes too long.
    pub(super) fn expire(&mut self, now: Instant) {
        while let Some((id, since)) = self.oldest()
            && now >= since + PATIENCE
        {
            self.remove(&id);
        }
    }

    fn add(&mut self, now: Instant, id: (NodeId, u64), place: usize, part: Bytes) {
        let here = self.messages.get(&id).map_or(0, |message| message.parts.len());
        if place != here {
            self.remove(&id);
            return;
        }
        let new = Message { parts: Vec::new(), bytes: 0, since: now };
        let message = self.messages.entry(id).or_insert(new);
        message.bytes += part.len();
        self.bytes += part.len();
        message.parts.push(part);
        while self.bytes > UNFINISHED_BYTES || self.messages.len() > UNFINISHED {
            let Some((oldest, _)) = self.oldest() else { return };
            self.remove(&oldest);
        }
    }

    fn oldest(&self) -> Option<((NodeId, u64), Instant)> {
        let all = self.messages.iter().map(|(id, message)| (*id, message.since));
        all.min_by_key(|(_, since)| *since)
    }

    fn remove(&mut self, id: &(NodeId, u64)) -> Option<Message> {
        let message = self.messages.remove(id)?;
        self.bytes -= message.bytes;
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: NodeId = NodeId::from_bits(7);

    fn message(length: usize) -> Bytes {
        (0..length).map(|at| (at % 251) as u8).collect()
    }

    fn feed(unfinished: &mut Unfinished, parts: impl IntoIterator<Item = Bytes>) -> Vec<Bytes> {
        let now = Instant::now();
        let whole = parts.into_iter().filter_map(|part| unfinished.take(now, part));
        whole
            .map(|(from, whole)| {
                assert_eq!(from, ME);
                whole
            })
            .collect()
    }

    #[test]
    fn what_was_cut_is_whole_again() {
        for length in [0, 1, PART_BYTES, PART_BYTES + 1, 3_000_000, MAX_MESSAGE_BYTES] {
            let mut unfinished = Unfinished::default();
            let parts = cut(ME, 1, message(length));
            assert_eq!(feed(&mut unfinished, parts), [message(length)]);
            assert_eq!((unfinished.bytes, unfinished.messages.len()), (0, 0));
        }
    }

    #[test]
    fn two_at_once_are_told_apart() {
        let (one, other) = (message(200_000), message(199_999));
        let pairs = cut(ME, 1, one.clone()).zip(cut(ME, 2, other.clone()));
        let parts = pairs.flat_map(|(one, other)| [one, other]);
        assert_eq!(feed(&mut Unfinished::default(), parts), [one, other]);
    }

    #[test]
    fn with_a_part_lost_or_doubled_nothing_arrives() {
        let parts = cut(ME, 1, message(200_000)).collect::<Vec<_>>();
        for place in 0..parts.len() {
            let mut unfinished = Unfinished::default();
            let mut lost = parts.clone();
            lost.remove(place);
            assert_eq!(feed(&mut unfinished, lost), Vec::<Bytes>::new());
            let mut doubled = parts[..parts.len() - 1].to_vec();
            doubled.push(parts[place].clone());
            doubled.rotate_right(1);
            assert_eq!(feed(&mut Unfinished::default(), doubled), Vec::<Bytes>::new());
        }
    }

    #[test]
    fn what_is_never_finished_is_bounded_in_number_bytes_and_time() {
        let mut unfinished = Unfinished::default();
        for number in 0..200 {
            feed(&mut unfinished, cut(ME, number, message(200_000)).take(1));
        }
        assert_eq!(unfinished.messages.len(), UNFINISHED);
        for number in 0..10 {
            let parts = cut(ME, number, message(MAX_MESSAGE_BYTES));
            feed(&mut unfinished, parts.take(255));
            assert!(unfinished.bytes <= UNFINISHED_BYTES);
        }
        unfinished.expire(Instant::now() + PATIENCE);
        assert_eq!((unfinished.bytes, unfinished.messages.len()), (0, 0));
    }

    #[test]
    fn rubbish_is_passed_over() {
        let mut unfinished = Unfinished::default();
        let huge = cut(ME, 1, message(100_000)).map(|part| {
            let mut part = BytesMut::from(&part[..]);
            part[18..20].copy_from_slice(&u16::MAX.to_be_bytes());
            part.freeze()
        });
        let none = cut(ME, 1, message(1)).map(|part| {
            let mut part = BytesMut::from(&part[..]);
            part[18..20].copy_from_slice(&[0, 0]);
            part.freeze()
        });
        let rubbish = [Bytes::new(), Bytes::from_static(&[0; 19])];
        assert_eq!(feed(&mut unfinished, huge.chain(none).chain(rubbish)), Vec::<Bytes>::new());
        assert_eq!(unfinished.messages.len(), 1, "the one that says that it has no part");
    }
}
