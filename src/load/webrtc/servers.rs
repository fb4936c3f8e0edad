//! The ICE servers that a peer is told of.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Deserializer};
use tokio::net::lookup_host;

use super::options::Transport;
use crate::ice::IceUrl;

/// Where STUN and TURN listen, unless it is said (RFC 7064, RFC 7065).
const PORT: u16 = 3478;

/// An RTCIceServer (W3C WebRTC section 4.2.2), as `matched` has it.
#[derive(Clone, Deserialize)]
pub struct IceServerConfig {
    /// `stun:`, `turn:` and `turns:` addresses (RFC 7064, RFC 7065).
    #[serde(deserialize_with = "one_or_more")]
    pub urls: Vec<String>,
    /// For TURN.
    #[serde(default)]
    pub username: Option<String>,
    /// For TURN: the password.
    #[serde(default)]
    pub credential: Option<String>,
}

impl fmt::Debug for IceServerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IceServerConfig(..)")
    }
}

fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Urls {
        One(String),
        More(Vec<String>),
    }
    Ok(match Urls::deserialize(deserializer)? {
        Urls::One(url) => vec![url],
        Urls::More(urls) => urls,
    })
}

/// Who may allocate (RFC 8489, section 9.2).
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credentials {
    pub username: String,
    pub password: String,
}

/// A server that can be asked.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub host: String,
    pub port: u16,
    pub kind: Kind,
}

/// What a server is asked for.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Stun,
    Turn(Transport, Credentials),
}

/// A server whose address is known.
pub(super) struct Found {
    pub address: SocketAddr,
    pub kind: Kind,
}

/// The servers that can be asked. `stuns:` and `turns:` are passed over, and so is
/// what a browser would not take.
pub(super) fn servers(configs: &[IceServerConfig]) -> Vec<Server> {
    let each = |config: &IceServerConfig| {
        let read = |url: &String| server(url, config);
        config.urls.iter().filter_map(read).collect::<Vec<_>>()
    };
    configs.iter().flat_map(each).collect()
}

fn server(url: &str, config: &IceServerConfig) -> Option<Server> {
    url.parse::<IceUrl>().ok()?;
    let (scheme, rest) = url.split_once(':')?;
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let transport = if query.ends_with("tcp") { Transport::Tcp } else { Transport::Udp };
    let kind = match scheme {
        "stun" => Kind::Stun,
        "turn" => {
            let (username, password) = (config.username.clone()?, config.credential.clone()?);
            Kind::Turn(transport, Credentials { username, password })
        }
        _ => return None,
    };
    let (host, port) = host_and_port(address)?;
    Some(Server { host, port, kind })
}

/// An IPv6 address stands in brackets.
fn host_and_port(address: &str) -> Option<(String, u16)> {
    let colon = address.rfind(':').filter(|at| !address[*at..].contains(']'));
    let (host, port) = match colon {
        Some(at) => (&address[..at], address[at + 1..].parse().ok()?),
        None => (address, PORT),
    };
    Some((host.trim_matches(['[', ']']).to_owned(), port))
}

/// Finds the address of a server; none where its name is unknown.
pub(super) async fn find(server: &Server) -> Option<Found> {
    let mut addresses = lookup_host((server.host.as_str(), server.port)).await.ok()?;
    Some(Found { address: addresses.next()?, kind: server.kind.clone() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn servers_are_read_as_browsers_do_and_strange_ones_passed_over() {
        let configs: Vec<IceServerConfig> = serde_json::from_value(json!([
            {"urls": "stun:stun.example"},
            {"urls": ["turn:192.0.2.1:5?transport=udp", "turn:[2001:db8::1]?transport=tcp",
                "turns:192.0.2.1:5349?transport=tcp", "http:x"],
             "username": "u", "credential": "p"},
            {"urls": ["turn:no.credentials"]},
        ]))
        .unwrap();
        let turn = |transport| {
            let credentials = Credentials { username: "u".into(), password: "p".into() };
            Kind::Turn(transport, credentials)
        };
        let expected = [
            ("stun.example", 3478, Kind::Stun),
            ("192.0.2.1", 5, turn(Transport::Udp)),
            ("2001:db8::1", 3478, turn(Transport::Tcp)),
        ];
        let expected = expected.map(|(host, port, kind)| Server { host: host.into(), port, kind });
        assert!(servers(&configs) == expected);
        assert_eq!(format!("{:?}", configs[1]), "IceServerConfig(..)");
    }
}
