//! What nodes are on: a hub, or a NATS server with a network of its own.

use std::collections::HashMap;
use std::time::Duration;

use passerby::cluster::local::Hub;
use passerby::cluster::nats::join;
use passerby::ids::NodeId;

use crate::nats::NatsServer;
use crate::node::Node;
use crate::proxy::{Proxy, Way};

/// A time to live that nothing outlives in a test.
pub const LONG: Duration = Duration::from_secs(120);

/// Which adapter.
#[derive(Clone, Copy)]
pub enum Kind {
    Hub,
    Nats,
}

/// A cluster to be.
pub struct World {
    base: Base,
    ttl: Duration,
}

enum Base {
    Hub(Hub),
    Nats(Box<Nats>),
}

/// A service on NATS, each of whose nodes has its own way there.
pub struct Nats {
    pub server: NatsServer,
    prefix: String,
    proxies: HashMap<NodeId, Proxy>,
}

impl World {
    pub fn new(kind: Kind, ttl: Duration) -> Self {
        let base = match kind {
            Kind::Hub => Base::Hub(Hub::new(ttl)),
            Kind::Nats => Base::Nats(Box::new(Nats {
                server: NatsServer::start(),
                prefix: prefix(),
                proxies: HashMap::new(),
            })),
        };
        Self { base, ttl }
    }

    /// A node that has reached the cluster, and what it heard of entries then is
    /// still to be heard.
    pub async fn node(&mut self) -> Node {
        let mut node = self.join().await;
        node.reached().await;
        node
    }

    /// A node that joins.
    pub async fn join(&mut self) -> Node {
        let id = NodeId::random();
        let (cluster, events) = match &mut self.base {
            Base::Hub(hub) => hub.join(id),
            Base::Nats(nats) => {
                let proxy = Proxy::start(nats.server.address()).await;
                let joined = join(&proxy.url(), &nats.prefix, id, self.ttl).await;
                nats.proxies.insert(id, proxy);
                joined.unwrap()
            }
        };
        Node::new(id, cluster, events)
    }

    /// Cuts a node off.
    pub fn cut(&self, node: &Node) {
        match &self.base {
            Base::Hub(hub) => hub.cut(node.id),
            Base::Nats(nats) => nats.proxies[&node.id].set(Way::Cut),
        }
    }

    /// Ends that.
    pub fn mend(&self, node: &Node) {
        match &self.base {
            Base::Hub(hub) => hub.mend(node.id),
            Base::Nats(nats) => nats.proxies[&node.id].set(Way::Open),
        }
    }

    /// Nothing passes between a node and its server, which neither notices.
    pub fn stall(&mut self, node: &Node) {
        self.nats().proxies[&node.id].set(Way::Stalled);
    }

    /// The NATS that it is on.
    pub fn nats(&mut self) -> &mut Nats {
        let Base::Nats(nats) = &mut self.base else { panic!("it is on no NATS") };
        nats
    }
}

impl Nats {
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

/// A prefix that no other test has.
pub fn prefix() -> String {
    format!("test-{:016x}", rand::random::<u64>())
}
