//! Reads datagrams, many at a time, through one buffer a thread.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;

use super::client::{Client, FiveTuple, Sink};
use super::server::Server;
use crate::metrics::Transport;

/// Bytes before a datagram, for the header of channel data.
pub(super) const HEADROOM: usize = 4;
/// The largest datagram.
const DATAGRAM_BYTES: usize = 65_535;
/// Datagrams read before other tasks have their turn.
const BATCH: usize = 64;
/// How long a socket rests that the system does not let be read.
const REST: Duration = Duration::from_millis(10);

thread_local! {
    static BUFFER: RefCell<Box<[u8]>> =
        RefCell::new(vec![0; HEADROOM + DATAGRAM_BYTES].into_boxed_slice());
}

/// How a socket was left.
enum Left {
    Empty,
    More,
    Failed,
}

/// Hands each datagram and its source to `handle`, forever. The datagram has
/// head-room before it.
pub(super) async fn pump(socket: &UdpSocket, mut handle: impl FnMut(&mut [u8], SocketAddr)) {
    while socket.readable().await.is_ok() {
        let left = BUFFER.with_borrow_mut(|buffer| read_batch(socket, buffer, &mut handle));
        match left {
            Left::Empty => (),
            Left::More => tokio::task::yield_now().await,
            Left::Failed => tokio::time::sleep(REST).await,
        }
    }
}

fn read_batch(
    socket: &UdpSocket,
    buffer: &mut [u8],
    handle: &mut impl FnMut(&mut [u8], SocketAddr),
) -> Left {
    for _ in 0..BATCH {
        match socket.try_recv_from(&mut buffer[HEADROOM..]) {
            Ok((length, source)) => handle(&mut buffer[..HEADROOM + length], source),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Left::Empty,
            Err(_) => return Left::Failed,
        }
    }
    Left::More
}

/// Serves the clients that send datagrams to a socket. It goes on after a
/// message that something fell over: they all depend on it.
pub(super) async fn serve(server: Arc<Server>, socket: Arc<UdpSocket>, listener: usize) {
    let task = || tokio::spawn(serve_until_panic(server.clone(), socket.clone(), listener));
    while task().await.is_err_and(|error| error.is_panic()) {
        tracing::error!("the relay fell over a datagram and goes on");
    }
}

async fn serve_until_panic(server: Arc<Server>, socket: Arc<UdpSocket>, listener: usize) {
    let handle = |bytes: &mut [u8], address| {
        let tuple = FiveTuple { listener, address, stream: 0 };
        let client = || {
            let sink = Sink::Datagram(socket.clone());
            Client { tuple, transport: Transport::Udp, sink }
        };
        server.receive(&tuple, &bytes[HEADROOM..], client);
    };
    pump(&socket, handle).await;
}
