//! What waits to be written to a stream. A slow client costs only itself: its
//! packets are dropped beyond a bound, as a network would.

use parking_lot::Mutex;
use tokio::sync::Notify;

/// Bytes of relayed packets that wait; further ones are dropped.
const DATA_BYTES: usize = 256 * 1024;
/// Bytes beyond them for answers; a client that leaves even these unread is
/// closed.
const ANSWER_BYTES: usize = 64 * 1024;
/// What an empty buffer keeps of its room.
const KEPT_BYTES: usize = 16 * 1024;

/// A bounded queue of bytes, written by anybody and read by the connection.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    bytes: Vec<u8>,
    /// Bytes that were handed out and are being written.
    writing: usize,
    closed: bool,
}

impl Outbox {
    /// Queues a relayed packet, padded to four bytes (RFC 8656, section 12.5);
    /// whether there was room.
    pub(super) fn data(&self, bytes: &[u8]) -> bool {
        let mut queue = self.queue.lock();
        if queue.closed || queue.held() + bytes.len() > DATA_BYTES {
            return false;
        }
        queue.bytes.extend_from_slice(bytes);
        let padded = queue.bytes.len() + bytes.len().next_multiple_of(4) - bytes.len();
        queue.bytes.resize(padded, 0);
        drop(queue);
        self.changed.notify_one();
        true
    }

    /// Queues an answer, or closes where there is no room.
    pub(super) fn answer(&self, bytes: &[u8]) {
        let mut queue = self.queue.lock();
        if queue.held() + bytes.len() > DATA_BYTES + ANSWER_BYTES {
            queue.closed = true;
        } else {
            queue.bytes.extend_from_slice(bytes);
        }
        drop(queue);
        self.changed.notify_one();
    }

    /// Waits for bytes to write and swaps them with `written`, which has been
    /// written; whether the connection goes on.
    pub(super) async fn next(&self, written: &mut Vec<u8>) -> bool {
        written.clear();
        written.shrink_to(KEPT_BYTES);
        self.queue.lock().writing = 0;
        loop {
            {
                let mut queue = self.queue.lock();
                if queue.closed {
                    return false;
                }
                if !queue.bytes.is_empty() {
                    std::mem::swap(&mut queue.bytes, written);
                    queue.writing = written.len();
                    return true;
                }
            }
            self.changed.notified().await;
        }
    }
}

impl Queue {
    fn held(&self) -> usize {
        self.bytes.len() + self.writing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn packets_are_padded_and_dropped_where_there_is_no_room() {
        let outbox = Outbox::default();
        assert!(outbox.data(b"12345"));
        let mut written = Vec::new();
        assert!(outbox.next(&mut written).await);
        assert_eq!(written, b"12345\0\0\0");
        assert!(outbox.data(&vec![0; DATA_BYTES - 8]));
        assert!(!outbox.data(&[0; 4]), "what is being written counts");
        assert!(outbox.next(&mut written).await);
        assert!(outbox.data(&[0; 4]));
    }

    #[tokio::test]
    async fn answers_have_room_of_their_own_until_the_client_is_closed() {
        let outbox = Outbox::default();
        assert!(outbox.data(&vec![0; DATA_BYTES]));
        outbox.answer(&vec![1; ANSWER_BYTES]);
        let mut written = Vec::new();
        assert!(outbox.next(&mut written).await);
        assert_eq!(written.len(), DATA_BYTES + ANSWER_BYTES);
        outbox.answer(b"one more");
        assert!(!outbox.next(&mut written).await);
        assert!(!outbox.data(b"data"));
    }
}
