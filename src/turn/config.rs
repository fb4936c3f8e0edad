//! What the relay is told when it starts.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use ipnet::IpNet;

use crate::guard::limiter::Allowance;

/// Where the relay listens, what it hands out and to whom.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens, by UDP and TCP each; port 0 is a free one.
    pub listen: Vec<SocketAddr>,
    /// Where it listens by TLS; needs a certificate.
    pub tls_listen: Vec<SocketAddr>,
    /// What TLS shows.
    pub tls: Option<Certificate>,
    /// The addresses that peers reach relayed ports at, at most one a family;
    /// where there is none, the first that is listened on.
    pub external: Vec<IpAddr>,
    /// The ports that are relayed.
    pub ports: RangeInclusive<u16>,
    /// The realm of the credentials (RFC 8489, section 14.9).
    pub realm: String,
    /// Peers that may be reached although they are private or special.
    pub allow_peers: Vec<IpNet>,
    /// How much of everything there is.
    pub limits: Limits,
    /// Threads; at least one.
    pub workers: usize,
}

/// The files that TLS needs, as PEM. They are read again when they change.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The chain, the server's own first.
    pub cert: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// How much the relay gives.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Allocations that stand at once.
    pub allocations: usize,
    /// Allocations of one name.
    pub per_session: usize,
    /// Payload of an allocation, each direction.
    pub bytes_per_second: u32,
    /// Requests without credentials, of a client address; IPv6 by /64.
    pub unauthenticated: Allowance,
}
