//! The sockets that peers see.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket as StdSocket};
use std::ops::RangeInclusive;
use std::sync::Arc;

use parking_lot::Mutex;
use stun_types::attribute::ErrorCode;
use tokio::net::UdpSocket;
use turn_types::AddressFamily;

use super::peers::Home;
use super::ports::Ports;
use super::request::Reject;

/// Ports that are tried: another program may hold some of the range.
const TRIES: usize = 16;

/// Which ports are asked for (RFC 8656, section 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Any one.
    Any,
    /// An even one.
    Even,
    /// An even one and the next.
    Pair,
}

/// The addresses that relayed ports are on, at most one a family.
#[derive(Debug)]
pub(super) struct Homes(Vec<Arc<Pool>>);

#[derive(Debug)]
struct Pool {
    home: Home,
    ports: Mutex<Ports>,
}

/// A port of a pool, taken until this is dropped.
#[derive(Debug)]
struct Taken {
    port: u16,
    pool: Arc<Pool>,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.pool.ports.lock().give_back(self.port);
    }
}

/// A socket that peers see.
#[derive(Debug)]
pub(super) struct RelayedSocket {
    // Closed before the port is given back, as fields are dropped in order.
    pub socket: UdpSocket,
    /// Where peers reach it.
    pub address: SocketAddr,
    _port: Taken,
}

impl Homes {
    /// With all ports of the range free on each.
    pub(super) fn new(homes: &[Home], range: &RangeInclusive<u16>) -> Self {
        let pool = |home: &Home| Pool { home: *home, ports: Mutex::new(Ports::new(range.clone())) };
        Self(homes.iter().map(|home| Arc::new(pool(home))).collect())
    }

    /// Opens a socket, and for a pair the one above it.
    ///
    /// # Errors
    /// 440 where there is no address of the family, 508 where no port or
    /// descriptor is left.
    pub(super) fn open(
        &self,
        family: AddressFamily,
        wanted: Wanted,
    ) -> Result<(RelayedSocket, Option<RelayedSocket>), Reject> {
        let is_v4 = family == AddressFamily::IPV4;
        let pool = self.0.iter().find(|pool| pool.home.bound.is_ipv4() == is_v4);
        let pool = pool.ok_or(Reject::Code(ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED))?;
        // What can't be bound stays taken until the search is over.
        let mut held = Vec::new();
        for _ in 0..TRIES {
            let Some((port, next)) = pool.take(wanted) else { break };
            let bound = pool.bind(port.port).and_then(|socket| {
                Ok((socket, next.as_ref().map(|next| pool.bind(next.port)).transpose()?))
            });
            match bound {
                Ok((socket, second)) => {
                    let second = second.zip(next);
                    return Ok((port.with(socket), second.map(|(socket, next)| next.with(socket))));
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => held.push((port, next)),
                Err(_) => break,
            }
        }
        Err(Reject::Code(ErrorCode::INSUFFICIENT_CAPACITY))
    }
}

impl Pool {
    fn take(self: &Arc<Self>, wanted: Wanted) -> Option<(Taken, Option<Taken>)> {
        let mut ports = self.ports.lock();
        let chance = &mut rand::rng();
        let port = match wanted {
            Wanted::Any => ports.any(chance)?,
            Wanted::Even | Wanted::Pair => ports.even(wanted == Wanted::Pair, chance)?,
        };
        let taken = |port| Taken { port, pool: self.clone() };
        Some((taken(port), (wanted == Wanted::Pair).then(|| taken(port + 1))))
    }

    fn bind(&self, port: u16) -> io::Result<UdpSocket> {
        bind_udp(SocketAddr::new(self.home.bound, port))
    }
}

impl Taken {
    fn with(self, socket: UdpSocket) -> RelayedSocket {
        let address = SocketAddr::new(self.pool.home.external, self.port);
        RelayedSocket { socket, address, _port: self }
    }
}

/// The addresses of relayed ports: the first that is listened on of each family,
/// and what it is reached at.
///
/// # Errors
/// The family's first address where every address is listened on and it is not
/// said at which the relay is reached.
pub(super) fn homes(listening: &[IpAddr], external: &[IpAddr]) -> Result<Vec<Home>, IpAddr> {
    let mut homes = Vec::new();
    for is_v4 in [true, false] {
        let Some(bound) = listening.iter().copied().find(|ip| ip.is_ipv4() == is_v4) else {
            continue;
        };
        let external = external.iter().copied().find(|ip| ip.is_ipv4() == is_v4);
        let external = external.unwrap_or(bound);
        if external.is_unspecified() {
            return Err(bound);
        }
        homes.push(Home { bound, external });
    }
    Ok(homes)
}

/// A socket for datagrams that a runtime drives.
///
/// # Errors
/// Those of the system.
pub(super) fn bind_udp(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(address),
        socket2::Type::DGRAM.nonblocking().cloexec(),
        None,
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    UdpSocket::from_std(StdSocket::from(socket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_has_one_home() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let listening = ["10.0.0.1", "10.0.0.2", "::1"].map(ip);
        let found = homes(&listening, &[ip("203.0.113.1")]).unwrap();
        let expected = [
            Home { bound: ip("10.0.0.1"), external: ip("203.0.113.1") },
            Home { bound: ip("::1"), external: ip("::1") },
        ];
        assert_eq!(found, expected);
        assert_eq!(homes(&[ip("0.0.0.0")], &[]), Err(ip("0.0.0.0")));
        assert!(homes(&[ip("0.0.0.0")], &[ip("203.0.113.1")]).is_ok());
    }
}
