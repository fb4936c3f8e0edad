//! Which peers may be reached, and under which address the relay's own are.
//!
//! Two people may both be relayed, so that the relay is its own peer: its
//! external address stands for itself, on relayed ports alone. Everything else
//! that it listens on stays out of reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;

use ipnet::IpNet;

use super::special::is_special;

/// An address that relayed ports are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Home {
    /// What their sockets are bound to.
    pub bound: IpAddr,
    /// What peers are told.
    pub external: IpAddr,
}

impl Home {
    /// Where a packet to itself goes: what is bound, or the loopback where that
    /// is every address.
    fn inside(self) -> IpAddr {
        match self.bound {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        }
    }
}

/// The rules for peers.
#[derive(Debug)]
pub(super) struct Peers {
    allow: Vec<IpNet>,
    homes: Vec<Home>,
    /// What the relay listens on or is reached at, the loopback excepted.
    own: Vec<IpAddr>,
    ports: RangeInclusive<u16>,
    /// Whether the loopback may be reached.
    loopback: bool,
}

impl Peers {
    /// The rules of a relay with these homes that listens on these addresses.
    pub(super) fn new(
        allow: Vec<IpNet>,
        homes: Vec<Home>,
        listening: &[IpAddr],
        ports: RangeInclusive<u16>,
    ) -> Self {
        let loopback = listening.iter().any(IpAddr::is_loopback);
        let external = homes.iter().map(|home| home.external);
        let own = listening.iter().copied().chain(external).filter(|ip| !ip.is_loopback());
        let own = own.collect();
        Self { allow, homes, own, ports, loopback }
    }

    /// Whether there may be a permission for `ip`.
    pub(super) fn may(&self, ip: IpAddr) -> bool {
        self.homes.iter().any(|home| home.external == ip)
            || (self.loopback && ip.is_loopback())
            || !is_special(ip)
            || self.allow.iter().any(|range| range.contains(&ip))
    }

    /// Whether a packet may go to `peer`.
    pub(super) fn may_reach(&self, peer: SocketAddr) -> bool {
        let ours = self.own.contains(&peer.ip());
        self.may(peer.ip()) && peer.port() != 0 && (!ours || self.ports.contains(&peer.port()))
    }

    /// Where a packet for `peer` is sent: the relay's own external address may
    /// not be routed back to it.
    pub(super) fn route(&self, peer: SocketAddr) -> SocketAddr {
        let home = self.homes.iter().find(|home| home.external == peer.ip());
        match home.filter(|home| home.bound != home.external && self.ports.contains(&peer.port())) {
            Some(home) => SocketAddr::new(home.inside(), peer.port()),
            None => peer,
        }
    }

    /// Whom a packet from `source` is said to be of: the reverse of a route.
    pub(super) fn shown(&self, source: SocketAddr) -> SocketAddr {
        let home = self.homes.iter().find(|home| home.inside() == source.ip());
        match home.filter(|home| home.bound != home.external && self.ports.contains(&source.port()))
        {
            Some(home) => SocketAddr::new(home.external, source.port()),
            None => source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTS: RangeInclusive<u16> = 50_000..=50_010;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn behind_nat(allow: &[&str]) -> Peers {
        let allow = allow.iter().map(|range| range.parse().unwrap()).collect();
        let home = Home { bound: ip("10.0.0.5"), external: ip("203.0.113.5") };
        Peers::new(allow, vec![home], &[ip("10.0.0.5")], PORTS)
    }

    #[test]
    fn special_peers_are_denied_unless_they_are_allowed() {
        let peers = behind_nat(&["10.1.0.0/16"]);
        assert!(peers.may(ip("8.8.8.8")) && peers.may(ip("10.1.2.3")));
        assert!(!peers.may(ip("10.2.0.1")) && !peers.may(ip("127.0.0.1")));
        assert!(!peers.may_reach(at("8.8.8.8:0")));
    }

    #[test]
    fn the_relay_itself_is_reached_on_relayed_ports_alone() {
        let peers = behind_nat(&["10.0.0.0/24"]);
        assert!(peers.may(ip("203.0.113.5")));
        assert!(peers.may_reach(at("203.0.113.5:50000")));
        assert!(!peers.may_reach(at("203.0.113.5:3478")));
        assert!(!peers.may_reach(at("10.0.0.5:22")));
        assert!(peers.may_reach(at("10.0.0.6:22")));
    }

    #[test]
    fn packets_to_itself_turn_round_within() {
        let peers = behind_nat(&[]);
        assert_eq!(peers.route(at("203.0.113.5:50001")), at("10.0.0.5:50001"));
        assert_eq!(peers.shown(at("10.0.0.5:50001")), at("203.0.113.5:50001"));
        for other in ["8.8.8.8:50001", "203.0.113.5:1"] {
            assert_eq!(peers.route(at(other)), at(other));
        }
        assert_eq!(peers.shown(at("10.0.0.5:1")), at("10.0.0.5:1"));
    }

    #[test]
    fn a_relay_on_every_address_turns_them_round_on_the_loopback() {
        let home = Home { bound: ip("0.0.0.0"), external: ip("203.0.113.5") };
        let peers = Peers::new(vec![], vec![home], &[ip("0.0.0.0")], PORTS);
        assert_eq!(peers.route(at("203.0.113.5:50001")), at("127.0.0.1:50001"));
        assert_eq!(peers.shown(at("127.0.0.1:50001")), at("203.0.113.5:50001"));
        assert!(!peers.may(ip("127.0.0.1")));
    }

    #[test]
    fn the_loopback_is_reached_where_the_relay_listens_on_it() {
        let home = Home { bound: ip("127.0.0.1"), external: ip("127.0.0.1") };
        let peers = Peers::new(vec![], vec![home], &[ip("127.0.0.1")], PORTS);
        assert!(peers.may_reach(at("127.0.0.1:80")) && peers.may(ip("::1")));
        assert!(!peers.may(ip("10.0.0.1")) && !peers.may(ip("::ffff:127.0.0.1")));
    }
}
