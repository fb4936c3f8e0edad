//! Keeps a node's entries in the cluster: that it is there, and the parts of the
//! shared pool that it holds.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rand::RngExt;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};

use super::leases;
use super::letter::Letter;
use super::members::Status;
use super::office::Office;
use crate::clock::{Clock, Moment};
use crate::cluster::{Cluster, Revision};
use crate::ids::NodeId;
use crate::matchmaking::proposal::Part;
use crate::session::node::Node;

/// How often entries are written again, in their lifetime.
const WRITES: u32 = 3;
/// Who holds fewer parts is quicker to take one that nobody holds.
const RELUCTANCE: Duration = Duration::from_millis(50);
/// The entry of a node begins with this.
const NODE: &str = "node.";

/// A node's entries.
pub(super) struct Standing {
    office: Arc<Office>,
    cluster: Arc<dyn Cluster>,
    clock: Clock,
    node: Option<Revision>,
    held: HashMap<Part, Revision>,
}

impl Standing {
    /// None yet.
    #[must_use]
    pub(super) fn new(office: Arc<Office>, cluster: Arc<dyn Cluster>, clock: Clock) -> Self {
        Self { office, cluster, clock, node: None, held: HashMap::new() }
    }

    /// Keeps them, for ever. While the node drains those of parts are left to nodes
    /// that are ready, where there are any: who is there is paired until they go.
    pub(super) async fn keep(&mut self) {
        let mut pace = pace(&self.office);
        loop {
            let changed = self.office.to_write.notified();
            tokio::select! {
                _ = pace.tick() => (),
                () = changed => (),
            }
            self.write_node().await;
            if self.office.draining() && self.office.others_ready() {
                self.give_up_parts().await;
            } else {
                self.renew_parts().await;
                self.take_vacant_parts().await;
            }
            let held = i64::try_from(self.held.len()).unwrap_or(i64::MAX);
            self.office.metrics.cluster.leases.set(held);
        }
    }

    /// Says that the node goes.
    pub(super) async fn leave(&mut self) {
        self.give_up_parts().await;
        if let Some(revision) = self.node.take() {
            // One that is not heard runs out.
            let _ = self.cluster.delete(&node_key(self.office.plan.me), revision).await;
        }
    }

    async fn write_node(&mut self) {
        let status = self.office.status(self.clock.now());
        let entry = Bytes::from(serde_json::to_vec(&status).unwrap_or_default());
        if let Ok(revision) = self.cluster.put(&node_key(self.office.plan.me), entry).await {
            self.node = Some(revision);
        }
    }

    async fn renew_parts(&mut self) {
        for (part, revision) in std::mem::take(&mut self.held) {
            match self.cluster.update(&leases::key(part), self.holder(), revision).await {
                Ok(Some(revision)) => _ = self.held.insert(part, revision),
                Ok(None) => self.office.lose_part(part),
                // Two holders at once do no harm.
                Err(_) => _ = self.held.insert(part, revision),
            }
        }
    }

    async fn take_vacant_parts(&mut self) {
        let vacant: Vec<_> = self.office.leases.lock().vacant().collect();
        for part in vacant {
            let held = u32::try_from(self.held.len()).unwrap_or(u32::MAX);
            let jitter = rand::rng().random_range(Duration::ZERO..RELUCTANCE);
            sleep(RELUCTANCE.saturating_mul(held) + jitter).await;
            let still = self.office.leases.lock().vacant().any(|vacant| vacant == part);
            if still
                && let Ok(Some(revision)) =
                    self.cluster.create(&leases::key(part), self.holder()).await
            {
                self.held.insert(part, revision);
            }
        }
    }

    async fn give_up_parts(&mut self) {
        for (part, revision) in std::mem::take(&mut self.held) {
            let _ = self.cluster.delete(&leases::key(part), revision).await;
        }
    }

    fn holder(&self) -> Bytes {
        Bytes::from(self.office.plan.me.to_string())
    }
}

impl Office {
    /// A lease was written by its holder, or given up.
    fn hear_lease(&self, now: Moment, part: Part, holder: Option<NodeId>) {
        self.leases.lock().hear(now, part, holder);
        if holder.is_none() {
            // Nobody is paired with other nodes until somebody holds it.
            self.to_write.notify_one();
        }
    }

    /// This node does not hold a part any more.
    fn lose_part(&self, part: Part) {
        let mut leases = self.leases.lock();
        if leases.holders().get(&part) == Some(&self.plan.me) {
            leases.hear(Moment::default(), part, None);
        }
        drop(leases);
        self.broker.lock().lose_part(part);
    }
}

/// Says to all that this node is there, for ever: entries can't be written for some
/// seconds while NATS chooses a leader.
pub(super) async fn say_so(office: Arc<Office>, cluster: Arc<dyn Cluster>, clock: Clock) {
    let mut pace = pace(&office);
    loop {
        tokio::select! {
            _ = pace.tick() => (),
            () = office.to_say.notified() => (),
        }
        let circular = office.courier.circular(&Letter::Status(office.status(clock.now()).into()));
        // What is not heard now is said again soon.
        let _ = cluster.send_to_all(circular).await;
    }
}

fn pace(office: &Office) -> Interval {
    let mut pace = interval(office.plan.ttl / WRITES);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pace
}

/// Takes an entry of the cluster.
pub(super) fn hear_entry(office: &Office, node: &Node, key: &str, value: Option<&Bytes>) {
    let now = node.clock.now();
    if let Some(member) = key.strip_prefix(NODE).and_then(NodeId::parse) {
        let status = value.map(|value| serde_json::from_slice::<Status>(value));
        match status.transpose() {
            Ok(status) => office.hear_member(now, member, status),
            Err(_) => office.metrics.cluster.letters_unread.inc(),
        }
    } else if let Some(part) = leases::part(key) {
        let holder = value.and_then(|value| NodeId::parse(std::str::from_utf8(value).ok()?));
        office.hear_lease(now, part, holder);
    }
    office.tell_holders(node);
}

fn node_key(node: NodeId) -> String {
    format!("{NODE}{node}")
}
