//! A running relay.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use parking_lot::Mutex;

use super::allocations::Allocations;
use super::authority::Authority;
use super::config::Config;
use super::crowd::Crowd;
use super::flood::Flood;
use super::listen::{self, Listener};
use super::nonce::Nonces;
use super::peers::{Home, Peers};
use super::relayed::{Homes, homes};
use super::reservations::Reservations;
use super::server::Server;
use super::threads::Threads;
use super::tls::{CertificateError, Certificates};
use super::{tcp, udp};
use crate::clock::Clock;
use crate::metrics::Metrics;

/// Connections beside those of allocations: of clients that ask first.
const SPARE_CONNECTIONS: usize = 256;
/// The longest realm (RFC 8489, section 14.9).
const REALM_BYTES: usize = 763;

/// Why a relay can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port can't be had.
    #[error("can't listen on {0}: {1}")]
    Listen(SocketAddr, #[source] io::Error),
    /// Every address is listened on, and it is not said at which peers reach it.
    #[error("a relay on {0} needs its external address")]
    NoExternal(IpAddr),
    /// TLS is to be served without a certificate.
    #[error("a relay that listens by TLS needs a certificate and its key")]
    NoCertificate,
    /// The certificate can't be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// There are no ports to relay.
    #[error("the range of relayed ports is empty or begins at 0")]
    NoPorts,
    /// The realm can't be sent.
    #[error("a realm has 1 to {REALM_BYTES} bytes")]
    Realm,
    /// No threads can be had.
    #[error("no threads for the relay: {0}")]
    Threads(#[source] io::Error),
}

/// A handle on a relay. With the last one everything stops.
#[derive(Clone)]
pub struct Relay(Arc<Running>);

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Relay(..)")
    }
}

struct Running {
    server: Arc<Server>,
    plain: Vec<SocketAddr>,
    tls: Vec<SocketAddr>,
    external: Vec<IpAddr>,
    threads: Threads,
}

/// What is listened on.
#[derive(Default)]
struct Listeners {
    both: Vec<Listener>,
    tls: Vec<(SocketAddr, tokio::net::TcpListener)>,
}

impl Relay {
    /// Starts one on threads of its own.
    ///
    /// # Errors
    /// Where a port can't be had, or the configuration can't be served.
    pub fn start(
        config: Config,
        authority: Arc<dyn Authority>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, StartError> {
        check(&config)?;
        let listening: Vec<_> =
            config.listen.iter().chain(&config.tls_listen).map(SocketAddr::ip).collect();
        let homes = homes(&listening, &config.external).map_err(StartError::NoExternal)?;
        let threads = Threads::start(config.workers).map_err(StartError::Threads)?;
        let handle = threads.handle.clone();
        let _context = handle.enter();
        let listeners = listen(&config)?;
        let clock = Clock::start();
        let certificates = config.tls.clone().map(|files| Certificates::load(files, clock.now()));
        let certificates = certificates.transpose()?.map(Arc::new);
        let plain = listeners.both.iter().map(|listener| listener.address).collect();
        let tls = listeners.tls.iter().map(|(address, _)| *address).collect();
        let external = homes.iter().map(|home| home.external).collect();
        let server = Arc::new(server(config, authority, metrics, clock, &homes, &listening));
        serve(&server, listeners, certificates);
        Ok(Self(Arc::new(Running { server, plain, tls, external, threads })))
    }

    /// Where it listens by UDP and TCP.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.0.plain
    }

    /// Where it listens by TLS.
    #[must_use]
    pub fn tls_addresses(&self) -> &[SocketAddr] {
        &self.0.tls
    }

    /// Where peers, and so clients too, reach it: at most one address a family.
    #[must_use]
    pub fn external_addresses(&self) -> &[IpAddr] {
        &self.0.external
    }

    /// Ends a name: its allocations are closed, and it can't make more with
    /// credentials that still hold.
    pub fn end(&self, name: &str) {
        self.0.server.allocations.end(name);
    }

    /// Stops at once, without waiting for the threads to end.
    pub fn stop(&self) {
        self.0.threads.stop();
    }
}

fn check(config: &Config) -> Result<(), StartError> {
    if config.ports.is_empty() || *config.ports.start() == 0 {
        return Err(StartError::NoPorts);
    }
    if config.realm.is_empty() || config.realm.len() > REALM_BYTES {
        return Err(StartError::Realm);
    }
    if !config.tls_listen.is_empty() && config.tls.is_none() {
        return Err(StartError::NoCertificate);
    }
    Ok(())
}

fn listen(config: &Config) -> Result<Listeners, StartError> {
    let mut listeners = Listeners::default();
    for address in &config.listen {
        let listener = listen::both(*address);
        listeners.both.push(listener.map_err(|error| StartError::Listen(*address, error))?);
    }
    for address in &config.tls_listen {
        let bound = listen::tcp(*address).and_then(|tcp| Ok((tcp.local_addr()?, tcp)));
        listeners.tls.push(bound.map_err(|error| StartError::Listen(*address, error))?);
    }
    Ok(listeners)
}

fn server(
    config: Config,
    authority: Arc<dyn Authority>,
    metrics: Arc<Metrics>,
    clock: Clock,
    homes: &[Home],
    listening: &[IpAddr],
) -> Server {
    let limits = config.limits;
    Server {
        clock,
        realm: config.realm,
        limits,
        authority,
        metrics,
        nonces: Nonces::new(rand::random()),
        homes: Homes::new(homes, &config.ports),
        peers: Peers::new(config.allow_peers, homes.to_vec(), listening, config.ports),
        allocations: Allocations::new(&limits),
        reservations: Mutex::new(Reservations::default()),
        flood: Mutex::new(Flood::new(limits.unauthenticated)),
        crowd: Mutex::new(Crowd::new(limits.allocations.saturating_add(SPARE_CONNECTIONS))),
    }
}

/// Starts a task for each socket. They end with the runtime.
fn serve(server: &Arc<Server>, listeners: Listeners, certificates: Option<Arc<Certificates>>) {
    let mut number = 0;
    for Listener { udp, tcp, .. } in listeners.both {
        tokio::spawn(udp::serve(server.clone(), udp, number));
        tokio::spawn(tcp::accept(server.clone(), tcp, None, number + 1));
        number += 2;
    }
    for (_, tcp) in listeners.tls {
        tokio::spawn(tcp::accept(server.clone(), tcp, certificates.clone(), number));
        number += 1;
    }
}
