//! The addresses of this machine that a partner might reach.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// Places on the Internet that nobody is at (RFC 5737, RFC 3849). A socket that is
/// connected to one tells the way there and sends nothing.
const ELSEWHERE: [&str; 2] = ["192.0.2.1:9", "[2001:db8::1]:9"];

/// The loopback's address, and those that the machine would reach the Internet
/// from, of either family.
pub(super) fn local_addresses() -> Vec<IpAddr> {
    let mut addresses = vec![IpAddr::from(Ipv4Addr::LOCALHOST)];
    for place in ELSEWHERE {
        let place: SocketAddr = place.parse().expect("an address");
        addresses.extend(toward(place).filter(|address| !addresses.contains(address)));
    }
    addresses
}

fn toward(place: SocketAddr) -> Option<IpAddr> {
    let any = if place.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(place).ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_unspecified()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_is_always_there_and_none_is_there_twice() {
        let mut addresses = local_addresses();
        assert_eq!(addresses[0], IpAddr::from(Ipv4Addr::LOCALHOST));
        let count = addresses.len();
        addresses.sort();
        addresses.dedup();
        assert_eq!(addresses.len(), count);
    }
}
