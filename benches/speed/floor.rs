//! The floor: a relay that does nothing but pair people and copy frames between
//! them. It reads no further into a message than its first bytes, checks
//! nothing, numbers nothing and keeps nothing; its one rule is that two who part
//! are not paired again at once. What Passerby takes beyond it is the price of
//! what Passerby promises.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_websockets::{Message, ServerBuilder, WebSocketStream};

/// Frames that wait for one client.
const QUEUE: usize = 256;
/// Frames that are written at once.
const BATCH: usize = 64;

const WELCOME: &str = r#"{"type":"welcome"}"#;
const PEER_LEFT: &str = r#"{"type":"peerLeft"}"#;
const OFFERER: &str =
    r#"{"type":"matched","room":"11111111-2222-4333-8444-555555555555","role":"offerer"}"#;
const ANSWERER: &str =
    r#"{"type":"matched","room":"11111111-2222-4333-8444-555555555555","role":"answerer"}"#;

/// One who is connected, as the others see it.
struct Seat {
    frames: Sender<Message>,
    partner: Mutex<Option<Arc<Seat>>>,
    /// The place in memory of who sat opposite last.
    last: AtomicUsize,
}

impl Seat {
    fn parted_from(&self, other: &Arc<Self>) -> bool {
        self.last.load(Ordering::Relaxed) == Arc::as_ptr(other).addr()
    }
}

/// Who waits, longest first.
type Lobby = Arc<Mutex<VecDeque<Arc<Seat>>>>;

/// Serves on a free port until the process is ended.
pub async fn serve() {
    let address = (Ipv4Addr::LOCALHOST, 0);
    let listener = TcpListener::bind(address).await.expect("a free port");
    println!("listening on {}", listener.local_addr().expect("an address"));
    let lobby = Lobby::default();
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(attend(stream, lobby.clone()));
    }
}

async fn attend(stream: TcpStream, lobby: Lobby) {
    stream.set_nodelay(true).expect("a TCP socket");
    let config = tokio_websockets::Config::default().flush_threshold(1 << 16);
    let limits = tokio_websockets::Limits::default();
    let builder = ServerBuilder::new().config(config).limits(limits);
    let Ok((_, mut socket)) = builder.accept(stream).await else { return };
    let (frames, queue) = channel(QUEUE);
    let seat = Arc::new(Seat { frames, partner: Mutex::default(), last: AtomicUsize::new(0) });
    if socket.send(Message::text(WELCOME)).await.is_ok() {
        copy(&mut socket, &seat, queue, &lobby).await;
    }
    part(&seat);
    lobby.lock().unwrap().retain(|waits| !Arc::ptr_eq(waits, &seat));
}

async fn copy(
    socket: &mut WebSocketStream<TcpStream>,
    seat: &Arc<Seat>,
    mut queue: Receiver<Message>,
    lobby: &Lobby,
) {
    let mut batch = Vec::with_capacity(1);
    loop {
        tokio::select! {
            biased;
            message = socket.next() => {
                let Some(Ok(message)) = message else { return };
                take(message, seat, lobby);
            }
            _ = queue.recv_many(&mut batch, BATCH) => {
                for message in batch.drain(..) {
                    if socket.feed(message).await.is_err() {
                        return;
                    }
                }
                if socket.flush().await.is_err() {
                    return;
                }
            }
        }
    }
}

fn take(message: Message, seat: &Arc<Seat>, lobby: &Lobby) {
    let text: &[u8] = message.as_payload();
    if text.starts_with(br#"{"type":"join""#) || text.starts_with(br#"{"type":"next""#) {
        part(seat);
        pair(seat, lobby);
    } else if message.is_text()
        && let Some(partner) = &*seat.partner.lock().unwrap()
    {
        let _ = partner.frames.try_send(message);
    }
}

fn pair(seat: &Arc<Seat>, lobby: &Lobby) {
    let mut lobby = lobby.lock().unwrap();
    let suits = |waits: &Arc<Seat>| !waits.parted_from(seat) && !seat.parted_from(waits);
    let found = lobby.iter().position(suits).and_then(|at| lobby.remove(at));
    match found {
        None => lobby.push_back(seat.clone()),
        Some(waits) => {
            drop(lobby);
            seat.last.store(Arc::as_ptr(&waits).addr(), Ordering::Relaxed);
            waits.last.store(Arc::as_ptr(seat).addr(), Ordering::Relaxed);
            *seat.partner.lock().unwrap() = Some(waits.clone());
            *waits.partner.lock().unwrap() = Some(seat.clone());
            let _ = waits.frames.try_send(Message::text(OFFERER));
            let _ = seat.frames.try_send(Message::text(ANSWERER));
        }
    }
}

fn part(seat: &Arc<Seat>) {
    let Some(partner) = seat.partner.lock().unwrap().take() else { return };
    let left = partner.partner.lock().unwrap().take_if(|other| Arc::ptr_eq(other, seat));
    if left.is_some() {
        let _ = partner.frames.try_send(Message::text(PEER_LEFT));
    }
}
