//! Puts the parts together, runs them and stops them.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, try_join_all};

use crate::cluster::local::Hub;
use crate::cluster::nats;
use crate::config::{ClusterUrl, Serve};
use crate::ids::NodeId;
use crate::secret_file::{self, SecretError};
use crate::service::{Joined, Service};
use crate::telemetry::WrongVariable;
use crate::turn::StartError;

/// How long a node is taken to be there after it said so.
pub(crate) const TTL: Duration = Duration::from_secs(3);

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
    /// A node needs what it shares with the others.
    #[error("--cluster-url needs --secret or --secret-file, the same on all nodes")]
    NoSharedSecret,
    /// The cluster can't be used.
    #[error("can't join the cluster: {0}")]
    Cluster(#[from] nats::WrongAddress),
    /// Traces can't be sent as the environment wants them.
    #[error(transparent)]
    Traces(#[from] WrongVariable),
    /// The system refuses something else that is needed.
    #[error("the system refuses: {0}")]
    System(#[from] io::Error),
}

/// Serves until a signal says to stop.
///
/// # Errors
/// Where a port can't be had, or a server ends by itself.
pub async fn serve(config: Serve) -> Result<(), ServeError> {
    match config.cluster.cluster_url.clone() {
        None => Service::open(config, None).await?.run().await,
        Some(ClusterUrl::Nats(url)) => {
            let process = &config.process;
            if process.secret.is_none() && process.secret_file.is_none() {
                return Err(ServeError::NoSharedSecret);
            }
            let secret = secret_file::shared(process)?;
            // Nodes with another secret are another service.
            let prefix = format!("passerby-{}", secret.fingerprint());
            let join = Box::new(move |node| join_nats(url, prefix, node));
            Service::open(config, Some(join)).await?.run().await
        }
        Some(ClusterUrl::Memory(count)) => {
            let hub = Hub::new(TTL);
            let mut services = Vec::new();
            for number in 0..count {
                let hub = hub.clone();
                let join = Box::new(move |node| async move { Ok(hub.join(node)) }.boxed_local());
                let config = config.of_node(number.into());
                services.push(Service::open(config, Some(join)).await?);
            }
            try_join_all(services.into_iter().map(Service::run)).await.map(|_| ())
        }
    }
}

fn join_nats(
    url: String,
    prefix: String,
    node: NodeId,
) -> LocalBoxFuture<'static, Result<Joined, ServeError>> {
    async move { Ok(nats::join(&url, &prefix, node, TTL).await?) }.boxed_local()
}
