//! How a client is told apart and reached.

use std::net::SocketAddr;
use std::sync::Arc;

use socket2::SockRef;
use tokio::net::UdpSocket;

use super::outbox::Outbox;
use crate::metrics::Transport;

/// What tells a client apart: its address, the socket that it speaks to, and
/// for a stream its number, as an address may come back before the stream that
/// it had is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FiveTuple {
    pub listener: usize,
    pub address: SocketAddr,
    pub stream: u64,
}

/// A client, for as long as it is spoken to.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub tuple: FiveTuple,
    pub transport: Transport,
    pub sink: Sink,
}

/// Where what a client is sent goes.
#[derive(Clone, Debug)]
pub(super) enum Sink {
    /// To its address, from the socket that it speaks to.
    Datagram(Arc<UdpSocket>),
    /// Onto its stream.
    Stream(Arc<Outbox>),
}

impl Client {
    /// Sends a relayed packet; whether there was room for it.
    pub(super) fn data(&self, bytes: &[u8]) -> bool {
        match &self.sink {
            Sink::Datagram(socket) => send(socket, bytes, self.tuple.address),
            Sink::Stream(outbox) => outbox.data(bytes),
        }
    }

    /// Sends an answer.
    pub(super) fn answer(&self, bytes: &[u8]) {
        match &self.sink {
            Sink::Datagram(socket) => {
                send(socket, bytes, self.tuple.address);
            }
            Sink::Stream(outbox) => outbox.answer(bytes),
        }
    }
}

/// Sends a datagram or drops it; nobody waits for a socket to have room. The
/// system call is made directly: tokio's would refuse a socket that its reactor
/// has not seen yet.
pub(super) fn send(socket: &UdpSocket, bytes: &[u8], to: SocketAddr) -> bool {
    SockRef::from(socket).send_to(bytes, &to.into()).is_ok()
}
