//! A NATS of three servers, one of which fails.

use std::time::Duration;

use bytes::Bytes;
use passerby::cluster::Event;
use passerby::cluster::nats::join;
use passerby::ids::NodeId;
use tokio::time::Instant;

use crate::nats::NatsCluster;
use crate::node::{Node, entry};
use crate::world::{LONG, prefix};

/// How long a failure of one server may be felt.
const FELT: Duration = Duration::from_secs(20);

async fn node(url: &str, prefix: &str) -> Node {
    let id = NodeId::random();
    let (cluster, events) = join(url, prefix, id, LONG).await.unwrap();
    Node::new(id, cluster, events)
}

#[tokio::test]
async fn the_server_that_a_node_is_on_may_fail() {
    let mut cluster = NatsCluster::start();
    let (prefix, url) = (prefix(), cluster.url());
    let (mut one, mut other) = (node(&url, &prefix).await, node(&url, &prefix).await);
    one.reached().await;
    other.reached().await;
    assert_eq!(copies(&url, &prefix).await, 3);
    let kept = one.put_at_last("kept", "by the others").await;
    let name = one.id.to_string();
    let serving = cluster.servers.iter_mut().find(|server| server.serves(&name)).unwrap();
    serving.kill();
    let begun = Instant::now();
    hello(&one, &mut other, "from the one").await;
    hello(&other, &mut one, "from the other").await;
    let messages = begun.elapsed();
    one.put_at_last("after", "one").await;
    other.hear(&entry("after", Some("one"))).await;
    let entries = begun.elapsed();
    eprintln!("a server was missed: messages {messages:?}, entries {entries:?}");
    assert!(entries < FELT, "{entries:?}");
    assert_eq!(other.create("kept", "new").await, None);
    assert!(one.update("kept", "written again", kept).await.is_some());
}

/// How many servers have the bucket of a service.
async fn copies(url: &str, prefix: &str) -> usize {
    let servers = url.split(',').map(|url| url.parse().unwrap());
    let client = async_nats::connect(servers.collect::<Vec<async_nats::ServerAddr>>());
    let jetstream = async_nats::jetstream::new(client.await.unwrap());
    let stream = jetstream.get_stream(format!("KV_{prefix}")).await.unwrap();
    stream.cached_info().config.num_replicas
}

/// Says it until it is heard: what is sent while a server fails may be lost.
async fn hello(from: &Node, to: &mut Node, text: &str) {
    let id = to.id;
    let hear = async {
        loop {
            if let Some(Event::Message(message)) = to.next().await
                && message == text
            {
                return;
            }
        }
    };
    let say = async {
        loop {
            let _ = from.cluster.send(id, Bytes::from(text.to_owned())).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        () = hear => (),
        () = say => (),
    }
}
