//! The sending half of a connection. Its task writes to it, and so does whoever
//! has a message for its client: that is quicker than waking the task.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::net::tcp::OwnedWriteHalf;

use super::bell::Wire;
use super::ending::Ending;
use super::handle::Session;
use super::link::Link;
use super::node::Node;
use super::writer::{Mark, Writer, append_ping};
use crate::clock::Moment;
use crate::protocol::ServerMessage;

/// What is written at once.
const BATCH_BYTES: usize = 65_536;
/// After so many bytes a ping goes out, so that its answer confirms them. What is kept of
/// all who talk stays small enough for the caches that way.
const UNCONFIRMED_BYTES: usize = 16_384;
/// How long a client is not told again how many people are here.
const ONLINE_PAUSE: Duration = Duration::from_secs(1);

thread_local! {
    static BATCH: Cell<Batch> = Cell::default();
}

/// Frames to be written at once.
#[derive(Default)]
struct Batch {
    frames: Vec<u8>,
    marks: Vec<Mark>,
}

/// A connection's sending half, shared; empty before the session is known and
/// after the connection's end.
pub(super) struct Line {
    node: Arc<Node>,
    sending: Mutex<Option<Sending>>,
}

/// Who holds it is the only one who writes.
pub(super) struct Sending {
    stream: OwnedWriteHalf,
    link: Link,
    writer: Writer,
    /// Whether the socket was full when it was last written to.
    was_full: bool,
    /// Bytes sent since the last ping.
    unconfirmed: usize,
    /// The number of people last told, and when.
    told_online: (u64, Moment),
}

impl Line {
    /// A line on which nothing is sent yet.
    pub(super) fn new(node: Arc<Node>) -> Self {
        Self { node, sending: Mutex::new(None) }
    }

    /// From now on it sends.
    pub(super) fn open(&self, sending: Sending) {
        *self.sending.lock() = Some(sending);
    }

    /// Nobody else sends while this is held; `None` before and after.
    pub(super) fn hold(&self) -> MutexGuard<'_, Option<Sending>> {
        self.sending.lock()
    }

    /// Sends what waits in the outbox of `session`, as much as the socket takes. As the
    /// others, it returns whether that is full.
    pub(super) fn flush(&self, session: &Session, now: Moment) -> Result<bool, Ending> {
        self.flush_after(session, now, |_| ())
    }

    /// Asks the client whether it lives, and how far all went that was sent.
    pub(super) fn ping(&self, session: &Session, now: Moment) -> Result<bool, Ending> {
        self.flush_after(session, now, |sending| {
            sending.writer.ping();
            sending.unconfirmed = 0;
        })
    }

    /// Answers a ping.
    pub(super) fn pong(
        &self,
        payload: &[u8],
        session: &Session,
        now: Moment,
    ) -> Result<bool, Ending> {
        self.flush_after(session, now, |sending| sending.writer.pong(payload))
    }

    fn flush_after(
        &self,
        session: &Session,
        now: Moment,
        act: impl FnOnce(&mut Sending),
    ) -> Result<bool, Ending> {
        let mut held = self.sending.lock();
        let sending = held.as_mut().ok_or(Ending::Dropped)?;
        act(sending);
        sending.flush(&self.node, session, now)
    }
}

impl Wire for Line {
    /// What goes wrong is left to the connection's task, and so is a socket that
    /// is full: what came may have been too much, and its task has to end it.
    fn carry(&self, session: &Session) -> bool {
        let Some(mut held) = self.sending.try_lock() else { return false };
        let Some(sending) = &mut *held else { return false };
        !sending.was_full && sending.flush(&self.node, session, self.node.clock.now()) == Ok(false)
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").finish_non_exhaustive()
    }
}

impl Sending {
    /// The half of a connection whose client is taken to have everything up to
    /// `handed`, and is to be sent `answer` first.
    pub(super) fn new(
        stream: OwnedWriteHalf,
        link: Link,
        handed: u64,
        answer: Vec<u8>,
        told_online: (u64, Moment),
    ) -> Self {
        let writer = Writer::new(handed, answer);
        Self { stream, link, writer, was_full: false, unconfirmed: 0, told_online }
    }

    /// The socket's half and the state of what was written to it.
    pub(super) fn into_parts(self) -> (OwnedWriteHalf, Writer) {
        (self.stream, self.writer)
    }

    /// Whether the socket is full now.
    fn flush(&mut self, node: &Node, session: &Session, now: Moment) -> Result<bool, Ending> {
        self.tell_online(node, session, now);
        let stream = self.stream.as_ref();
        if !self.writer.blocked() || self.writer.write_unsent(stream)? {
            let mut last = false;
            while !last && !self.writer.blocked() {
                let mut batch = BATCH.take();
                last = self.fill(&mut batch, node, session, now)?;
                self.writer.write(self.stream.as_ref(), &batch.frames, &batch.marks)?;
                BATCH.set(batch);
            }
        }
        self.note_full_socket(session)
    }

    /// A full socket must hide neither that the connection is to be closed nor,
    /// from a newer connection, what it did not take.
    fn note_full_socket(&mut self, session: &Session) -> Result<bool, Ending> {
        let full = self.writer.blocked();
        if full || self.was_full {
            let mut desk = session.lock();
            desk.serves(self.link).map_err(Ending::ByService)?;
            desk.held_up(full.then(|| self.writer.handed()));
            self.was_full = full;
        }
        Ok(full)
    }

    /// Takes what is to be written next; whether that is all there is.
    fn fill(
        &mut self,
        batch: &mut Batch,
        node: &Node,
        session: &Session,
        now: Moment,
    ) -> Result<bool, Ending> {
        batch.frames.clear();
        batch.marks.clear();
        let latency = node.metrics.forward_latency.own().hold();
        let mut desk = session.lock();
        desk.serves(self.link).map_err(Ending::ByService)?;
        desk.outbox.take(&mut batch.frames, BATCH_BYTES, |taken| {
            if taken.seq != 0 {
                batch.marks.push(Mark { end: taken.end, seq: taken.seq });
            }
            if let Some(received) = taken.received {
                latency.observe((now - received).as_secs_f64());
            }
        });
        let last = desk.outbox.is_empty();
        drop(desk);
        self.unconfirmed += batch.frames.len();
        if self.unconfirmed > UNCONFIRMED_BYTES {
            let seq = batch.marks.last().map_or_else(|| self.writer.handed(), |mark| mark.seq);
            append_ping(&mut batch.frames, seq);
            self.unconfirmed = 0;
        }
        Ok(last)
    }

    /// Says how many are here, with what is sent anyway.
    fn tell_online(&mut self, node: &Node, session: &Session, now: Moment) {
        let (told, when) = self.told_online;
        if now - when < ONLINE_PAUSE {
            return;
        }
        let count = node.online();
        if count != told {
            self.told_online = (count, now);
            session.lock().push(ServerMessage::Online { count }.encode(), None);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use tokio::net::{TcpListener, TcpStream};

    use super::super::bell::Bell;
    use super::super::registry::Registry;
    use super::super::token::Token;
    use super::*;
    use crate::clock::Clock;
    use crate::guard::address::AddressLimits;
    use crate::guard::session::SessionLimits;
    use crate::ice::Ice;
    use crate::identity::Identity;
    use crate::ids::{NodeId, SessionId};
    use crate::matchmaking::actor::Matchmaker;
    use crate::matchmaking::host::Host;
    use crate::matchmaking::pool::Config;
    use crate::metrics::Metrics;
    use crate::moderation::testing::moderation;
    use crate::protocol::{CloseCode, ErrorCode, ErrorNote};
    use crate::secret::Secret;
    use crate::session::token::TokenKey;

    fn node() -> Node {
        let (clock, metrics, ice) =
            (Clock::start(), Arc::new(Metrics::new()), Arc::new(Ice::none()));
        let host = Host::new(Config::default(), 1, ice.clone(), metrics.clone());
        Node {
            id: NodeId::from_bits(1),
            tokens: TokenKey::new(NodeId::from_bits(1), &Secret::random()),
            office: None,
            clock,
            metrics,
            matchmaker: Matchmaker::start(host, clock, None),
            sessions: Registry::default(),
            ice,
            relay: None,
            moderation: moderation(),
            address_limits: AddressLimits::none(),
            session_limits: SessionLimits::none(),
            grace: Duration::from_secs(15),
            max_connections: 10,
            stopping: AtomicBool::new(false),
        }
    }

    /// A session, its line, and the client, which reads nothing.
    async fn connected() -> (Arc<Session>, Arc<Line>, TcpStream) {
        let node = Arc::new(node());
        let id = SessionId::random();
        let session = node.new_session(id, Token::random().hash(), Identity::of_session(id));
        let line = Arc::new(Line::new(node.clone()));
        let link = session.lock().open(&Arc::new(Bell::at(line.clone())));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (_, out) = listener.accept().await.unwrap().0.into_split();
        line.open(Sending::new(out, link, 0, b"answer".to_vec(), (0, node.clock.now())));
        (session, line, client)
    }

    fn say(session: &Session, words: &str) {
        let message = ServerMessage::Error {
            code: ErrorCode::BadMessage,
            message: words,
            note: ErrorNote::default(),
        };
        session.lock().push(message.encode(), None);
    }

    #[tokio::test]
    async fn others_write_in_order_behind_what_is_unsent() {
        let (session, line, client) = connected().await;
        ["one", "two"].iter().for_each(|words| say(&session, words));
        assert!(line.carry(&session));
        client.readable().await.unwrap();
        let mut read = [0; 512];
        let length = client.try_read(&mut read).unwrap();
        let text = String::from_utf8_lossy(&read[..length]);
        let places = ["answer", "one", "two"].map(|part| text.find(part).unwrap());
        assert!(places.is_sorted(), "{text}");
    }

    #[tokio::test]
    async fn a_full_socket_is_left_to_the_task_also_when_too_much_came() {
        let (session, line, _deaf) = connected().await;
        let large = "x".repeat(60_000);
        loop {
            say(&session, &large);
            if !line.carry(&session) {
                break;
            }
        }
        while !session.lock().overflowed() {
            say(&session, &large);
            assert!(!line.carry(&session), "its task is to look");
        }
        let closed = Ending::ByService(CloseCode::TryAgainLater);
        assert_eq!(line.flush(&session, line.node.clock.now()), Err(closed));
    }

    #[tokio::test]
    async fn nobody_writes_while_somebody_else_does_or_after_the_end() {
        let (session, line, _client) = connected().await;
        let held = line.hold();
        assert!(!line.carry(&session));
        drop(held);
        assert!(line.hold().take().is_some());
        assert!(!line.carry(&session));
    }
}
