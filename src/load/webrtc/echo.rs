//! What is said on the data channel: the offerer sends numbered messages, one
//! after the other's echo, and says when it is done; the answerer sends back
//! whatever comes.

use std::time::{Duration, Instant};

use super::options::Options;
use super::outcome::Failure;
use crate::protocol::Role;

/// What the offerer says last. Its echo ends the call.
const DONE: &[u8] = b"done";
/// How long a side stays after that, unless it learns that the other has gone: what
/// it said last may have to be sent again.
const LINGER: Duration = Duration::from_secs(1);

/// One side of the conversation. Pure.
pub(super) struct Echo {
    role: Role,
    messages: u32,
    every: Duration,
    sent: u32,
    awaited: Option<Vec<u8>>,
    /// When the next message goes out.
    due: Option<Instant>,
    done: Option<Instant>,
}

impl Echo {
    pub(super) fn new(role: Role, options: &Options) -> Self {
        let (messages, every) = (options.messages.max(1), options.every);
        Self { role, messages, every, sent: 0, awaited: None, due: None, done: None }
    }

    /// The channel is open.
    pub(super) fn opened(&mut self, now: Instant) {
        if self.role == Role::Offerer {
            self.due = Some(now);
        }
    }

    /// The message that is to be sent now.
    pub(super) fn speak(&mut self, now: Instant) -> Option<Vec<u8>> {
        self.due.take_if(|due| *due <= now)?;
        let message = if self.sent == self.messages {
            DONE.to_vec()
        } else {
            self.sent += 1;
            format!("message {}", self.sent).into_bytes()
        };
        self.awaited = Some(message.clone());
        Some(message)
    }

    /// Takes a message; what is said to it at once.
    ///
    /// # Errors
    /// It is not the echo that was waited for.
    pub(super) fn hear(
        &mut self,
        message: Vec<u8>,
        now: Instant,
    ) -> Result<Option<Vec<u8>>, Failure> {
        if message == DONE {
            self.done = Some(now);
        }
        if self.role == Role::Answerer {
            return Ok(Some(message));
        }
        if self.awaited.take() != Some(message) {
            return Err(Failure::WrongEcho);
        }
        if self.done.is_none() {
            let rest = if self.sent == self.messages { Duration::ZERO } else { self.every };
            self.due = Some(now + rest);
        }
        Ok(None)
    }

    /// Whether all was said and heard.
    pub(super) fn is_done(&self) -> bool {
        self.done.is_some()
    }

    /// When this side goes at the latest.
    pub(super) fn over(&self) -> Option<Instant> {
        self.done.map(|done| done + LINGER)
    }

    /// When the next message goes out.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(messages: u32, every: Duration) -> [Echo; 2] {
        let options = Options { messages, every, ..Options::default() };
        [Role::Offerer, Role::Answerer].map(|role| Echo::new(role, &options))
    }

    #[test]
    fn both_know_when_they_are_done() {
        let (now, [mut one, mut other]) = (Instant::now(), sides(3, Duration::ZERO));
        one.opened(now);
        other.opened(now);
        let mut said = Vec::new();
        while let Some(message) = one.speak(now) {
            assert_eq!(one.speak(now), None, "one after the other's echo");
            said.push(message.clone());
            let echo = other.hear(message, now).unwrap().unwrap();
            assert_eq!(one.hear(echo, now), Ok(None));
        }
        assert_eq!(said, [&b"message 1"[..], b"message 2", b"message 3", b"done"]);
        assert_eq!([one.over(), other.over()], [Some(now + LINGER); 2]);
    }

    #[test]
    fn the_offerer_rests_between_messages_and_not_after_the_last() {
        let (now, every) = (Instant::now(), Duration::from_secs(5));
        let [mut one, _] = sides(2, every);
        one.opened(now);
        let first = one.speak(now).unwrap();
        one.hear(first, now).unwrap();
        assert_eq!((one.due(), one.speak(now)), (Some(now + every), None));
        let second = one.speak(now + every).unwrap();
        one.hear(second, now + every).unwrap();
        assert_eq!(one.speak(now + every).as_deref(), Some(DONE));
    }

    #[test]
    fn what_is_no_echo_is_noticed() {
        let now = Instant::now();
        for wrong in [&b"message 2"[..], b"message 1 ", b"", b"done"] {
            let [mut one, _] = sides(3, Duration::ZERO);
            one.opened(now);
            one.speak(now).unwrap();
            assert_eq!(one.hear(wrong.to_vec(), now), Err(Failure::WrongEcho));
        }
        let [mut one, _] = sides(3, Duration::ZERO);
        one.opened(now);
        let first = one.speak(now).unwrap();
        one.hear(first.clone(), now).unwrap();
        assert_eq!(one.hear(first, now), Err(Failure::WrongEcho), "said twice");
    }
}
