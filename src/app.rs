//! Puts the parts together, runs them and stops them.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpSocket;

use crate::announce::announce;
use crate::clock::Clock;
use crate::config::{Private, Serve};
use crate::drain::{dismiss, drain};
use crate::handover::Handover;
use crate::http::{Front, operations, public};
use crate::matchmaking::actor::Matchmaker;
use crate::matchmaking::host::Host;
use crate::matchmaking::pool;
use crate::metrics::Metrics;
use crate::secret_file::{self, SecretError};
use crate::session::node::Node;
use crate::session::registry::Registry;
use crate::signals::Signals;
use crate::turn::StartError;
use crate::turn_server::TurnServer;
use crate::ways::Ways;

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
    /// There is no secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The relay alone can't be started.
    #[error(transparent)]
    Relay(#[from] StartError),
    /// Everybody's address is to be hidden, and no relay is wanted.
    #[error("--private always needs a relay: --turn on, or --turn-urls")]
    NothingToHideBehind,
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
    let (listener, ops_listener) = (bind(config.listen)?, bind(config.process.ops_listen)?);
    let addresses = [listener.local_addr()?, ops_listener.local_addr()?];
    let metrics = Arc::new(Metrics::new());
    if config.ice.private == Private::Always && !config.ice.relay_wanted() {
        return Err(ServeError::NothingToHideBehind);
    }
    let secret = secret_file::obtain(&config.process)?;
    let ways = Ways::open(&config, &secret, &metrics);
    let ready = Arc::new(AtomicBool::new(false));
    let sessions_file = sessions_file(&config, addresses[0]);
    let earlier = Handover::take(&sessions_file, config.grace_ms);
    let node = Arc::new(node(&config, &ways, &metrics, earlier.as_ref())?);
    if let Some(earlier) = earlier {
        earlier.restore(&node);
    }
    let front =
        Arc::new(Front { node: node.clone(), origins: config.allowed_origins.clone().into() });
    let public = public(listener, config.process.workers(), front.clone())?;
    let operations = operations(ops_listener, metrics, ready.clone())?;
    let servers = [public.handle(), operations.handle()];
    ready.store(true, Ordering::Release);
    let relay = ways.server.as_ref().map(TurnServer::addresses).unwrap_or_default();
    announce(&[&addresses[..], &relay].concat());
    tokio::select! {
        ended = public => ended?,
        ended = operations => ended?,
        () = stop(&mut signals, &node, &ready, &config) => (),
    }
    Handover::leave(&node, &sessions_file);
    for server in servers {
        server.stop(false).await;
    }
    Ok(())
}

fn node(
    config: &Serve,
    ways: &Ways,
    metrics: &Arc<Metrics>,
    earlier: Option<&Handover>,
) -> io::Result<Node> {
    let rules = pool::Config {
        interest_wait: config.interest_wait_ms,
        rematch_wait: config.rematch_wait_ms,
        ..pool::Config::default()
    };
    let clock = Clock::start();
    let mut host = Host::new(rules, rand::random(), ways.ice.clone(), metrics.clone());
    host.remember(clock.now(), earlier.map(Handover::memory).unwrap_or_default());
    Ok(Node {
        clock,
        metrics: metrics.clone(),
        matchmaker: Matchmaker::start(host, clock),
        sessions: Registry::default(),
        ice: ways.ice.clone(),
        relay: ways.server.as_ref().map(|server| server.relay.clone()),
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

pub(crate) fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
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
