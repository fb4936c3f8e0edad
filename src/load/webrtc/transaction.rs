//! A request that is sent again until it is answered (RFC 8489, section 6.2.1).

use std::time::{Duration, Instant};

use stun_types::message::{Message, TransactionId};

/// How long the first answer is waited for; twice as long each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// How often a request is sent.
const SENDINGS: u32 = 7;
/// How long the last answer is waited for, in first waits.
const LAST_WAITS: u32 = 16;

/// A request that waits for its answer. Pure.
pub(super) struct Transaction {
    pub id: TransactionId,
    pub bytes: Vec<u8>,
    sent: u32,
    due: Instant,
}

/// What is to be done about a request now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It waits on.
    Wait,
    /// It is sent again.
    Again,
    /// Nobody will answer it.
    GiveUp,
}

impl Transaction {
    /// A request that is sent now for the first time.
    pub(super) fn new(bytes: Vec<u8>, now: Instant) -> Self {
        let message = Message::from_bytes(&bytes).expect("it was written as a message");
        Self { id: message.transaction_id(), bytes, sent: 1, due: now + FIRST_WAIT }
    }

    /// When it is to be looked at.
    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// What is to be done about it.
    pub(super) fn turn(&mut self, now: Instant) -> Turn {
        if now < self.due {
            return Turn::Wait;
        }
        if self.sent == SENDINGS {
            return Turn::GiveUp;
        }
        self.sent += 1;
        let waits = if self.sent == SENDINGS { LAST_WAITS } else { 1 << (self.sent - 1) };
        self.due = now + FIRST_WAIT * waits;
        Turn::Again
    }
}

#[cfg(test)]
mod tests {
    use stun_types::message::{BINDING, MessageWrite, MessageWriteVec};

    use super::*;

    #[test]
    fn a_request_is_sent_seven_times_within_39_and_a_half_seconds() {
        let begun = Instant::now();
        let bytes = Message::builder_request(BINDING, MessageWriteVec::new()).finish();
        let mut request = Transaction::new(bytes, begun);
        assert_eq!(request.turn(begun), Turn::Wait);
        let mut sent = vec![0];
        while request.turn(request.due()) == Turn::Again {
            sent.push((request.due() - begun).as_millis());
        }
        assert_eq!(sent.len(), 7);
        assert_eq!(sent.last(), Some(&39_500));
    }
}
