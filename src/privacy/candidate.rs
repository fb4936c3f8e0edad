//! One candidate, written anew from the fields that are known (RFC 8839
//! section 5.1).

use std::fmt::Write;
use std::net::IpAddr;

use super::grammar::{UFRAG, is_ice_chars, number};

/// The candidate-attribute `candidate:…` with the address of its relay, and
/// without `raddr`, `rport` and whatever else could tell of its sender's
/// network. `None` unless it is a relay's, over UDP (which is all that TURN
/// allocates for browsers), at an IP literal, and well-formed throughout.
///
/// Rule 9 leaves out `raddr` and `rport` where RFC 8839 would have them say
/// `0.0.0.0` and `9`. Chromium takes such a candidate, Firefox passes over it: a
/// page in Firefox has to put those two in before it hands a relay on.
///
/// Work and result are linear in `candidate`.
#[must_use]
pub fn candidate(candidate: &str) -> Option<String> {
    let mut words = candidate.strip_prefix("candidate:")?.split(' ');
    let foundation = words.next().filter(|text| is_ice_chars(text, 1..=32))?;
    let component = words.next().and_then(number::<u16>).filter(|id| (1..=256).contains(id))?;
    let transport = words.next().filter(|text| text.eq_ignore_ascii_case("udp"))?;
    let priority: u32 = words.next().and_then(number)?;
    // A name is refused: it could be the sender's. So is an address with a zone.
    let address: IpAddr = words.next()?.parse().ok()?;
    let port: u16 = words.next().and_then(number)?;
    if (words.next()?, words.next()?) != ("typ", "relay") {
        return None;
    }
    let mut kept = format!(
        "candidate:{foundation} {component} {transport} {priority} {address} {port} typ relay"
    );
    Extensions::read(words)?.write(&mut kept);
    Some(kept)
}

/// The extensions that are kept: both are the ICE session's, not the network's.
#[derive(Default)]
struct Extensions<'a> {
    generation: Option<u32>,
    ufrag: Option<&'a str>,
}

impl<'a> Extensions<'a> {
    /// Reads pairs of a name and a value; the unknown ones are passed over.
    fn read(mut words: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut found = Self::default();
        while let Some(name) = words.next() {
            let value = words.next()?;
            match name {
                "generation" => found.generation = Some(number(value)?),
                "ufrag" if is_ice_chars(value, UFRAG) => found.ufrag = Some(value),
                "ufrag" => return None,
                _ => {}
            }
        }
        Some(found)
    }

    fn write(&self, text: &mut String) {
        // Writing to a String has no way to fail.
        if let Some(generation) = self.generation {
            let _ = write!(text, " generation {generation}");
        }
        if let Some(ufrag) = self.ufrag {
            let _ = write!(text, " ufrag {ufrag}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_keeps_its_address_and_loses_what_tells_of_its_sender() {
        let sent = "candidate:842163049 1 udp 41885439 192.0.2.1 50001 typ relay raddr 203.0.113.9 \
                    rport 54321 generation 0 ufrag aB+/ network-id 1 network-cost 10";
        let kept =
            "candidate:842163049 1 udp 41885439 192.0.2.1 50001 typ relay generation 0 ufrag aB+/";
        assert_eq!(candidate(sent).as_deref(), Some(kept));
        assert_eq!(candidate(kept).as_deref(), Some(kept));
    }

    #[test]
    fn a_relay_may_have_an_address_of_either_family() {
        for address in ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"] {
            let relay = format!("candidate:1 1 UDP 5 {address} 9 typ relay");
            assert_eq!(candidate(&relay).as_deref(), Some(relay.as_str()));
        }
    }

    #[test]
    fn only_relays_pass() {
        for kind in ["host", "srflx", "prflx", "RELAY", "relay\u{200B}", "", "relayed"] {
            let other = format!("candidate:1 1 udp 5 192.0.2.1 9 typ {kind}");
            assert_eq!(candidate(&other), None, "{kind}");
        }
    }

    #[test]
    fn an_address_is_an_ip_literal() {
        for address in [
            "e4ff4d3c-1b2a-4c5d-8e9f-0a1b2c3d4e5f.local",
            "relay.example.com",
            "fe80::1%eth0",
            "fe80::1%25eth0",
            "[2001:db8::1]",
            "192.0.2.1:80",
            "192.0.2",
            "0300.0.02.01",
            "192%2E0%2E2%2E1",
            "\u{FF11}92.0.2.1",
            "",
        ] {
            let named = format!("candidate:1 1 udp 5 {address} 9 typ relay");
            assert_eq!(candidate(&named), None, "{address}");
        }
    }

    #[test]
    fn a_candidate_that_is_not_well_formed_does_not_pass() {
        for broken in [
            "",
            "candidate:",
            "1 1 udp 5 192.0.2.1 9 typ relay",
            "a=candidate:1 1 udp 5 192.0.2.1 9 typ relay",
            "candidate:1 1 udp 5 192.0.2.1 9",
            "candidate:1 1 udp 5 192.0.2.1 9 typ",
            "candidate:203.0.113.9 1 udp 5 192.0.2.1 9 typ relay",
            "candidate:1 0 udp 5 192.0.2.1 9 typ relay",
            "candidate:1 257 udp 5 192.0.2.1 9 typ relay",
            "candidate:1 1 tcp 5 192.0.2.1 9 typ relay tcptype active",
            "candidate:1 1 udp -5 192.0.2.1 9 typ relay",
            "candidate:1 1 udp 5 192.0.2.1 65536 typ relay",
            "candidate:1 1 udp 5 192.0.2.1 9 typ relay raddr",
            "candidate:1 1 udp 5 192.0.2.1 9 typ relay generation 203.0.113.9",
            "candidate:1 1 udp 5 192.0.2.1 9 typ relay ufrag 203.0.113.9",
            "candidate:1 1 udp 5 192.0.2.1 9 typ relay\r\na=x y",
        ] {
            assert_eq!(candidate(broken), None, "{broken}");
        }
    }

    #[test]
    fn an_unknown_extension_is_passed_over() {
        let sent = "candidate:1 1 udp 5 192.0.2.1 9 typ relay tcptype 203.0.113.9 x 2001:db8::7";
        let kept = "candidate:1 1 udp 5 192.0.2.1 9 typ relay";
        assert_eq!(candidate(sent).as_deref(), Some(kept));
    }
}
