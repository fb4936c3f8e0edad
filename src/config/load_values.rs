//! How values of load tests are read.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The most addresses of one range.
const MAX_SOURCES: usize = 1024;

/// Where people connect: `ws://HOST[:PORT][/PATH]`, or `wss://` by TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetUrl {
    scheme: &'static str,
    /// `HOST:PORT`.
    pub authority: String,
    /// With its slash.
    pub path: String,
}

impl TargetUrl {
    /// Reads a URL of one of these schemes, each with its usual port.
    pub(super) fn read(schemes: &[(&'static str, u16)], text: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "not ws://HOST[:PORT][/PATH] or wss:// (http:// for metrics)";
        let (given, rest) = text.split_once("://").ok_or(WRONG)?;
        let known = schemes.iter().find(|(scheme, _)| *scheme == given);
        let (scheme, usual_port) = *known.ok_or(WRONG)?;
        let slash = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(slash);
        let bracket = authority.rfind(']').unwrap_or(0);
        let (host, port) = match authority.rfind(':').filter(|colon| *colon >= bracket) {
            Some(colon) => {
                (&authority[..colon], authority[colon + 1..].parse().map_err(|_| WRONG)?)
            }
            None => (authority, usual_port),
        };
        let odd = |c: char| c.is_whitespace() || c.is_control() || "@?#".contains(c);
        if host.is_empty() || port == 0 || host.contains(odd) || path.contains(char::is_whitespace)
        {
            return Err(WRONG);
        }
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self { scheme, authority: format!("{host}:{port}"), path: path.to_owned() })
    }
}

impl FromStr for TargetUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::read(&[("ws", 80), ("wss", 443)], text)
    }
}

impl fmt::Display for TargetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

/// A share, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share(pub f64);

impl FromStr for Share {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<f64>() {
            Ok(share) if (0.0..=1.0).contains(&share) => Ok(Self(share)),
            _ => Err("a share is a number from 0 to 1"),
        }
    }
}

/// An address, or a range of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources(pub Vec<IpAddr>);

impl FromStr for Sources {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "not an IP address, nor FIRST-LAST with at most 1024";
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let bits = |text: &str| -> Result<(bool, u128), &'static str> {
            match text.parse().map_err(|_| WRONG)? {
                IpAddr::V4(address) => Ok((true, u128::from(address.to_bits()))),
                IpAddr::V6(address) => Ok((false, address.to_bits())),
            }
        };
        let ((v4, first), (v4_too, last)) = (bits(first)?, bits(last)?);
        if v4 != v4_too || last < first || last - first >= MAX_SOURCES as u128 {
            return Err(WRONG);
        }
        let address = |bits: u128| match u32::try_from(bits) {
            Ok(bits) if v4 => Ipv4Addr::from_bits(bits).into(),
            _ => IpAddr::from(Ipv6Addr::from_bits(bits)),
        };
        Ok(Self((first..=last).map(address).collect()))
    }
}

/// The names of the latencies that are measured.
pub const LATENCIES: [&str; 7] = ["connect", "match", "next", "relay", "call", "resume", "webrtc"];

/// The most that a latency may be: `[NAME=]MS`.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// One of [`LATENCIES`]; none: each of them.
    pub name: Option<String>,
    /// In milliseconds.
    pub millis: f64,
}

impl FromStr for Goal {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, millis) = match text.split_once('=') {
            Some((name, millis)) if LATENCIES.contains(&name) => (Some(name.to_owned()), millis),
            Some(_) => return Err("no such latency: connect, match, next, relay, call or resume"),
            None => (None, text),
        };
        match millis.parse::<f64>() {
            Ok(millis) if millis.is_finite() && millis >= 0.0 => Ok(Self { name, millis }),
            _ => Err("not [NAME=]MS"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_has_a_host_and_may_have_a_port_and_a_path() {
        for (text, shown) in [
            ("ws://a.example", "ws://a.example:80/"),
            ("ws://127.0.0.1:8080/ws", "ws://127.0.0.1:8080/ws"),
            ("ws://[::1]:8080/ws", "ws://[::1]:8080/ws"),
            ("ws://[::1]/ws", "ws://[::1]:80/ws"),
            ("wss://a.example/ws", "wss://a.example:443/ws"),
        ] {
            assert_eq!(text.parse::<TargetUrl>().unwrap().to_string(), shown);
        }
        for bad in [
            "", "a", "wss:a", "http://a", "ws://", "ws://:80", "ws://a:b", "ws://a:0", "ws://u@a",
            "ws://a b",
        ] {
            assert!(bad.parse::<TargetUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn sources_are_an_address_or_a_range() {
        assert_eq!("127.0.1.254-127.0.2.1".parse::<Sources>().unwrap().0.len(), 4);
        assert_eq!("::1".parse::<Sources>().unwrap().0, ["::1".parse::<IpAddr>().unwrap()]);
        for bad in ["", "a", "127.0.0.2-127.0.0.1", "127.0.0.1-::1", "10.0.0.0-10.9.0.0"] {
            assert!(bad.parse::<Sources>().is_err(), "{bad}");
        }
    }

    #[test]
    fn goals_and_shares_are_numbers_in_bounds() {
        let goal = "match=250".parse::<Goal>().unwrap();
        assert_eq!(goal, Goal { name: Some("match".to_owned()), millis: 250.0 });
        assert_eq!("1.5".parse::<Goal>().unwrap().name, None);
        for bad in ["", "=5", "dance=5", "match=", "match=-1", "match=nan"] {
            assert!(bad.parse::<Goal>().is_err(), "{bad}");
        }
        for bad in ["", "-0.1", "1.1", "nan", "5%"] {
            assert!(bad.parse::<Share>().is_err(), "{bad}");
        }
    }
}
