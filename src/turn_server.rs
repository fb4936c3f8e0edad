//! Starts the STUN and TURN server as the flags have it, inside the service or
//! alone, and says by which URLs it is reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::config::TurnFlags;
use crate::guard::limiter::Allowance;
use crate::ice::{Credentials, IceUrl, Signer, UrlHost};
use crate::metrics::Metrics;
use crate::secret::Secret;
use crate::turn::{Account, Authority, Certificate, Config, Limits, Relay, StartError};

/// The port of `turns:` (RFC 7065).
const TLS_PORT: u16 = 5349;
/// So many seconds' worth of requests without credentials may come at once.
const BURST_SECONDS: u32 = 5;

/// A server that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct TurnServer {
    /// By which sessions are ended.
    pub(crate) relay: Relay,
    /// Its `stun:` URLs.
    pub(crate) stun: Vec<String>,
    /// Its `turn:` and `turns:` URLs.
    pub(crate) turn: Vec<String>,
}

impl TurnServer {
    /// Starts it.
    pub(crate) fn start(
        flags: &TurnFlags,
        workers: usize,
        secret: &Secret,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, StartError> {
        let authority = Arc::new(Handed(Signer::new(secret)));
        let relay = Relay::start(config(flags, workers), authority, metrics.clone())?;
        let (external, plain) = (relay.external_addresses(), relay.addresses());
        let (stun, turn) = urls(flags, external, plain, relay.tls_addresses());
        Ok(Self { stun, turn, relay })
    }

    /// Where it listens.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        [self.relay.addresses(), self.relay.tls_addresses()].concat()
    }
}

/// Who was handed credentials by this service, or by another that shares its
/// secret.
struct Handed(Signer);

impl Authority for Handed {
    fn account(&self, username: &str) -> Option<Account> {
        let (expires, name) = Credentials::read(username)?;
        let (password, name) = (self.0.password(username), name.to_owned());
        Some(Account { password, name, expired: expires <= wall() })
    }
}

/// Seconds since 1970; zero before that.
pub(crate) fn wall() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_secs())
}

fn config(flags: &TurnFlags, workers: usize) -> Config {
    let tls = flags.turn_cert.clone().zip(flags.turn_key.clone());
    Config {
        listen: flags.turn_listen.clone(),
        tls_listen: if tls.is_some() { tls_listen(flags) } else { Vec::new() },
        tls: tls.map(|(cert, key)| Certificate { cert, key }),
        external: external(flags),
        ports: flags.turn_ports.0.clone(),
        realm: flags.turn_realm.clone(),
        allow_peers: flags.turn_allow_peers.clone(),
        limits: limits(flags),
        workers,
    }
}

fn limits(flags: &TurnFlags) -> Limits {
    let each_second = flags.turn_unauthenticated.get();
    Limits {
        allocations: flags.turn_max_allocations as usize,
        per_session: flags.turn_session_allocations as usize,
        bytes_per_second: flags.turn_bandwidth.get(),
        unauthenticated: Allowance {
            burst: each_second.saturating_mul(BURST_SECONDS),
            every: Duration::from_secs(1) / each_second,
        },
    }
}

fn tls_listen(flags: &TurnFlags) -> Vec<SocketAddr> {
    if !flags.turn_tls_listen.is_empty() {
        return flags.turn_tls_listen.clone();
    }
    flags.turn_listen.iter().map(|at| SocketAddr::new(at.ip(), TLS_PORT)).collect()
}

/// The name or address in a URL of what listens on `ip`.
fn host(flags: &TurnFlags, external: &[IpAddr], ip: IpAddr) -> UrlHost {
    let known = external.iter().find(|known| known.is_ipv4() == ip.is_ipv4());
    flags.turn_host.clone().unwrap_or_else(|| known.copied().unwrap_or(ip).into())
}

/// The `stun:` URLs, and the `turn:` and `turns:` URLs, of one that runs with these
/// flags, on ports that they name.
pub(crate) fn urls_of(flags: &TurnFlags) -> (Vec<String>, Vec<String>) {
    let config = config(flags, 1);
    urls(flags, &config.external, &config.listen, &config.tls_listen)
}

/// The same of one that listens on these addresses.
fn urls(
    flags: &TurnFlags,
    external: &[IpAddr],
    plain: &[SocketAddr],
    tls: &[SocketAddr],
) -> (Vec<String>, Vec<String>) {
    let host = |ip: IpAddr| host(flags, external, ip);
    let plain = || plain.iter().map(|at| (host(at.ip()), at.port()));
    let stun = plain().map(|(host, port)| IceUrl::stun(&host, port));
    let udp = plain().map(|(host, port)| IceUrl::turn(&host, port, "udp"));
    let tcp = plain().map(|(host, port)| IceUrl::turn(&host, port, "tcp"));
    let tls = tls.iter().map(|at| IceUrl::turns(&host(at.ip()), at.port()));
    let turn = udp.chain(tcp).chain(tls).map(String::from).collect();
    (stun.map(String::from).collect(), turn)
}

/// The addresses that peers see: as given, else for a family that is listened
/// to on all addresses, the one that leads outside.
fn external(flags: &TurnFlags) -> Vec<IpAddr> {
    let mut external = flags.turn_external_address.clone();
    for at in flags.turn_listen.iter().filter(|at| at.ip().is_unspecified()) {
        if external.iter().any(|known| known.is_ipv4() == at.is_ipv4()) {
            continue;
        }
        match leads_outside(at.ip()) {
            Ok(address) => external.push(address),
            Err(error) => tracing::warn!(
                %error,
                "no address leads outside: --turn-external-address says how the relay is reached"
            ),
        }
    }
    external
}

/// Asks the system's routes; nothing is sent.
fn leads_outside(unspecified: IpAddr) -> std::io::Result<IpAddr> {
    let outside: IpAddr = match unspecified {
        IpAddr::V4(_) => Ipv4Addr::new(192, 0, 2, 1).into(),
        IpAddr::V6(_) => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
    };
    let socket = UdpSocket::bind((unspecified, 0))?;
    socket.connect((outside, 9))?;
    Ok(socket.local_addr()?.ip())
}
