//! A node of a test.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use passerby::cluster::{Away, Cluster, Event, Revision};
use passerby::ids::NodeId;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

/// How long anything may take that a test waits for: only a failure takes as long.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A node, by its place in a cluster.
pub struct Node {
    pub id: NodeId,
    pub cluster: Arc<dyn Cluster>,
    events: Receiver<Event>,
}

/// An event of an entry.
pub fn entry(key: &str, value: Option<&str>) -> Event {
    Event::Entry { key: key.to_owned(), value: value.map(bytes) }
}

/// A message or value of this text.
pub fn bytes(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

impl Node {
    pub fn new(id: NodeId, cluster: Arc<dyn Cluster>, events: Receiver<Event>) -> Self {
        Self { id, cluster, events }
    }

    /// It leaves; what it yet hears.
    pub fn leave(self) -> Receiver<Event> {
        self.events
    }

    /// The next event; `None`: no other comes.
    pub async fn next(&mut self) -> Option<Event> {
        timeout(PATIENCE, self.events.recv()).await.expect("nothing was heard")
    }

    /// Passes over all events until this one.
    pub async fn hear(&mut self, wanted: &Event) {
        while self.next().await.as_ref() != Some(wanted) {}
    }

    pub async fn reached(&mut self) {
        self.hear(&Event::Reached).await;
    }

    pub async fn lost(&mut self) {
        self.hear(&Event::Lost).await;
    }

    /// The next message.
    pub async fn message(&mut self) -> Bytes {
        loop {
            match self.next().await.expect("it takes part") {
                Event::Message(message) => return message,
                Event::Lost => panic!("it lost the cluster"),
                _ => (),
            }
        }
    }

    /// All messages until this one, which is the last that it was sent.
    pub async fn messages_until(&mut self, last: &str) -> Vec<Bytes> {
        let mut messages = Vec::new();
        loop {
            match self.message().await {
                message if message == last => return messages,
                message => messages.push(message),
            }
        }
    }

    pub async fn send(&self, to: &Self, message: &str) {
        self.cluster.send(to.id, bytes(message)).await.unwrap();
    }

    pub async fn create(&self, key: &str, value: &str) -> Option<Revision> {
        self.cluster.create(key, bytes(value)).await.unwrap()
    }

    pub async fn update(&self, key: &str, value: &str, revision: Revision) -> Option<Revision> {
        self.cluster.update(key, bytes(value), revision).await.unwrap()
    }

    pub async fn put(&self, key: &str, value: &str) -> Revision {
        self.cluster.put(key, bytes(value)).await.unwrap()
    }

    pub async fn delete(&self, key: &str, revision: Revision) {
        self.cluster.delete(key, revision).await.unwrap();
    }

    /// The entry, once it can be put.
    pub async fn put_at_last(&self, key: &str, value: &str) -> Revision {
        let again = async {
            loop {
                match self.cluster.put(key, bytes(value)).await {
                    Ok(revision) => return revision,
                    Err(Away) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        };
        timeout(PATIENCE, again).await.expect("the cluster stays away")
    }
}
