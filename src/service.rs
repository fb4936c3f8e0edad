//! One node: puts its parts together, runs them and stops them.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::dev::Server;
use futures_util::future::LocalBoxFuture;
use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;

use crate::announce::announce;
use crate::app::ServeError;
use crate::clock::{Clock, UnixMillis};
use crate::cluster::{self, Cluster};
use crate::config::{Private, Serve};
use crate::drain::{dismiss, drain};
use crate::exchange::office::Office;
use crate::exchange::plan::Plan;
use crate::exchange::running::Running;
use crate::handover::Handover;
use crate::http::{Front, Threads, operations, public};
use crate::identity::{AddressKeys, DeviceKey};
use crate::ids::NodeId;
use crate::listening::{bind, bind_many};
use crate::matchmaking::actor::Matchmaker;
use crate::matchmaking::host::Host;
use crate::matchmaking::pool::{self, Meeting};
use crate::metrics::Metrics;
use crate::safekeeping::Safekeeping;
use crate::secret::Secret;
use crate::secret_file;
use crate::session::node::Node;
use crate::session::registry::Registry;
use crate::session::token::TokenKey;
use crate::session::warden::watch;
use crate::signals::Signals;
use crate::telemetry::Traces;
use crate::turn_server::TurnServer;
use crate::ways::Ways;

/// Open files that are no connections.
pub(crate) const SPARE_FILES: u64 = 500;
/// How long handing sessions to other nodes may take, beyond the drain time.
const HANDING_ON: Duration = Duration::from_secs(3);
/// How long a node that begins waits to meet the others: without NATS it serves
/// people alone.
const MEETING: Duration = Duration::from_secs(5);
/// How long saying good-bye to them may take.
const LEAVING: Duration = Duration::from_secs(1);

/// A node's place in a cluster.
pub(crate) type Joined = (Arc<dyn Cluster>, Receiver<cluster::Event>);
/// How a node gets it.
pub(crate) type Join =
    Box<dyn FnOnce(NodeId) -> LocalBoxFuture<'static, Result<Joined, ServeError>>>;

/// A node that is ready.
pub(crate) struct Service {
    config: Serve,
    signals: Signals,
    node: Arc<Node>,
    running: Option<Running>,
    ready: Arc<AtomicBool>,
    public: Threads,
    operations: Server,
    sessions_file: PathBuf,
    kept: Safekeeping,
    /// The relay lives as long as the node.
    _ways: Ways,
}

impl Service {
    /// Opens its ports, takes over what an earlier process left, and says where it
    /// listens.
    pub(crate) async fn open(config: Serve, join: Option<Join>) -> Result<Self, ServeError> {
        let signals = Signals::listen()?;
        let listeners = bind_many(config.listen, config.process.workers())?;
        let ops_listener = bind(config.process.ops_listen)?;
        let addresses = [listeners[0].local_addr()?, ops_listener.local_addr()?];
        let clock = Clock::start();
        let metrics = Arc::new(Metrics::new().with_traces(traces(&config, clock)?));
        if config.ice.private == Private::Always && !config.ice.relay_wanted() {
            return Err(ServeError::NothingToHideBehind);
        }
        let secret = secret_file::obtain(&config.process)?;
        let ways = Ways::open(&config, &secret, &metrics);
        let ready = Arc::new(AtomicBool::new(false));
        let sessions_file = sessions_file(&config, addresses[0]);
        let earlier = Handover::take(&sessions_file, config.grace_ms);
        let id = earlier.as_ref().map_or_else(NodeId::random, Handover::node);
        let joined = match join {
            Some(join) => Some(join(id).await?),
            None => None,
        };
        let kept = Safekeeping::open(&config, addresses[0], &secret, &metrics);
        let earlier_memory = earlier.as_ref().map(Handover::memory).unwrap_or_default();
        let parts = Parts { clock, secret: &secret, ways: &ways, kept: &kept, metrics: &metrics };
        let node = Arc::new(node(&config, id, parts, earlier_memory, joined.is_some())?);
        let shared = config.store.database.database_url.is_shared();
        actix_rt::spawn(watch(node.clone(), kept.store.clone(), shared));
        let running = joined
            .zip(node.office.clone())
            .map(|((cluster, events), office)| Running::start(&node, &office, cluster, events));
        if let Some(earlier) = earlier {
            earlier.restore(&node);
        }
        let front = Arc::new(Front {
            node: node.clone(),
            origins: config.allowed_origins.clone().into(),
            trusted: config.guard.proxies(),
            devices: DeviceKey::new(&secret),
            addresses: AddressKeys::new(&secret),
            store: kept.store.clone(),
            retention: config.store.retention(),
        });
        let public = public(addresses[0], listeners, front)?;
        let operations = operations(ops_listener, metrics, ready.clone())?;
        get_ready(ready.clone(), node.office.clone());
        let relay = ways.server.as_ref().map(TurnServer::addresses).unwrap_or_default();
        announce(&[&addresses[..], &relay].concat());
        let _ways = ways;
        Ok(Self {
            config,
            signals,
            node,
            running,
            ready,
            public,
            operations,
            sessions_file,
            kept,
            _ways,
        })
    }

    /// Serves until a signal says to stop, and then until everybody has gone.
    pub(crate) async fn run(self) -> Result<(), ServeError> {
        let Self { config, mut signals, node, running, ready, mut public, operations, .. } = self;
        let operations_handle = operations.handle();
        tokio::select! {
            failed = public.failed() => return Err(failed.into()),
            ended = operations => ended?,
            () = stop(&mut signals, &node, &ready, &config) => (),
        }
        if let Some(running) = running {
            hand_on(&node, running).await;
        }
        Handover::leave(&node, &self.sessions_file);
        public.stop().await;
        operations_handle.stop(false).await;
        let metrics = node.metrics.clone();
        let sent = tokio::task::spawn_blocking(move || metrics.traces.close());
        let (_, _) = tokio::join!(self.kept.close(), sent);
        Ok(())
    }
}

/// Says that the node takes people: at once, or when it has met the others or
/// should have.
fn get_ready(ready: Arc<AtomicBool>, office: Option<Arc<Office>>) {
    let Some(office) = office else { return ready.store(true, Ordering::Release) };
    actix_rt::spawn(async move {
        let _ = tokio::time::timeout(MEETING, office.met_others()).await;
        if !office.draining() {
            ready.store(true, Ordering::Release);
        }
    });
}

/// Gives the sessions that are still here to other nodes, and says good-bye.
async fn hand_on(node: &Arc<Node>, running: Running) {
    let office = running.office();
    let placed = office.hand_on(node, Instant::now() + HANDING_ON).await;
    if placed > 0 {
        node.metrics.drained.inc_by(placed as u64);
        tracing::info!(sessions = placed, "handed to other nodes");
    }
    running.leave(Instant::now() + LEAVING).await;
}

/// What a node is made of that stands already.
struct Parts<'a> {
    clock: Clock,
    secret: &'a Secret,
    ways: &'a Ways,
    kept: &'a Safekeeping,
    metrics: &'a Arc<Metrics>,
}

fn node(
    config: &Serve,
    id: NodeId,
    parts: Parts<'_>,
    memory: Vec<Meeting>,
    joins: bool,
) -> io::Result<Node> {
    let Parts { clock, secret, ways, kept, metrics } = parts;
    let rules = pool::Config {
        interest_wait: config.interest_wait_ms,
        rematch_wait: config.rematch_wait_ms,
        allow_self: config.guard.allows_self(config.listen.ip()),
        ..pool::Config::default()
    };
    let office = joins.then(|| Office::new(clock.now(), plan(config, id, rules), metrics.clone()));
    let mut host = Host::new(rules, rand::random(), ways.ice.clone(), metrics.clone());
    if let Some(office) = &office {
        host = host.with_others(office.membership());
    }
    host.remember(clock.now(), memory);
    let max_connections = max_connections(config)?;
    metrics.takes(max_connections);
    Ok(Node {
        id,
        clock,
        metrics: metrics.clone(),
        matchmaker: Matchmaker::start(
            host,
            clock,
            office.as_ref().map(|office| office.gate().clone()),
        ),
        sessions: Registry::default(),
        ice: ways.ice.clone(),
        relay: ways.server.as_ref().map(|server| server.relay.clone()),
        tokens: TokenKey::new(id, secret),
        moderation: kept.moderation.clone(),
        address_limits: config.guard.address_limits(),
        session_limits: config.guard.session_limits(),
        office,
        grace: config.grace_ms,
        max_connections,
        stopping: AtomicBool::new(false),
    })
}

fn plan(config: &Serve, me: NodeId, rules: pool::Config) -> Plan {
    Plan {
        me,
        name: config.cluster.node_name.clone().unwrap_or_else(|| me.to_string()),
        ttl: crate::app::TTL,
        grace: config.grace_ms,
        parts: config.cluster.cluster_parts,
        rules,
    }
}

/// The way of traces, where they are wanted. A node without a name has another one
/// there at each start.
fn traces(config: &Serve, clock: Clock) -> Result<Traces, ServeError> {
    let flags = &config.telemetry;
    let Some(endpoint) = &flags.otlp_endpoint else { return Ok(Traces::default()) };
    let name = config.cluster.node_name.clone();
    let name = name.unwrap_or_else(|| NodeId::random().to_string());
    Ok(Traces::to(endpoint.url(), flags.otlp_sample.0, name, clock)?)
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

/// Waits for a signal, then lets people move; a second signal cuts that short.
async fn stop(signals: &mut Signals, node: &Node, ready: &AtomicBool, config: &Serve) {
    signals.next().await;
    ready.store(false, Ordering::Release);
    node.metrics.drains(UnixMillis::now());
    let people = node.metrics.online();
    tracing::info!(people, "stopping");
    if let Some(office) = &node.office {
        office.drain();
    }
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
