//! A TURN client with its socket.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};
use std::time::Instant;

use super::options::Transport;
use super::outcome::RelayError;
use super::relay::{Heard, RelayClient, Standing};
use super::servers::Credentials;
use super::wire::Wire;

/// An allocation, or the attempt at one. It ends when it is dropped.
pub(super) struct Relayed {
    wire: Wire,
    client: RelayClient,
    /// Where the server is spoken to from.
    pub local: SocketAddr,
}

impl Relayed {
    /// Begins to ask a server for an allocation.
    ///
    /// # Errors
    /// No socket could be opened.
    pub(super) fn ask(
        server: SocketAddr,
        (transport, credentials): (Transport, Credentials),
        source: Option<IpAddr>,
        now: Instant,
    ) -> io::Result<Self> {
        let (wire, local) = Wire::open(transport, server, source)?;
        let client = RelayClient::new(credentials, wire.is_reliable(), now);
        let mut relayed = Self { wire, client, local };
        relayed.flush();
        Ok(relayed)
    }

    /// The address that is relayed.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        match self.client.standing() {
            Standing::Relaying(address, _) => Some(address),
            Standing::Asking | Standing::Failed(_) => None,
        }
    }

    /// Whether it is still being asked for.
    pub(super) fn is_asking(&self) -> bool {
        self.client.standing() == Standing::Asking
    }

    /// Why there is no allocation.
    pub(super) fn error(&self) -> Option<RelayError> {
        match self.client.standing() {
            Standing::Failed(error) => Some(error),
            Standing::Asking | Standing::Relaying(..) => None,
        }
    }

    /// Lets a peer's packets through; without effect while there is no allocation.
    pub(super) fn expect(&mut self, peer: SocketAddr, now: Instant) {
        self.client.expect(peer, now);
        self.flush();
    }

    /// Sends to a peer.
    pub(super) fn send(&mut self, peer: SocketAddr, packet: &[u8], now: Instant) {
        self.client.send(peer, packet, now);
        self.flush();
    }

    /// When it is to be looked at next.
    pub(super) fn due(&self) -> Option<Instant> {
        self.client.due()
    }

    /// Does what is due.
    pub(super) fn tick(&mut self, now: Instant) {
        self.client.tick(now);
        self.flush();
    }

    /// The next thing that matters outside. After an error nothing more does.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<Heard> {
        while self.error().is_none() {
            match self.wire.poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(_)) => {
                    self.client.cut_off();
                    return Poll::Ready(Heard::Nothing);
                }
                Poll::Ready(Ok(frame)) => {
                    let was_asking = self.is_asking();
                    let heard = self.client.hear(&frame, now);
                    self.flush();
                    if heard != Heard::Nothing || was_asking != self.is_asking() {
                        return Poll::Ready(heard);
                    }
                }
            }
        }
        Poll::Pending
    }

    fn flush(&mut self) {
        while let Some(frame) = self.client.poll_frame() {
            self.wire.send(&frame);
        }
    }
}

impl Drop for Relayed {
    /// A stream ends its allocation by its own end.
    fn drop(&mut self) {
        if let Some(goodbye) = self.client.goodbye()
            && !self.wire.is_reliable()
        {
            self.wire.send(&goodbye);
        }
    }
}
