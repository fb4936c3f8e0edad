//! The task that serves one WebSocket connection.
//!
//! It alone reads and writes the socket. Between messages it keeps no buffer:
//! what is read and what is written goes through memory that all connections
//! of a thread share, and only what a full socket left over stays here.

use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_http::ws::{OpCode, Parser};
use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep_until};

use super::close::{Farewell, close};
use super::dispatch::{Refused, dispatch, end};
use super::handle::Session;
use super::inbound::{Inbound, Incoming, Violation};
use super::liveness::{Due, Liveness};
use super::node::Node;
use crate::clock::Moment;
use crate::guard::limiter::{Allowance, Limiter};
use crate::ids::SessionId;
use crate::protocol::{CloseCode, ErrorCode, ServerMessage, Welcome, WhyLeft};

/// What is read, or written, at once.
const BATCH_BYTES: usize = 65_536;
/// Bad messages that are only answered; more of them end the connection.
const BAD_MESSAGES: Allowance = Allowance { burst: 20, every: Duration::from_secs(3) };

/// How long a client is not told again how many people are here.
const ONLINE_PAUSE: Duration = Duration::from_secs(1);

thread_local! {
    static READ: RefCell<Box<[u8]>> = RefCell::new(vec![0; BATCH_BYTES].into());
    static WRITE: Cell<BytesMut> = Cell::default();
}

/// Serves a connection until it ends. `read_ahead` is what came in behind the
/// handshake.
pub async fn serve(node: Arc<Node>, stream: TcpStream, read_ahead: BytesMut) {
    let now = node.clock.now();
    let session = Session::new(SessionId::random());
    node.sessions.add(session.clone());
    node.metrics.connections.inc();
    let mut connection = Connection {
        inbound: Inbound::new(read_ahead),
        unsent: BytesMut::new(),
        liveness: Liveness::new(now),
        timer: Box::pin(sleep_until(node.clock.instant(Liveness::new(now).next()))),
        bad_messages: Limiter::new(BAD_MESSAGES),
        told_online: (0, now),
        stream,
        session,
        node,
    };
    connection.welcome();
    let ending = connection.run().await;
    connection.end(ending).await;
}

struct Connection {
    node: Arc<Node>,
    session: Arc<Session>,
    stream: TcpStream,
    inbound: Inbound,
    /// Frames, or the rest of one, that the socket had no room for.
    unsent: BytesMut,
    liveness: Liveness,
    timer: Pin<Box<Sleep>>,
    bad_messages: Limiter,
    /// The number of people last told, and when.
    told_online: (u64, Moment),
}

enum Event {
    /// Bytes came in.
    Read,
    /// The outbox has something.
    Rung,
    /// The socket has room again.
    Writable,
    /// A ping may be due.
    Timer,
    /// The connection is gone.
    Gone,
}

/// How a connection ends.
enum Ending {
    /// Without a word.
    Dropped,
    /// The client closed it.
    ByClient(Option<u16>),
    /// The service closes it.
    ByService(CloseCode),
}

impl Connection {
    fn welcome(&mut self) {
        let online = self.online();
        self.told_online.0 = online;
        let welcome = Welcome {
            session: self.session.id(),
            // Opaque, and good for nothing yet: no session outlives its connection.
            resume: &SessionId::random().to_string(),
            resumed: false,
            online,
            ice_servers: &[],
            grace_ms: 0,
        };
        self.session.send(&ServerMessage::Welcome(welcome));
    }

    async fn run(&mut self) -> Ending {
        // The handshake may have brought messages along.
        let mut event = Event::Read;
        loop {
            let step = match event {
                Event::Read => self.read().await,
                Event::Rung | Event::Writable => self.flush(),
                Event::Timer => self.tick(),
                Event::Gone => Err(Ending::Dropped),
            };
            if let Err(ending) = step {
                return ending;
            }
            self.rearm();
            event = std::future::poll_fn(|cx| self.poll_event(cx)).await;
        }
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        if self.session.poll_rung(cx).is_ready() {
            return Poll::Ready(Event::Rung);
        }
        if !self.unsent.is_empty() && self.stream.poll_write_ready(cx).is_ready() {
            return Poll::Ready(Event::Writable);
        }
        if let Poll::Ready(event) = self.poll_read(cx) {
            return Poll::Ready(event);
        }
        self.timer.as_mut().poll(cx).map(|()| Event::Timer)
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        READ.with_borrow_mut(|memory| {
            let mut buffer = ReadBuf::new(memory);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(Event::Gone);
            }
            self.inbound.extend(buffer.filled());
            Poll::Ready(Event::Read)
        })
    }

    async fn read(&mut self) -> Result<(), Ending> {
        let now = self.node.clock.now();
        self.liveness.heard(now);
        loop {
            match self.inbound.next() {
                Ok(Some(incoming)) => self.take(incoming, now).await?,
                Ok(None) => break,
                Err(violation) => return Err(self.violated(violation)),
            }
        }
        self.liveness.watch(self.session.lock().state.watched(now));
        Ok(())
    }

    async fn take(&mut self, incoming: Incoming, now: Moment) -> Result<(), Ending> {
        let taken = match incoming {
            Incoming::Text(text) => dispatch(&self.node, &self.session, &text, now).await,
            Incoming::Binary => {
                Err(Refused::new(ErrorCode::BadMessage, "messages are text, not bytes"))
            }
            Incoming::Ping(payload) => return self.answer_ping(&payload),
            Incoming::Pong => Ok(()),
            Incoming::Close(code) => return Err(Ending::ByClient(code)),
        };
        let Err(refused) = taken else { return Ok(()) };
        let bad = refused.code == ErrorCode::BadMessage;
        self.refuse(&refused);
        if bad && !self.bad_messages.take(now) {
            return Err(Ending::ByService(CloseCode::Policy));
        }
        Ok(())
    }

    fn refuse(&self, refused: &Refused) {
        let Refused { code, words } = refused;
        self.node.metrics.errors.with_label_values(&[code.name()]).inc();
        self.session.send(&ServerMessage::Error { code: *code, message: words });
    }

    fn violated(&self, violation: Violation) -> Ending {
        let (refused, close) = match violation {
            Violation::TooLarge => (
                Refused::new(ErrorCode::TooLarge, "a message may have at most 65536 bytes"),
                CloseCode::TooLarge,
            ),
            Violation::InvalidText => {
                (Refused::new(ErrorCode::BadMessage, "not UTF-8"), CloseCode::InvalidText)
            }
            Violation::Protocol => return Ending::ByService(CloseCode::Protocol),
        };
        self.refuse(&refused);
        Ending::ByService(close)
    }

    /// Only the newest of many pings wants an answer (RFC 6455 section 5.5.3),
    /// so those that a full socket holds up go without.
    fn answer_ping(&mut self, payload: &[u8]) -> Result<(), Ending> {
        if self.unsent.len() < BATCH_BYTES {
            Parser::write_message(&mut self.unsent, payload, OpCode::Pong, true, false);
        }
        self.flush()
    }

    /// Writes as much as the socket takes.
    fn flush(&mut self) -> Result<(), Ending> {
        self.tell_online();
        loop {
            let (now, metrics) = (self.node.clock.now(), &self.node.metrics);
            let mut desk = self.session.lock();
            if let Some(code) = desk.closing() {
                return Err(Ending::ByService(code));
            }
            self.liveness.watch(desk.state.watched(now));
            let mut frames = std::mem::take(&mut self.unsent);
            let kept = !frames.is_empty();
            if !kept {
                frames = WRITE.take();
                frames.clear();
                desk.outbox().take(&mut frames, BATCH_BYTES, |received| {
                    metrics.forward_latency.observe((now - received).as_secs_f64());
                });
            }
            let more = !desk.outbox().is_empty();
            drop(desk);
            let written = self.write(&frames)?;
            if written < frames.len() {
                self.unsent = if kept { frames } else { BytesMut::from(&frames[..]) };
                self.unsent.advance(written);
                return Ok(());
            }
            if !kept {
                WRITE.set(frames);
            }
            if !more {
                return Ok(());
            }
        }
    }

    fn write(&self, frames: &[u8]) -> Result<usize, Ending> {
        if frames.is_empty() {
            return Ok(0);
        }
        match self.stream.try_write(frames) {
            Ok(written) => Ok(written),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(_) => Err(Ending::Dropped),
        }
    }

    fn tick(&mut self) -> Result<(), Ending> {
        let now = self.node.clock.now();
        let last_seq = {
            let mut desk = self.session.lock();
            self.liveness.watch(desk.state.watched(now));
            desk.outbox().last_seq()
        };
        match self.liveness.check(now) {
            Due::Dead => return Err(Ending::Dropped),
            Due::Ping => {
                let payload = last_seq.to_string();
                Parser::write_message(&mut self.unsent, payload, OpCode::Ping, true, false);
                self.flush()?;
            }
            Due::At(_) => (),
        }
        self.timer.as_mut().reset(self.node.clock.instant(self.liveness.next()));
        Ok(())
    }

    /// The timer is moved only when something is due earlier: signs of life put
    /// that off far more often than it comes.
    fn rearm(&mut self) {
        let due = self.node.clock.instant(self.liveness.next());
        if due < self.timer.deadline() {
            self.timer.as_mut().reset(due);
        }
    }

    /// Says how many are here, with what is sent anyway.
    fn tell_online(&mut self) {
        let (now, count) = (self.node.clock.now(), self.online());
        let (told, when) = self.told_online;
        if count != told && now - when >= ONLINE_PAUSE {
            self.told_online = (count, now);
            self.session.send(&ServerMessage::Online { count });
        }
    }

    fn online(&self) -> u64 {
        u64::try_from(self.node.metrics.connections.get()).unwrap_or(0)
    }

    async fn end(mut self, ending: Ending) {
        let (reason, code) = match ending {
            Ending::Dropped => (WhyLeft::Disconnected, None),
            Ending::ByClient(Some(1000)) => (WhyLeft::Left, Some(1000)),
            Ending::ByClient(code) => (WhyLeft::Disconnected, code),
            Ending::ByService(code) => (WhyLeft::Disconnected, Some(code.number())),
        };
        if matches!(ending, Ending::ByService(_)) {
            self.session.lock().outbox().take(&mut self.unsent, usize::MAX, |_| ());
        }
        end(&self.node, &self.session, self.node.clock.now(), reason).await;
        self.node.sessions.remove(self.session.id());
        self.node.metrics.connections.dec();
        self.node.metrics.closed(code);
        let farewell = match ending {
            Ending::Dropped => return,
            Ending::ByClient(code) => Farewell::Answer(code),
            Ending::ByService(code) => Farewell::Close(code.number()),
        };
        close(self.stream, self.unsent, farewell).await;
    }
}
