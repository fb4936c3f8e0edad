//! Addresses that are no ordinary place on the Internet (RFC 6890).
//!
//! A relay that reached them for a stranger would open its own machine and
//! network. The documentation ranges lead nowhere and are not among them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Each range by its first address and the length of its prefix.
const V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    // Metadata services of clouds; the first is public space, the others stand
    // in ranges above and are named so that they stay denied.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(169, 254, 169, 254), 32),
    (Ipv4Addr::new(100, 100, 100, 200), 32),
    (Ipv4Addr::new(192, 0, 0, 192), 32),
];

const V6: [(Ipv6Addr, u32); 6] = [
    // Unique local, with the metadata service at fd00:ec2::254.
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64),
    // NAT64 of a network's own choice: what it leads to can't be told.
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48),
];

/// Whether `ip` is special, or leads to an IPv4 address that is.
pub(super) fn is_special(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_special_v4(ip),
        IpAddr::V6(ip) => {
            let bits = u128::from(ip);
            let ranges = V6.iter().any(|(first, length)| {
                let shift = 128 - length;
                bits >> shift == u128::from(*first) >> shift
            });
            ranges || inner(ip).into_iter().flatten().any(is_special_v4)
        }
    }
}

fn is_special_v4(ip: Ipv4Addr) -> bool {
    V4.iter().any(|(first, length)| {
        let shift = 32 - length;
        u32::from(ip) >> shift == u32::from(*first) >> shift
    })
}

/// The IPv4 addresses that an IPv6 address carries.
fn inner(ip: Ipv6Addr) -> [Option<Ipv4Addr>; 2] {
    let v4 = |high: u16, low: u16| Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match ip.segments() {
        // Compatible (`::` and `::1` too), mapped, and translated.
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => {
            [v4(high, low), None]
        }
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => [v4(high, low), None],
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] => [v4(high, low), None],
        // Teredo (RFC 4380): its server, and the client's address inverted.
        [0x2001, 0, high, low, _, _, client_high, client_low] => {
            [v4(high, low), v4(!client_high, !client_low)]
        }
        _ => [None, None],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_each_range_are_special_and_what_is_beside_them_is_not() {
        for (first, last, beside) in [
            ("0.0.0.0", "0.255.255.255", "1.0.0.0"),
            ("10.0.0.0", "10.255.255.255", "11.0.0.0"),
            ("100.64.0.0", "100.127.255.255", "100.128.0.0"),
            ("127.0.0.0", "127.255.255.255", "128.0.0.0"),
            ("169.254.0.0", "169.254.255.255", "169.255.0.0"),
            ("172.16.0.0", "172.31.255.255", "172.32.0.0"),
            ("192.0.0.0", "192.0.0.255", "192.0.1.0"),
            ("192.168.0.0", "192.168.255.255", "192.169.0.0"),
            ("198.18.0.0", "198.19.255.255", "198.20.0.0"),
            ("224.0.0.0", "255.255.255.255", "223.255.255.255"),
            ("168.63.129.16", "168.63.129.16", "168.63.129.17"),
            ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fbff::"),
            ("fe80::", "fec0::ffff", "fe7f::"),
            ("ff00::", "ffff::", "2a00::1"),
            ("100::", "100::ffff:ffff:ffff:ffff", "100:0:0:1::"),
            ("64:ff9b:1::", "64:ff9b:1:ffff::", "64:ff9b:2::"),
        ] {
            assert!(is_special(first.parse().unwrap()), "{first}");
            assert!(is_special(last.parse().unwrap()), "{last}");
            assert!(!is_special(beside.parse().unwrap()), "{beside}");
        }
    }

    #[test]
    fn an_address_within_another_is_seen() {
        for (denied, allowed) in [
            ("::", "::808:808"),
            ("::1", "::808:808"),
            ("::ffff:127.0.0.1", "::ffff:8.8.8.8"),
            ("::ffff:0:10.0.0.1", "::ffff:0:8.8.8.8"),
            ("64:ff9b::192.168.0.1", "64:ff9b::8.8.8.8"),
            ("2002:a00:1::1", "2002:808:808::1"),
            ("2001:0:a00:1::f7f7:f7f7", "2001:0:808:808::f7f7:f7f7"),
            ("2001:0:808:808::f5ff:fffe", "2001:0:808:808::f7f7:f7f7"),
            ("fd00:ec2::254", "2001:db8::254"),
        ] {
            assert!(is_special(denied.parse().unwrap()), "{denied}");
            assert!(!is_special(allowed.parse().unwrap()), "{allowed}");
        }
    }

    #[test]
    fn documentation_is_ordinary() {
        for ip in ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1"] {
            assert!(!is_special(ip.parse().unwrap()), "{ip}");
        }
    }
}
