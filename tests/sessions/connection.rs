//! A simulated WebSocket: frames that a socket did not take yet, frames on
//! their way, and what the client said.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use passerby::ids::RoomId;
use passerby::protocol::CloseCode;
use passerby::session::bell::Bell;
use passerby::session::handle::Session;
use passerby::session::link::Link;
use passerby::session::voice::Voice;
use serde_json::Value;

use super::book::Book;
use super::say::Say;

/// One direction's unit.
#[derive(Debug)]
pub(crate) enum Down {
    Message(Value),
    Ping(u64),
    Close,
}

/// What a client sends.
#[derive(Debug)]
pub(crate) enum Up {
    Say(Say),
    Pong(u64),
    /// It closes; whether it is done with its session.
    Close(bool),
}

/// What the first message on a connection must say.
#[derive(Debug)]
pub(crate) struct Greeting {
    pub(crate) resumed: bool,
    pub(crate) room: Option<RoomId>,
    pub(crate) waiting: bool,
    pub(crate) last_seq: u64,
    pub(crate) missed: bool,
}

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) session: Arc<Session>,
    pub(crate) who: usize,
    pub(crate) link: Link,
    pub(crate) bell: Arc<Bell>,
    pub(crate) voice: Voice,
    /// Who is to have what was read, once that is handed over.
    pub(crate) spoken_to: BTreeSet<usize>,
    /// Who listens at the other end.
    pub(crate) client: usize,
    /// The socket had no room for them.
    pub(crate) unsent: VecDeque<(u64, Down)>,
    /// On their way to the client.
    pub(crate) wire: VecDeque<Down>,
    /// On their way to the service.
    pub(crate) up: VecDeque<Up>,
    /// The newest number that was written whole.
    pub(crate) handed: u64,
    /// The newest number that was taken from the outbox.
    pub(crate) taken: u64,
    /// Its task waits for the matchmaker.
    pub(crate) busy: bool,
    /// Nothing gets through any more, and nobody has noticed.
    pub(crate) cut: bool,
    /// The service has let go of it.
    pub(crate) ended: bool,
    greeting: Option<Greeting>,
    /// The newest number that was sent on it, or was had before.
    sent: u64,
}

impl Connection {
    /// A connection on which everything after `base` is owed.
    pub(crate) fn new(
        (session, who, client): (&Arc<Session>, usize, usize),
        link: Link,
        bell: Arc<Bell>,
        greeting: Greeting,
        base: u64,
    ) -> Self {
        let handed = session.lock().outbox.handed();
        Self {
            session: session.clone(),
            who,
            link,
            bell,
            voice: Voice::of(link),
            spoken_to: BTreeSet::new(),
            client,
            unsent: VecDeque::new(),
            wire: VecDeque::new(),
            up: VecDeque::new(),
            handed,
            taken: handed,
            busy: false,
            cut: false,
            ended: false,
            greeting: Some(greeting),
            sent: base,
        }
    }

    /// Takes up to `enough` bytes from the outbox, and checks that they are what
    /// is owed next; whether that is all there is. Else with which code it is to
    /// be closed.
    pub(crate) fn take(&mut self, enough: usize, book: &mut Book) -> Result<bool, CloseCode> {
        let (mut frames, mut ends) = (Vec::new(), Vec::new());
        let last = {
            let mut desk = self.session.lock();
            desk.serves(self.link)?;
            desk.outbox.take(&mut frames, enough, |taken| ends.push((taken.end, taken.seq)));
            desk.outbox.is_empty()
        };
        let mut begin = 0;
        for (end, seq) in ends {
            let message = payload(&frames[begin..end]);
            assert_eq!(message["seq"].as_u64().unwrap_or(0), seq);
            begin = end;
            self.check(seq, &message, book);
            if seq != 0 {
                self.taken = seq;
                book.taken = seq;
            }
            self.unsent.push_back((seq, Down::Message(message)));
        }
        Ok(last)
    }

    /// Writes up to `count` frames to the network.
    pub(crate) fn write(&mut self, count: usize) {
        for _ in 0..count {
            let Some((seq, frame)) = self.unsent.pop_front() else { break };
            if seq != 0 {
                self.handed = seq;
            }
            if !self.cut {
                self.wire.push_back(frame);
            }
        }
    }

    /// Whether its task was woken.
    pub(crate) fn heard(&self) -> bool {
        self.bell.heard()
    }

    /// All that was owed on it, up to what is owed now, was sent.
    pub(crate) fn check_complete(&self, book: &Book) {
        assert!(self.greeting.is_none(), "no welcome: {self:?}");
        let next = book.next_after(self.sent);
        assert_eq!(next, None, "lost: {:?}", next.map(|seq| book.owed(seq)));
    }

    fn check(&mut self, seq: u64, message: &Value, book: &Book) {
        if let Some(greeting) = self.greeting.take() {
            return greeting.check(message);
        }
        assert_ne!(message["type"], "welcome", "a second one");
        if seq != 0 {
            let next = book.next_after(self.sent);
            assert_eq!(Some(seq), next, "of session {} after {}", self.who, self.sent);
            book.owed(seq).check(message);
            self.sent = seq;
        }
    }
}

impl Greeting {
    /// The first message of a new session.
    pub(crate) fn fresh() -> Self {
        Self { resumed: false, room: None, waiting: false, last_seq: 0, missed: false }
    }

    fn check(&self, message: &Value) {
        assert_eq!(message["type"], "welcome", "comes first");
        assert_eq!(message["resumed"], self.resumed);
        let room = self.room.map(|room| room.to_string());
        assert_eq!(message["room"].as_str(), room.as_deref(), "{self:?}");
        assert_eq!(message["waiting"].as_bool().unwrap_or(false), self.waiting, "{self:?}");
        assert_eq!(message["missed"].as_bool().unwrap_or(false), self.missed, "{self:?}");
        assert_eq!(message["lastSeq"].as_u64().unwrap_or(0), self.last_seq, "{self:?}");
    }
}

/// The message in an unmasked frame (RFC 6455 section 5.2).
fn payload(frame: &[u8]) -> Value {
    let header = match frame[1] {
        126 => 4,
        127 => 10,
        _ => 2,
    };
    serde_json::from_slice(&frame[header..]).expect("a message is JSON")
}
