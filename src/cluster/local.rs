//! A cluster in memory, for the nodes of one process.
//!
//! What it owns: the entries, and a bounded queue a node. It runs on tokio's time,
//! also where that is paused, and nodes can be cut off from it.

mod seat;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::time::Instant;

use self::seat::Seat;
use super::port::{Answer, Away, Cluster, EVENTS, Event, MAX_MESSAGE_BYTES, Revision};
use crate::ids::NodeId;

/// What the nodes share.
#[derive(Clone, Debug)]
pub struct Hub(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    ttl: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    seats: HashMap<NodeId, Arc<Seat>>,
    entries: BTreeMap<String, Entry>,
    revision: u64,
}

#[derive(Debug)]
struct Entry {
    value: Bytes,
    revision: u64,
    ends: Instant,
}

/// A node's place at the hub.
struct Place {
    hub: Hub,
    node: NodeId,
    seat: Arc<Seat>,
}

impl Hub {
    /// One whose entries stand for `ttl` after they are written.
    #[must_use]
    pub fn new(ttl: Duration) -> Self {
        Self(Arc::new(Shared { ttl, state: Mutex::default() }))
    }

    /// Takes a node in, at once reached. It replaces one of the same id.
    #[must_use]
    pub fn join(&self, node: NodeId) -> (Arc<dyn Cluster>, mpsc::Receiver<Event>) {
        let seat = Arc::new(Seat::default());
        let (events, receiver) = mpsc::channel(EVENTS);
        {
            let mut state = self.0.state.lock();
            if let Some(former) = state.seats.insert(node, seat.clone()) {
                former.leave();
            }
            seat.welcome(state.standing());
        }
        let messenger = seat.clone();
        tokio::spawn(async move { messenger.hand_over(events).await });
        (Arc::new(Place { hub: self.clone(), node, seat }), receiver)
    }

    /// Cuts a node off: its calls answer [`Away`], and it hears nothing.
    pub fn cut(&self, node: NodeId) {
        let state = self.0.state.lock();
        if let Some(seat) = state.seats.get(&node) {
            seat.cut();
        }
    }

    /// Ends that.
    pub fn mend(&self, node: NodeId) {
        let state = self.0.state.lock();
        if let Some(seat) = state.seats.get(&node) {
            seat.mend(state.standing());
        }
    }
}

impl State {
    /// Forgets what ran out. There are a few entries a node, so all can be looked at.
    fn expire(&mut self) {
        let now = Instant::now();
        self.entries.retain(|_, entry| now < entry.ends);
    }

    /// The entries that stand, as a node is told of them.
    fn standing(&self) -> Vec<Event> {
        let now = Instant::now();
        let standing = self.entries.iter().filter(|(_, entry)| now < entry.ends);
        standing
            .map(|(key, entry)| Event::Entry { key: key.clone(), value: Some(entry.value.clone()) })
            .collect()
    }

    fn stands_at(&mut self, key: &str) -> Option<u64> {
        self.expire();
        self.entries.get(key).map(|entry| entry.revision)
    }

    fn write(&mut self, key: &str, value: Bytes, ttl: Duration) -> Revision {
        self.expire();
        self.revision += 1;
        let entry =
            Entry { value: value.clone(), revision: self.revision, ends: Instant::now() + ttl };
        self.entries.insert(key.to_owned(), entry);
        self.tell_all(&Event::Entry { key: key.to_owned(), value: Some(value) });
        Revision(self.revision)
    }

    fn delete(&mut self, key: &str) {
        self.entries.remove(key);
        self.tell_all(&Event::Entry { key: key.to_owned(), value: None });
    }

    fn tell_all(&self, event: &Event) {
        for seat in self.seats.values() {
            seat.tell(event.clone(), || self.standing());
        }
    }
}

impl Place {
    /// Does `work` on what the nodes share, unless this node is cut off.
    fn with<'a, T: Send + 'a>(
        &'a self,
        work: impl FnOnce(&mut State, Duration) -> T + Send + 'a,
    ) -> Answer<'a, T> {
        Box::pin(async move {
            let mut state = self.hub.0.state.lock();
            if self.seat.is_cut() { Err(Away) } else { Ok(work(&mut state, self.hub.0.ttl)) }
        })
    }
}

impl Cluster for Place {
    fn send(&self, to: NodeId, message: Bytes) -> Answer<'_, ()> {
        if message.len() > MAX_MESSAGE_BYTES {
            return Box::pin(async { Err(Away) });
        }
        self.with(move |state, _| {
            if let Some(seat) = state.seats.get(&to) {
                seat.tell(Event::Message(message), || state.standing());
            }
        })
    }

    fn send_to_all(&self, message: Bytes) -> Answer<'_, ()> {
        if message.len() > MAX_MESSAGE_BYTES {
            return Box::pin(async { Err(Away) });
        }
        self.with(move |state, _| {
            for (_, seat) in state.seats.iter().filter(|(node, _)| **node != self.node) {
                seat.tell(Event::Message(message.clone()), || state.standing());
            }
        })
    }

    fn create(&self, key: &str, value: Bytes) -> Answer<'_, Option<Revision>> {
        let key = key.to_owned();
        self.with(move |state, ttl| {
            state.stands_at(&key).is_none().then(|| state.write(&key, value, ttl))
        })
    }

    fn update(&self, key: &str, value: Bytes, revision: Revision) -> Answer<'_, Option<Revision>> {
        let key = key.to_owned();
        self.with(move |state, ttl| {
            let ours = state.stands_at(&key) == Some(revision.0);
            ours.then(|| state.write(&key, value, ttl))
        })
    }

    fn put(&self, key: &str, value: Bytes) -> Answer<'_, Revision> {
        let key = key.to_owned();
        self.with(move |state, ttl| state.write(&key, value, ttl))
    }

    fn delete(&self, key: &str, revision: Revision) -> Answer<'_, ()> {
        let key = key.to_owned();
        self.with(move |state, _| {
            if state.stands_at(&key) == Some(revision.0) {
                state.delete(&key);
            }
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.seat.leave();
        let mut state = self.hub.0.state.lock();
        if state.seats.get(&self.node).is_some_and(|seat| Arc::ptr_eq(seat, &self.seat)) {
            state.seats.remove(&self.node);
        }
    }
}
