//! The flags of the STUN and TURN server.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;
use ipnet::IpNet;

use super::values::Ports;
use crate::ice::UrlHost;

/// Where it listens, whom it relays to, and how much.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "STUN and TURN server")]
pub struct TurnFlags {
    /// Where STUN and TURN are served, over UDP and TCP, with commas between.
    #[arg(
        long,
        env = "PASSERBY_TURN_LISTEN",
        default_value = "127.0.0.1:3478",
        value_delimiter = ',',
        value_name = "ADDRESS"
    )]
    pub turn_listen: Vec<SocketAddr>,

    /// Where TURN over TLS is served, where there is a certificate [default: port
    /// 5349 beside --turn-listen].
    #[arg(
        long,
        env = "PASSERBY_TURN_TLS_LISTEN",
        value_delimiter = ',',
        value_name = "ADDRESS",
        requires = "turn_cert"
    )]
    pub turn_tls_listen: Vec<SocketAddr>,

    /// The address by which people reach the relay, one of each family, where
    /// that is not the one it listens on [default: the one it listens on; of
    /// 0.0.0.0 and [::] the one that leads outside].
    #[arg(long, env = "PASSERBY_TURN_EXTERNAL_ADDRESS", value_delimiter = ',', value_name = "IP")]
    pub turn_external_address: Vec<IpAddr>,

    /// The name that URLs of the relay have instead of its address: a certificate
    /// is made out to a name.
    #[arg(long, env = "PASSERBY_TURN_HOST", value_name = "NAME")]
    pub turn_host: Option<UrlHost>,

    /// The UDP ports from which is relayed.
    #[arg(
        long,
        env = "PASSERBY_TURN_PORTS",
        default_value = "49152-65535",
        value_name = "FIRST-LAST"
    )]
    pub turn_ports: Ports,

    /// The realm of the credentials (RFC 8489).
    #[arg(
        long,
        env = "PASSERBY_TURN_REALM",
        default_value = "passerby",
        value_name = "TEXT",
        value_parser = realm
    )]
    pub turn_realm: String,

    /// The certificate of turns:, a chain in PEM. It is read again when it
    /// changes.
    #[arg(long, env = "PASSERBY_TURN_CERT", value_name = "FILE", requires = "turn_key")]
    pub turn_cert: Option<PathBuf>,

    /// The key of --turn-cert, in PEM.
    #[arg(long, env = "PASSERBY_TURN_KEY", value_name = "FILE", requires = "turn_cert")]
    pub turn_key: Option<PathBuf>,

    /// Ranges of addresses that may be relayed to although they are private,
    /// loopback, link-local, multicast, reserved or a cloud's metadata, with
    /// commas between. Loopback is allowed where the server listens on it.
    #[arg(long, env = "PASSERBY_TURN_ALLOW_PEERS", value_delimiter = ',', value_name = "RANGE")]
    pub turn_allow_peers: Vec<IpNet>,

    /// The most allocations at once. Each takes an open file, and one more over
    /// TCP.
    #[arg(
        long,
        env = "PASSERBY_TURN_MAX_ALLOCATIONS",
        default_value = "4000",
        value_name = "COUNT"
    )]
    pub turn_max_allocations: u32,

    /// The most allocations at once of one session.
    #[arg(
        long,
        env = "PASSERBY_TURN_SESSION_ALLOCATIONS",
        default_value = "32",
        value_name = "COUNT"
    )]
    pub turn_session_allocations: u32,

    /// The most bytes a second that an allocation relays, each way; what is over
    /// it is dropped.
    #[arg(long, env = "PASSERBY_TURN_BANDWIDTH", default_value = "1000000", value_name = "BYTES")]
    pub turn_bandwidth: NonZeroU32,

    /// The most requests without credentials a second that one address may send,
    /// and five times as many at once.
    #[arg(
        long,
        env = "PASSERBY_TURN_UNAUTHENTICATED",
        default_value = "100",
        value_name = "COUNT"
    )]
    pub turn_unauthenticated: NonZeroU32,
}

/// A realm stands in quotes on the wire (RFC 8489 section 14.9).
fn realm(text: &str) -> Result<String, &'static str> {
    let fits = (1..=127).contains(&text.chars().count());
    if fits && !text.contains(['"', '\\', ':']) && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err("a realm has 1 to 127 characters, none of them a quote, a backslash or a colon")
    }
}
