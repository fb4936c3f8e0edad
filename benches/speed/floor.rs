//! The floor: a relay that does nothing but pair people and copy frames between
//! them. It reads no further into a message than its first bytes, checks
//! nothing, numbers nothing and keeps nothing; its one rule is that two who part
//! are not paired again at once. What Passerby takes beyond it is the price of
//! what Passerby promises.

use std::collections::VecDeque;
use std::net::{self, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::{io, iter, thread};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{FutureExt, SinkExt, StreamExt};
use socket2::{Domain, Socket, Type};
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tokio_websockets::{Message, ServerBuilder, WebSocketStream};

/// What is read at once. The crate's own buffer is cut off by what it read before, and
/// would take a third more calls.
const READ_BYTES: usize = 4096;

/// Tasks that run before the kernel is asked again what has come: all that are ready, or
/// it would be asked more often than by Passerby, which has more to do for each.
const EVENT_INTERVAL: u32 = 1024;

/// Connections that the kernel holds until they are accepted, as with Passerby.
const BACKLOG: i32 = 8192;

type Stream = WebSocketStream<BufReader<TcpStream>>;
type Sink = SplitSink<Stream, Message>;

const WELCOME: &str = r#"{"type":"welcome"}"#;
const PEER_LEFT: &str = r#"{"type":"peerLeft"}"#;
const OFFERER: &str =
    r#"{"type":"matched","room":"11111111-2222-4333-8444-555555555555","role":"offerer"}"#;
const ANSWERER: &str =
    r#"{"type":"matched","room":"11111111-2222-4333-8444-555555555555","role":"answerer"}"#;

/// One who is connected, as the others see it.
struct Seat {
    /// Whoever has something for this client writes it.
    sink: Arc<AsyncMutex<Sink>>,
    partner: Mutex<Option<Arc<Seat>>>,
    /// The place in memory of who sat opposite last.
    last: AtomicUsize,
}

impl Seat {
    fn parted_from(&self, other: &Arc<Self>) -> bool {
        self.last.load(Ordering::Relaxed) == Arc::as_ptr(other).addr()
    }

    async fn say(&self, words: &'static str) {
        let _ = self.sink.lock().await.send(Message::text(words)).await;
    }
}

/// Who waits, longest first.
type Lobby = Arc<Mutex<VecDeque<Arc<Seat>>>>;

/// Serves on a free port until the process is ended. Each thread accepts for itself:
/// threads that take work from each other wake each other for it.
pub fn serve(threads: NonZeroUsize) -> io::Result<()> {
    let first = listen((Ipv4Addr::LOCALHOST, 0).into())?;
    let address = first.local_addr()?;
    let more = (1..threads.get()).map(|_| listen(address));
    let listeners = iter::once(Ok(first)).chain(more).collect::<io::Result<Vec<_>>>()?;
    println!("listening on {address}");
    let lobby = Lobby::default();
    thread::scope(|threads| {
        for listener in listeners {
            threads.spawn(|| {
                let mut runtime = Builder::new_current_thread();
                let runtime = runtime.enable_all().event_interval(EVENT_INTERVAL).build()?;
                runtime.block_on(accept(listener, lobby.clone()))
            });
        }
    });
    Ok(())
}

fn listen(address: SocketAddr) -> io::Result<net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

async fn accept(listener: net::TcpListener, lobby: Lobby) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(attend(stream, lobby.clone()));
    }
}

async fn attend(stream: TcpStream, lobby: Lobby) {
    stream.set_nodelay(true).expect("a TCP socket");
    let config = tokio_websockets::Config::default().flush_threshold(1 << 16);
    let limits = tokio_websockets::Limits::default();
    let builder = ServerBuilder::new().config(config).limits(limits);
    let stream = BufReader::with_capacity(READ_BYTES, stream);
    let Ok((_, socket)) = builder.accept(stream).await else { return };
    let (sink, stream) = socket.split();
    let sink = Arc::new(AsyncMutex::new(sink));
    let seat = Arc::new(Seat { sink, partner: Mutex::default(), last: AtomicUsize::new(0) });
    seat.say(WELCOME).await;
    copy(stream, &seat, &lobby).await;
    part(&seat).await;
    lobby.lock().unwrap().retain(|waits| !Arc::ptr_eq(waits, &seat));
}

/// Copies what comes in at once to the partner's socket, in one write.
async fn copy(mut stream: SplitStream<Stream>, seat: &Arc<Seat>, lobby: &Lobby) {
    let mut partner: Option<OwnedMutexGuard<Sink>> = None;
    loop {
        let message = match stream.next().now_or_never() {
            Some(message) => message,
            None => {
                flush(&mut partner).await;
                stream.next().await
            }
        };
        let Some(Ok(message)) = message else { return };
        let text: &[u8] = message.as_payload();
        if text.starts_with(br#"{"type":"join""#) || text.starts_with(br#"{"type":"next""#) {
            flush(&mut partner).await;
            part(seat).await;
            pair(seat, lobby).await;
        } else if message.is_text() {
            if partner.is_none() {
                let sink = seat.partner.lock().unwrap().as_ref().map(|seat| seat.sink.clone());
                let Some(sink) = sink else { continue };
                partner = Some(sink.lock_owned().await);
            }
            if let Some(sink) = &mut partner {
                let _ = sink.feed(message).await;
            }
        }
    }
}

async fn flush(sink: &mut Option<OwnedMutexGuard<Sink>>) {
    if let Some(mut sink) = sink.take() {
        let _ = sink.flush().await;
    }
}

async fn pair(seat: &Arc<Seat>, lobby: &Lobby) {
    let Some(waits) = partner_for(seat, lobby) else { return };
    seat.last.store(Arc::as_ptr(&waits).addr(), Ordering::Relaxed);
    waits.last.store(Arc::as_ptr(seat).addr(), Ordering::Relaxed);
    *seat.partner.lock().unwrap() = Some(waits.clone());
    *waits.partner.lock().unwrap() = Some(seat.clone());
    waits.say(OFFERER).await;
    seat.say(ANSWERER).await;
}

/// Who has waited longest and may meet `seat`; else it waits.
fn partner_for(seat: &Arc<Seat>, lobby: &Lobby) -> Option<Arc<Seat>> {
    let mut lobby = lobby.lock().unwrap();
    let suits = |waits: &Arc<Seat>| !waits.parted_from(seat) && !seat.parted_from(waits);
    let found = lobby.iter().position(suits).and_then(|at| lobby.remove(at));
    if found.is_none() {
        lobby.push_back(seat.clone());
    }
    found
}

async fn part(seat: &Arc<Seat>) {
    let Some(partner) = seat.partner.lock().unwrap().take() else { return };
    let left = partner.partner.lock().unwrap().take_if(|other| Arc::ptr_eq(other, seat));
    if left.is_some() {
        partner.say(PEER_LEFT).await;
    }
}
