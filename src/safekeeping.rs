//! Opens the store, and starts who writes to it and who is kept out because of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::UnixMillis;
use crate::config::{ClusterUrl, Serve};
use crate::metrics::Metrics;
use crate::moderation::Moderation;
use crate::moderation::keeper::{Keeper, KeeperOptions, MAX_QUEUE_BYTES, PURGE_EVERY};
use crate::secret::Secret;
use crate::store::{self, Store};

/// How long a stopping node still writes to the store; the rest stays in the queue on
/// the disk.
const CLOSING: Duration = Duration::from_secs(2);

/// What must last, and who sees to it.
pub(crate) struct Safekeeping {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) moderation: Arc<Moderation>,
    keeper: Keeper,
}

impl Safekeeping {
    /// Opens the store that the flags name. That it can't be reached is logged, and
    /// holds nobody up.
    pub(crate) fn open(
        config: &Serve,
        address: SocketAddr,
        secret: &Secret,
        metrics: &Arc<Metrics>,
    ) -> Self {
        let among_others = matches!(config.cluster.cluster_url, Some(ClusterUrl::Nats(_)));
        let own = among_others && !config.store.database.database_url.is_shared();
        if own {
            tracing::warn!(
                "each node has a database of its own: reports and their pictures stay with the \
                node that took them; bans, erasures and who never meets whom again spread, \
                though not to nodes that are away; --database-url postgres://... is one for all"
            );
        }
        let store = store::open(&config.store.database.database_url);
        let options = KeeperOptions {
            queue: config.store.queue(address.port()),
            queue_bytes: MAX_QUEUE_BYTES,
            retention: config.store.retention(),
            purge_every: PURGE_EVERY,
            now: UnixMillis::now,
        };
        let keeper = Keeper::start(store.clone(), metrics.clone(), options);
        let (appeal, instruments) = (config.guard.appeal.clone(), metrics.moderation.clone());
        let moderation = Moderation::new(secret, Arc::new(keeper.clone()), appeal, instruments);
        let moderation = if own { moderation.with_own_store() } else { moderation };
        Self { store, moderation: Arc::new(moderation), keeper }
    }

    /// Writes what can still be written.
    pub(crate) async fn close(self) {
        self.keeper.close(CLOSING).await;
    }
}
