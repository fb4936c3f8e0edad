//! The task that serves one WebSocket connection.
//!
//! It alone reads the socket; others may [write](super::line) to it as well.
//! Between messages it keeps no buffer: what is read and what is written goes
//! through memory that all connections of a thread share, and only what a full
//! socket left over stays.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::time::{Sleep, sleep_until};

use super::attend::{Attended, attend};
use super::attendance::Resume;
use super::bell::{Bell, Listener};
use super::close::{Farewell, close};
use super::dispatch::Refused;
use super::ending::Ending;
use super::inbound::{Inbound, Incoming, Violation};
use super::line::{Line, Sending};
use super::liveness::{Due, Liveness};
use super::node::Node;
use super::postbag::collect;
use super::presence::{Present, bring_about, release};
use super::voice::Voice;
use super::warden::eject;
use crate::clock::Moment;
use crate::guard::address::Held;
use crate::guard::limiter::{Allowance, Limiter};
use crate::identity::{AddressHash, Identity};
use crate::protocol::{CloseCode, ErrorCode, ErrorNote, ServerMessage, decode_in};

/// What is read at once.
const READ_BYTES: usize = 65_536;
/// Bad messages that are only answered; more of them end the connection.
const BAD_MESSAGES: Allowance = Allowance { burst: 20, every: Duration::from_secs(3) };
/// Messages beyond a limit that are only answered; more of them end the connection.
const REFUSALS: Allowance = Allowance { burst: 500, every: Duration::from_millis(20) };
thread_local! {
    static READ: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into());
}

/// A connection whose handshake is granted.
#[derive(Debug)]
pub struct Shaken {
    /// The bare socket.
    pub stream: TcpStream,
    /// What the handshake is answered, still to be sent.
    pub answer: Vec<u8>,
    /// What came in behind it.
    pub read_ahead: Vec<u8>,
}

/// Who is on a connection.
#[derive(Debug)]
pub struct Caller {
    /// As far as that is known.
    pub identity: Identity,
    /// The address under the keys of bans that were made under other ones.
    pub addresses: Vec<AddressHash>,
    /// Counts the connection among those of its address.
    pub _held: Held,
}

/// Serves a connection of a `caller` until it ends; `resume` is what the client presented
/// to come back.
pub async fn serve(node: Arc<Node>, shaken: Shaken, resume: Option<Resume>, caller: Caller) {
    let Shaken { stream, answer, read_ahead } = shaken;
    let line = Arc::new(Line::new(node.clone()));
    let bell = Arc::new(Bell::at(line.clone()));
    let _connected = node.metrics.connected();
    let attended = attend(&node, &stream, resume, caller.identity, &bell).await;
    let Attended::By(present) = attended else {
        if matches!(attended, Attended::Gone) {
            return node.metrics.closed(None);
        }
        node.metrics.closed(Some(CloseCode::TryAgainLater.number()));
        close(stream, answer, Farewell::Close(CloseCode::TryAgainLater.number())).await;
        return;
    };
    keep_out(&node, &present, &caller);
    let now = node.clock.now();
    let liveness = Liveness::new(now);
    let handed = present.session.lock().outbox.handed();
    let (stream, out) = stream.into_split();
    line.open(Sending::new(out, present.link, handed, answer, (node.online(), now)));
    let voice = Voice::of(present.link);
    let mut connection = Connection {
        inbound: Inbound::default(),
        timer: Box::pin(sleep_until(node.clock.instant(liveness.next()))),
        // The first turn sets it, whatever else it has to do: till then nothing wakes
        // the task for it.
        alarm: Moment::NEVER,
        liveness,
        now,
        bad_messages: Limiter::new(BAD_MESSAGES),
        refusals: Limiter::new(REFUSALS),
        stream,
        present,
        line,
        bell: Listener::to(bell),
        full: false,
        voice,
        node,
    };
    let Err(ending) = connection.run(read_ahead).await;
    // Boxed, as what is done once or seldom: the task would keep the room all the while.
    Box::pin(connection.end(ending)).await;
}

/// Has the connection closed where its person is banned, by what is known of the
/// session or of who came back to it. The client hears why after its `welcome`.
fn keep_out(node: &Node, present: &Present, caller: &Caller) {
    let ban = node.moderation.ban_of(&caller.identity, &caller.addresses);
    let ban = ban.or_else(|| node.moderation.ban_of(present.session.identity(), &[]));
    if let Some(ban) = ban {
        eject(node, &present.session, &ban);
    }
}

struct Connection {
    node: Arc<Node>,
    present: Present,
    bell: Listener,
    stream: OwnedReadHalf,
    line: Arc<Line>,
    /// Whether the socket was full when the line was last flushed here. Who finds it so
    /// elsewhere rings.
    full: bool,
    voice: Voice,
    inbound: Inbound,
    /// The time at which it last had something to do.
    now: Moment,
    liveness: Liveness,
    timer: Pin<Box<Sleep>>,
    /// When the timer goes off.
    alarm: Moment,
    bad_messages: Limiter,
    refusals: Limiter,
}

/// What stops a connection while it reads.
enum Stop {
    Ending(Ending),
    Violation(Violation),
}

impl From<Ending> for Stop {
    fn from(ending: Ending) -> Self {
        Self::Ending(ending)
    }
}

impl From<Violation> for Stop {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}

impl Connection {
    /// Serves until the connection ends; `read_ahead` came in with the handshake.
    async fn run(&mut self, mut read_ahead: Vec<u8>) -> Result<Infallible, Ending> {
        self.read(&mut read_ahead)?;
        drop(read_ahead);
        poll_fn(|cx| self.poll(cx)).await
    }

    /// Does all that there is to do.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Infallible, Ending>> {
        if let Some(office) = &self.node.office {
            // What it reads may be for an outdated session.
            ready!(office.gate().poll_open(cx, self.node.clock.now()));
        }
        let _collecting = collect();
        let mut idle = true;
        while let Poll::Ready(step) = self.poll_socket(cx) {
            step?;
            idle = false;
        }
        // Whoever is woken by the timer finds it due, or nothing else to do; so it
        // needs no look each time that something came in.
        if self.rearm() || idle {
            while self.timer.as_mut().poll(cx).is_ready() {
                self.tick()?;
            }
        }
        Poll::Pending
    }

    /// Reads or writes, or waits until that is possible.
    fn poll_socket(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ending>> {
        let rung = self.bell.poll_heard(cx).is_ready();
        if rung || self.full && self.stream.as_ref().poll_write_ready(cx).is_ready() {
            return Poll::Ready(self.flush());
        }
        self.poll_read(cx)
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ending>> {
        READ.with_borrow_mut(|memory| {
            let mut buffer = ReadBuf::new(memory);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Err(Ending::Dropped));
            }
            Poll::Ready(self.read(buffer.filled_mut()))
        })
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<(), Ending> {
        self.now = self.node.clock.now();
        self.liveness.heard(self.now);
        let mut inbound = std::mem::take(&mut self.inbound);
        let read = inbound.feed(bytes, |incoming| Ok(self.take(incoming, self.now)?));
        self.inbound = inbound;
        self.voice.hand_over(&self.present.session, self.now, &self.node.services());
        read.map_err(|stop| match stop {
            Stop::Ending(ending) => ending,
            Stop::Violation(violation) => self.violated(violation),
        })
    }

    fn take(&mut self, incoming: Incoming<'_>, now: Moment) -> Result<(), Ending> {
        let taken = match incoming {
            Incoming::Text(text) => self.take_text(text, now)?,
            Incoming::Binary => {
                Err(Refused::new(ErrorCode::BadMessage, "messages are text, not bytes"))
            }
            Incoming::Ping(payload) => {
                self.full = self.line.pong(payload, &self.present.session, now)?;
                return Ok(());
            }
            Incoming::Pong(payload) => {
                self.confirm(payload);
                Ok(())
            }
            Incoming::Close(code) => return Err(Ending::ByClient(code)),
        };
        let Err(refused) = taken else { return Ok(()) };
        self.refuse(&refused);
        let borne = match refused.code {
            ErrorCode::BadMessage => self.bad_messages.take(now),
            ErrorCode::RateLimited => self.refusals.take(now),
            _ => true,
        };
        if borne { Ok(()) } else { Err(Ending::ByService(CloseCode::Policy)) }
    }

    fn take_text(&mut self, text: &str, now: Moment) -> Result<Result<(), Refused>, Ending> {
        let (session, services) = (&self.present.session, self.node.services());
        let message = decode_in(text, self.voice.room());
        let said = self.voice.say(session, message, now, &services);
        let acted = said.map_err(Ending::ByService)?.map(|aftermath| {
            if aftermath.begins_wait() {
                // Others may pair it, and send it that, without a word to this task.
                self.liveness.watch(true);
            }
            bring_about(&self.node, aftermath, now);
        });
        Ok(acted)
    }

    /// A pong says how far the ping's messages went.
    fn confirm(&self, payload: &[u8]) {
        let seq = std::str::from_utf8(payload).ok().and_then(|text| text.parse().ok());
        if let Some(seq) = seq {
            self.present.session.lock().confirm(self.present.link, seq);
        }
    }

    fn refuse(&self, refused: &Refused) {
        let Refused { code, words, retry_after } = refused;
        self.node.metrics.errors.with_label_values(&[code.name()]).inc();
        let in_millis = |wait: Duration| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let note = ErrorNote { retry_after_ms: retry_after.map(in_millis), ..ErrorNote::default() };
        let message = ServerMessage::Error { code: *code, message: words, note };
        self.present.session.update(|desk| desk.say(self.present.link, message.encode()));
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

    /// Sends what waits, as much as the socket takes. What that is may change how
    /// soon silence matters.
    fn flush(&mut self) -> Result<(), Ending> {
        self.now = self.node.clock.now();
        self.full = self.line.flush(&self.present.session, self.now)?;
        self.liveness.watch(self.present.session.lock().state.watched(self.now));
        Ok(())
    }

    fn tick(&mut self) -> Result<(), Ending> {
        self.now = self.node.clock.now();
        {
            let mut desk = self.present.session.lock();
            desk.state.tidy(self.now);
            self.liveness.watch(desk.state.watched(self.now));
        }
        self.voice.tidy();
        match self.liveness.check(self.now) {
            Due::Dead => return Err(Ending::Dropped),
            Due::Ping => self.full = self.line.ping(&self.present.session, self.now)?,
            Due::At(_) => (),
        }
        self.set_timer(self.liveness.next());
        Ok(())
    }

    /// Moves the timer if something is due earlier: signs of life put that off far
    /// more often than it comes. Whether the timer has to be looked at.
    fn rearm(&mut self) -> bool {
        let due = self.liveness.next();
        if due < self.alarm {
            self.set_timer(due);
            return true;
        }
        self.alarm <= self.now
    }

    fn set_timer(&mut self, due: Moment) {
        self.alarm = due;
        self.timer.as_mut().reset(self.node.clock.instant(due));
    }

    async fn end(self, ending: Ending) {
        let (code, farewell) = match ending {
            Ending::Dropped => (None, None),
            Ending::ByClient(code) => (code, Some(Farewell::Answer(code))),
            Ending::ByService(code) => (Some(code.number()), Some(Farewell::Close(code.number()))),
        };
        self.node.metrics.closed(code);
        // From now on nobody sends on the line.
        let Some(sending) = self.line.hold().take() else { return };
        let (out, writer) = sending.into_parts();
        let mut last_words = Vec::new();
        if matches!(ending, Ending::ByService(_)) {
            self.present.session.lock().last_words(self.present.link, &mut last_words);
        }
        let left = code == Some(CloseCode::Normal.number());
        // A client whom the service closes still reads what is unsent, and must
        // not get it again; one that closes doesn't read on.
        let reads_on = matches!(ending, Ending::ByService(_));
        let handed = if reads_on { writer.taken() } else { writer.handed() };
        release(&self.node, &self.present, handed, left);
        let Some(farewell) = farewell else { return out.forget() };
        if let Ok(stream) = self.stream.reunite(out) {
            let mut unsent = writer.into_unsent();
            unsent.append(&mut last_words);
            close(stream, unsent, farewell).await;
        }
    }
}
