//! A socket of this machine, and what STUN servers say of it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use socket2::SockRef;
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;

use super::reflexive::Binding;
use super::transaction::Turn;
use super::wire::DATAGRAM_BYTES;

/// A socket that packets to the partner may go out of.
pub(super) struct Host {
    socket: UdpSocket,
    /// Where it is bound.
    pub address: SocketAddr,
    bindings: Vec<Binding>,
}

/// What came in at a socket.
pub(super) enum Received {
    /// A packet that is the session's to look at.
    Packet(SocketAddr, Vec<u8>),
    /// A STUN server answered; the address that it told, if it told one.
    Mapped(Option<SocketAddr>),
}

impl Host {
    /// Binds a free port of an address and asks these STUN servers about it.
    ///
    /// # Errors
    /// The address is not this machine's, or there are no sockets left.
    pub(super) fn open(ip: IpAddr, stun: &[SocketAddr], now: Instant) -> io::Result<Self> {
        let socket = std::net::UdpSocket::bind(SocketAddr::new(ip, 0))?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let alike = stun.iter().filter(|server| server.is_ipv4() == ip.is_ipv4());
        let bindings = alike.map(|server| Binding::new(*server, now)).collect();
        let host = Self { socket: UdpSocket::from_std(socket)?, address, bindings };
        for binding in &host.bindings {
            host.send(binding.server, binding.request());
        }
        Ok(host)
    }

    /// Whether a STUN server is still to answer.
    pub(super) fn is_asking(&self) -> bool {
        !self.bindings.is_empty()
    }

    /// Sends a packet or drops it, as a network would.
    pub(super) fn send(&self, to: SocketAddr, packet: &[u8]) {
        // Made directly: tokio's would refuse a socket that its reactor has not
        // seen yet.
        let _ = SockRef::from(&self.socket).send_to(packet, &to.into());
    }

    /// When it is to be looked at next.
    pub(super) fn due(&self) -> Option<Instant> {
        self.bindings.iter().map(Binding::due).min()
    }

    /// Asks again where no answer came, and no more where none will.
    pub(super) fn tick(&mut self, now: Instant) {
        let mut bindings = std::mem::take(&mut self.bindings);
        bindings.retain_mut(|binding| match binding.turn(now) {
            Turn::Wait => true,
            Turn::Again => {
                self.send(binding.server, binding.request());
                true
            }
            Turn::GiveUp => false,
        });
        self.bindings = bindings;
    }

    /// The next packet.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Received> {
        loop {
            let mut bytes = [0; DATAGRAM_BYTES];
            let mut buffer = ReadBuf::new(&mut bytes);
            // An error tells that an earlier packet did not arrive, and is taken
            // away by being told.
            if let Ok(source) = ready!(self.socket.poll_recv_from(cx, &mut buffer)) {
                return Poll::Ready(self.received(source, buffer.filled()));
            }
        }
    }

    fn received(&mut self, source: SocketAddr, packet: &[u8]) -> Received {
        let answers = self.bindings.iter().enumerate();
        let mut answers = answers.filter_map(|(at, b)| Some((at, b.answer(source, packet)?)));
        match answers.next() {
            Some((at, mapped)) => {
                self.bindings.swap_remove(at);
                Received::Mapped(mapped)
            }
            None => Received::Packet(source, packet.to_vec()),
        }
    }
}
