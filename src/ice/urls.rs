//! Addresses of ICE servers as URIs (RFC 7064, RFC 7065). Pure.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// A `stun:`, `stuns:`, `turn:` or `turns:` URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IceUrl {
    text: String,
    relays: bool,
}

/// A text that is no URI of an ICE server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not like stun:HOST[:PORT] or turn:HOST[:PORT][?transport=udp|tcp]")]
pub struct NotAnIceUrl;

impl IceUrl {
    /// Whether it names a TURN server.
    #[must_use]
    pub fn relays(&self) -> bool {
        self.relays
    }

    /// A `stun:` URI of a server of our own.
    #[must_use]
    pub fn stun(host: &UrlHost, port: u16) -> Self {
        Self { text: format!("stun:{host}:{port}"), relays: false }
    }

    /// A `turn:` URI of a server of our own.
    #[must_use]
    pub fn turn(host: &UrlHost, port: u16, transport: &str) -> Self {
        Self { text: format!("turn:{host}:{port}?transport={transport}"), relays: true }
    }

    /// A `turns:` URI of a server of our own.
    #[must_use]
    pub fn turns(host: &UrlHost, port: u16) -> Self {
        Self { text: format!("turns:{host}:{port}?transport=tcp"), relays: true }
    }
}

impl From<IceUrl> for String {
    fn from(url: IceUrl) -> Self {
        url.text
    }
}

impl FromStr for IceUrl {
    type Err = NotAnIceUrl;

    fn from_str(text: &str) -> Result<Self, NotAnIceUrl> {
        let (scheme, rest) = text.split_once(':').ok_or(NotAnIceUrl)?;
        let relays = match scheme {
            "stun" | "stuns" => false,
            "turn" | "turns" => true,
            _ => return Err(NotAnIceUrl),
        };
        let (address, query) = rest.split_once('?').map_or((rest, None), |(a, q)| (a, Some(q)));
        let transport =
            query.is_none_or(|query| relays && matches!(query, "transport=udp" | "transport=tcp"));
        if transport && names_a_host(address) {
            Ok(Self { text: text.to_owned(), relays })
        } else {
            Err(NotAnIceUrl)
        }
    }
}

/// The host part of a URI: an IPv6 address stands in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlHost(String);

impl fmt::Display for UrlHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<IpAddr> for UrlHost {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self(address.to_string()),
            IpAddr::V6(address) => Self(format!("[{address}]")),
        }
    }
}

impl FromStr for UrlHost {
    type Err = NotAnIceUrl;

    fn from_str(text: &str) -> Result<Self, NotAnIceUrl> {
        if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(address.into());
        }
        if is_a_name(text) { Ok(Self(text.to_ascii_lowercase())) } else { Err(NotAnIceUrl) }
    }
}

fn names_a_host(address: &str) -> bool {
    if address.parse::<SocketAddr>().is_ok() {
        return true;
    }
    if let Some(bracketed) = address.strip_prefix('[') {
        let inner = bracketed.strip_suffix(']');
        return inner.is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok());
    }
    let (host, port) = address.split_once(':').map_or((address, None), |(h, p)| (h, Some(p)));
    is_a_name(host) && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// A host name as DNS has it (RFC 1123), or an IPv4 address.
fn is_a_name(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_of_both_kinds_are_told_apart() {
        for (text, relays) in [
            ("stun:stun.example", false),
            ("stuns:stun.example:5349", false),
            ("turn:192.0.2.1:3478?transport=udp", true),
            ("turns:relay.example:443?transport=tcp", true),
            ("turn:[2001:db8::1]:3478", true),
            ("turn:[2001:db8::1]", true),
        ] {
            let url: IceUrl = text.parse().unwrap();
            assert_eq!((url.relays(), String::from(url)), (relays, text.to_owned()));
        }
    }

    #[test]
    fn what_no_browser_would_take_is_refused() {
        for text in [
            "",
            "relay.example",
            "turn:",
            "turn:relay.example:0",
            "turn:relay.example:99999",
            "turn:relay.example?transport=sctp",
            "stun:relay.example?transport=udp",
            "turn://relay.example",
            "http:relay.example",
            "turn:2001:db8::1",
            "turn:[2001:db8::1",
            "turn:a b",
            "turn:-a.example",
            "turn:a..example",
        ] {
            assert_eq!(text.parse::<IceUrl>(), Err(NotAnIceUrl), "{text}");
        }
    }

    #[test]
    fn uris_of_our_own_can_be_read() {
        let hosts = ["192.0.2.1", "2001:db8::1", "[2001:db8::1]", "Relay.example"];
        for host in hosts.map(|host| host.parse::<UrlHost>().unwrap()) {
            for url in [
                IceUrl::stun(&host, 3478),
                IceUrl::turn(&host, 3478, "udp"),
                IceUrl::turns(&host, 5349),
            ] {
                assert_eq!(url.text.parse::<IceUrl>().as_ref(), Ok(&url));
            }
        }
        assert!("relay.example/x".parse::<UrlHost>().is_err());
    }
}
