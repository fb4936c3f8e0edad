//! All sockets of a peer: gathers candidates (RFC 8445, section 5.1), and carries
//! packets from and to them.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};
use std::time::Instant;

use str0m::Candidate;
use str0m::net::Protocol;

use super::addresses::local_addresses;
use super::host::{Host, Received};
use super::options::{Options, Route};
use super::outcome::{Failure, Path, RelayError};
use super::relay::Heard;
use super::relayed::Relayed;
use super::servers::{Found, Kind};

/// The sockets of a peer.
pub(super) struct Network {
    hosts: Vec<Host>,
    relays: Vec<Relayed>,
    route: Route,
}

/// What a network has to tell.
pub(super) enum News {
    /// A candidate that this peer now has.
    Candidate(Candidate),
    /// A packet that came to one of its addresses.
    Packet {
        /// Who sent it.
        source: SocketAddr,
        /// Which of the candidates it came to.
        destination: SocketAddr,
        /// What it holds.
        bytes: Vec<u8>,
    },
    /// Something was settled that may end the gathering.
    Settled,
}

impl Network {
    /// One that has nothing yet.
    pub(super) fn none(route: Route) -> Self {
        Self { hosts: Vec::new(), relays: Vec::new(), route }
    }

    /// Opens sockets and begins to ask the servers.
    ///
    /// # Errors
    /// There are no sockets left, or none at the addresses that were named.
    pub(super) fn open(
        found: Vec<Found>,
        options: &Options,
        now: Instant,
    ) -> Result<Self, Failure> {
        let mut network = Self::none(options.route);
        if options.route != Route::Relay {
            network.hosts = hosts(&found, options, now)?;
        }
        if options.route == Route::Stun {
            return Ok(network);
        }
        for Found { address, kind } in found {
            let Kind::Turn(transport, credentials) = kind else { continue };
            if options.relay_over.is_some_and(|only| only != transport) {
                continue;
            }
            let source = alike(&options.sources, address);
            let relayed = Relayed::ask(address, (transport, credentials), source, now);
            network.relays.push(relayed.map_err(|_| Failure::NoSocket)?);
        }
        if network.route == Route::Relay && network.relays.is_empty() {
            return Err(Failure::NoRelay);
        }
        Ok(network)
    }

    /// The candidates that are there from the begin.
    pub(super) fn host_candidates(&self) -> Vec<Candidate> {
        let host = |host: &Host| Candidate::host(host.address, Protocol::Udp).ok();
        self.hosts.iter().filter_map(host).collect()
    }

    /// Whether no more candidates will come.
    pub(super) fn is_gathered(&self) -> bool {
        !self.hosts.iter().any(Host::is_asking) && !self.relays.iter().any(Relayed::is_asking)
    }

    /// Why there is no relay, where each that was asked has failed.
    pub(super) fn relay_error(&self) -> Option<RelayError> {
        let errors = self.relays.iter().map(Relayed::error).collect::<Option<Vec<_>>>()?;
        errors.first().copied()
    }

    /// What an address that is sent from stands for. Where the sockets' own were not
    /// told, the partner knows what a STUN server saw of them.
    pub(super) fn path(&self, source: SocketAddr) -> Path {
        if self.relays.iter().any(|relay| relay.address() == Some(source)) {
            Path::Relay
        } else if self.route == Route::Stun {
            Path::Srflx
        } else {
            Path::Host
        }
    }

    /// Has the relays that there are let the packets of these addresses through. The
    /// partner's first check comes in sooner than one's own goes out.
    pub(super) fn expect(&mut self, partner: impl Iterator<Item = SocketAddr>, now: Instant) {
        for address in partner {
            self.relays.iter_mut().for_each(|relay| relay.expect(address, now));
        }
    }

    /// Sends a packet from one of the candidates; from another address nothing goes
    /// out.
    pub(super) fn send(&mut self, source: SocketAddr, to: SocketAddr, packet: &[u8], now: Instant) {
        if let Some(relay) = self.relays.iter_mut().find(|relay| relay.address() == Some(source)) {
            relay.send(to, packet, now);
        } else if let Some(host) = self.hosts.iter().find(|host| host.address == source) {
            host.send(to, packet);
        }
    }

    /// When it is to be looked at next.
    pub(super) fn due(&self) -> Option<Instant> {
        let hosts = self.hosts.iter().filter_map(Host::due);
        hosts.chain(self.relays.iter().filter_map(Relayed::due)).min()
    }

    /// Does what is due.
    pub(super) fn tick(&mut self, now: Instant) {
        self.hosts.iter_mut().for_each(|host| host.tick(now));
        self.relays.iter_mut().for_each(|relay| relay.tick(now));
    }

    /// The next thing that is to be told.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<News> {
        for host in &mut self.hosts {
            if let Poll::Ready(received) = host.poll(cx) {
                return Poll::Ready(at_host(host.address, received));
            }
        }
        for relay in &mut self.relays {
            if let Poll::Ready(heard) = relay.poll(cx, Instant::now()) {
                return Poll::Ready(at_relay(relay, heard));
            }
        }
        Poll::Pending
    }
}

fn at_host(destination: SocketAddr, received: Received) -> News {
    match received {
        Received::Packet(source, bytes) => News::Packet { source, destination, bytes },
        Received::Mapped(mapped) => mapped
            .and_then(|mapped| Candidate::server_reflexive(mapped, destination, Protocol::Udp).ok())
            .map_or(News::Settled, News::Candidate),
    }
}

fn at_relay(relay: &Relayed, heard: Heard) -> News {
    match heard {
        Heard::Nothing => News::Settled,
        // What is relayed is UDP, whatever the server is spoken to by.
        Heard::Relaying(address) => Candidate::relayed(address, relay.local, Protocol::Udp)
            .map_or(News::Settled, News::Candidate),
        Heard::Data(source, bytes) => match relay.address() {
            Some(destination) => News::Packet { source, destination, bytes },
            None => News::Settled,
        },
    }
}

/// Opens a socket at each address. One that was not asked for may fail, as its
/// family may be switched off.
fn hosts(found: &[Found], options: &Options, now: Instant) -> Result<Vec<Host>, Failure> {
    let stun = found.iter().filter(|found| matches!(found.kind, Kind::Stun));
    let stun: Vec<_> = stun.map(|found| found.address).collect();
    let open = |ip: &IpAddr| Host::open(*ip, &stun, now);
    let hosts: Vec<Host> = if options.sources.is_empty() {
        local_addresses().iter().filter_map(|ip| open(ip).ok()).collect()
    } else {
        let opened: io::Result<_> = options.sources.iter().map(open).collect();
        opened.map_err(|_| Failure::NoSocket)?
    };
    if hosts.is_empty() { Err(Failure::NoSocket) } else { Ok(hosts) }
}

/// The first source of a server's family.
fn alike(sources: &[IpAddr], server: SocketAddr) -> Option<IpAddr> {
    sources.iter().copied().find(|source| source.is_ipv4() == server.is_ipv4())
}
