//! Puts the parts together, runs them and stops them.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpSocket;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::clock::Clock;
use crate::config::Serve;
use crate::drain::{dismiss, drain};
use crate::handover::Handover;
use crate::http::{Front, operations, public};
use crate::matchmaking::actor::Matchmaker;
use crate::matchmaking::host::Host;
use crate::matchmaking::pool;
use crate::metrics::Metrics;
use crate::session::node::Node;
use crate::session::registry::Registry;

/// Connections that the kernel holds until they are accepted.
const BACKLOG: u32 = 8192;
/// Open files that are no connections.
const SPARE_FILES: u64 = 500;

/// Why the service can't start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A port can't be had.
    #[error("can't listen on {0}: {1}")]
    Listen(SocketAddr, #[source] io::Error),
    /// The system refuses something else that is needed.
    #[error("the system refuses: {0}")]
    System(#[from] io::Error),
}

/// Serves until a signal says to stop.
///
/// # Errors
/// Where a port can't be had, or a server ends by itself.
pub async fn serve(config: Serve) -> Result<(), ServeError> {
    let mut signals = Signals::listen()?;
    let (listener, ops_listener) = (bind(config.listen)?, bind(config.ops_listen)?);
    let addresses = [listener.local_addr()?, ops_listener.local_addr()?];
    let metrics = Arc::new(Metrics::new());
    let ready = Arc::new(AtomicBool::new(false));
    let sessions_file = sessions_file(&config, addresses[0]);
    let earlier = Handover::take(&sessions_file, config.grace_ms);
    let node = Arc::new(node(&config, &metrics, earlier.as_ref())?);
    if let Some(earlier) = earlier {
        earlier.restore(&node);
    }
    let front =
        Arc::new(Front { node: node.clone(), origins: config.allowed_origins.clone().into() });
    let public = public(listener, workers(&config), front.clone())?;
    let operations = operations(ops_listener, metrics, ready.clone())?;
    let servers = [public.handle(), operations.handle()];
    ready.store(true, Ordering::Release);
    addresses.iter().for_each(|address| println!("listening on {address}"));
    tokio::select! {
        ended = public => ended?,
        ended = operations => ended?,
        () = stop(&mut signals, &node, &ready, &config) => (),
    }
    Handover::leave(&node, &sessions_file).await;
    for server in servers {
        server.stop(false).await;
    }
    Ok(())
}

fn node(config: &Serve, metrics: &Arc<Metrics>, earlier: Option<&Handover>) -> io::Result<Node> {
    let rules = pool::Config {
        interest_wait: config.interest_wait_ms,
        rematch_wait: config.rematch_wait_ms,
        ..pool::Config::default()
    };
    let clock = Clock::start();
    let mut host = Host::new(rules, rand::random(), metrics.clone());
    host.remember(clock.now(), earlier.map(Handover::memory).unwrap_or_default());
    let (matchmaker, _) = Matchmaker::start(host, clock);
    Ok(Node {
        clock,
        metrics: metrics.clone(),
        matchmaker,
        sessions: Registry::default(),
        grace: config.grace_ms,
        max_connections: max_connections(config)?,
        stopping: AtomicBool::new(false),
    })
}

/// The open-file limit, raised as far as it may be, less what else needs files.
fn max_connections(config: &Serve) -> io::Result<u64> {
    let limit = rlimit::increase_nofile_limit(u64::MAX)?;
    Ok(config.max_connections.unwrap_or_else(|| limit.saturating_sub(SPARE_FILES)))
}

/// Two servers in one folder have a file each.
fn sessions_file(config: &Serve, address: SocketAddr) -> PathBuf {
    let default = || format!("passerby-{}.sessions", address.port()).into();
    config.sessions_file.clone().unwrap_or_else(default)
}

fn workers(config: &Serve) -> usize {
    config.workers.or_else(|| std::thread::available_parallelism().ok()).map_or(1, Into::into)
}

fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let bound = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)?.into_std()
    };
    bound().map_err(|error| ServeError::Listen(address, error))
}

/// Waits for a signal, then lets people move; a second signal cuts that short.
async fn stop(signals: &mut Signals, node: &Node, ready: &AtomicBool, config: &Serve) {
    signals.next().await;
    ready.store(false, Ordering::Release);
    let people = node.metrics.online();
    tracing::info!(people, "stopping");
    if people == 0 {
        node.stopping.store(true, Ordering::Release);
        return;
    }
    let drained = async {
        tokio::time::sleep(config.drain_delay_ms).await;
        node.stopping.store(true, Ordering::Release);
        drain(node, config.drain_ms).await
    };
    let left = tokio::select! {
        left = drained => left,
        () = signals.next() => Duration::ZERO,
    };
    node.stopping.store(true, Ordering::Release);
    dismiss(node, left).await;
    tracing::info!("stopped");
}

/// The signals that say to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => (),
            _ = self.interrupt.recv() => (),
        }
    }
}
