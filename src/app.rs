//! Puts the parts together, runs them and stops them.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use tokio::net::TcpSocket;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::clock::Clock;
use crate::config::Serve;
use crate::drain::drain;
use crate::http::{Front, operations, public};
use crate::matchmaking::actor::Matchmaker;
use crate::matchmaking::host::Host;
use crate::matchmaking::pool;
use crate::metrics::Metrics;
use crate::session::node::Node;
use crate::session::registry::Registry;

/// Connections that the kernel holds until they are accepted.
const BACKLOG: u32 = 8192;

/// Serves until a signal says to stop.
///
/// # Errors
/// Where a port can't be had, or a server ends by itself.
pub async fn serve(config: Serve) -> anyhow::Result<()> {
    let mut signals = Signals::listen().context("can't listen to signals")?;
    let (listener, ops_listener) = (bind(config.listen)?, bind(config.ops_listen)?);
    let addresses = [listener.local_addr()?, ops_listener.local_addr()?];
    let metrics = Arc::new(Metrics::new());
    let ready = Arc::new(AtomicBool::new(false));
    let front = Arc::new(Front {
        node: Arc::new(node(&config, &metrics)),
        origins: config.allowed_origins.clone().into(),
        stopping: AtomicBool::new(false),
    });
    let public = public(listener, workers(&config), front.clone())?;
    let operations = operations(ops_listener, metrics, ready.clone())?;
    let servers = [public.handle(), operations.handle()];
    ready.store(true, Ordering::Release);
    addresses.iter().for_each(|address| println!("listening on {address}"));
    tokio::select! {
        ended = public => ended.context("the public port's server ended")?,
        ended = operations => ended.context("the operations port's server ended")?,
        () = stop(&mut signals, &front, &ready, &config) => (),
    }
    for server in servers {
        server.stop(false).await;
    }
    Ok(())
}

fn node(config: &Serve, metrics: &Arc<Metrics>) -> Node {
    let rules = pool::Config {
        interest_wait: config.interest_wait_ms,
        rematch_wait: config.rematch_wait_ms,
        ..pool::Config::default()
    };
    let clock = Clock::start();
    let host = Host::new(rules, rand::random(), metrics.clone());
    let (matchmaker, _) = Matchmaker::start(host, clock);
    Node { clock, metrics: metrics.clone(), matchmaker, sessions: Registry::default() }
}

fn workers(config: &Serve) -> usize {
    config.workers.or_else(|| std::thread::available_parallelism().ok()).map_or(1, Into::into)
}

fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let bound = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)?.into_std()
    };
    bound().with_context(|| format!("can't listen on {address}"))
}

/// Waits for a signal, then lets people move; a second signal cuts that short.
async fn stop(signals: &mut Signals, front: &Front, ready: &AtomicBool, config: &Serve) {
    signals.next().await;
    ready.store(false, Ordering::Release);
    let people = front.node.sessions.len();
    tracing::info!(people, "stopping");
    if people == 0 {
        return;
    }
    let drained = async {
        tokio::time::sleep(config.drain_delay_ms).await;
        front.stopping.store(true, Ordering::Release);
        drain(&front.node, config.drain_ms).await;
    };
    tokio::select! {
        () = drained => tracing::info!("stopped"),
        () = signals.next() => tracing::info!("stopped at once"),
    }
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
