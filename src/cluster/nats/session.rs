//! One connection to NATS, from its start to its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, Event as ClientEvent, ServerAddr, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt as _;
use rand::seq::SliceRandom as _;
use tokio::sync::{Mutex, Notify, mpsc};
use tokio::time::{Instant, interval, sleep, timeout};
use tracing::info;

use super::address::Address;
use super::bucket::Bucket;
use super::parts::Unfinished;
use super::trouble::{Complaints, Trouble};
use super::watch::{self, Watch};
use crate::cluster::{Away, DEADLINE, Event};
use crate::ids::NodeId;

/// Parts that may wait to be written. Full: who sends waits, until its deadline.
const OUTGOING: usize = 512;
/// Parts of each kind that may wait to be read. Full: the session ends, and another
/// begins, by which the node hears that something was lost.
const INCOMING: usize = 4096;
/// Parts of one large message that are written before more of it are.
const WINDOW: usize = 16;
/// How often a server is asked for a sign; two that it owes end the session.
const PING: Duration = Duration::from_secs(1);
/// The connection is not renewed but replaced: the client's own try comes too late.
const RENEWAL: Duration = Duration::from_millis(500);
/// How long a connection is kept without JetStream. After the server that led it has
/// failed, that needs up to nine seconds.
const WITHOUT_ENTRIES: Duration = Duration::from_secs(12);
/// Between two tries to find the entries.
const PAUSE: Duration = Duration::from_millis(200);
/// How often it is looked for messages that take too long.
const TIDYING: Duration = Duration::from_secs(1);

/// Who joins what.
pub(super) struct Plan {
    pub(super) address: Address,
    pub(super) prefix: String,
    pub(super) node: NodeId,
    pub(super) ttl: Duration,
    pub(super) complaints: Complaints,
}

/// What calls use. Messages pass as soon as there is a connection; JetStream may need
/// some seconds more, as when the server that led it has failed.
pub(super) struct Session {
    client: Client,
    bucket: parking_lot::Mutex<Option<Bucket>>,
    /// One large message at a time is on its way, so that the memory for them is
    /// bounded.
    large: Mutex<()>,
}

/// What comes in.
pub(super) struct Ears {
    direct: Subscriber,
    to_all: Subscriber,
    broken: Arc<Notify>,
}

impl Plan {
    pub(super) fn subject(&self, to: NodeId) -> String {
        format!("{}.to.{to}", self.prefix)
    }

    pub(super) fn subject_of_all(&self) -> String {
        format!("{}.all", self.prefix)
    }

    /// Begins a session with any of the servers.
    pub(super) async fn open(self: &Arc<Self>) -> Result<(Session, Ears), Trouble> {
        let mut servers = self.address.servers().to_vec();
        servers.shuffle(&mut rand::rng());
        let mut worst = Trouble::Unreachable;
        for server in servers {
            match self.open_with(server).await {
                Ok(session) => return Ok(session),
                Err(trouble) => worst = worst.max(trouble),
            }
        }
        Err(worst)
    }

    async fn open_with(self: &Arc<Self>, server: ServerAddr) -> Result<(Session, Ears), Trouble> {
        let broken = Arc::new(Notify::new());
        let client = self.connect(server, broken.clone()).await?;
        if !client.is_server_compatible(2, 10, 0) {
            return Err(Trouble::Old(client.server_info().version));
        }
        let subscribe =
            async |subject| client.subscribe(subject).await.map_err(|_| Trouble::Unreachable);
        let direct = subscribe(self.subject(self.node)).await?;
        let to_all = subscribe(self.subject_of_all()).await?;
        let session = Session { client, bucket: Default::default(), large: Mutex::default() };
        Ok((session, Ears { direct, to_all, broken }))
    }

    /// Finds the entries. A server takes up what comes by a connection in its order:
    /// as it answers here, the subscriptions stand. `None`: it is too long without
    /// JetStream, another server may have it.
    async fn find_entries(&self, client: &Client) -> Option<(Bucket, Watch)> {
        let begun = Instant::now();
        while begun.elapsed() < WITHOUT_ENTRIES {
            let found = async {
                let bucket = Bucket::open(client.clone(), &self.prefix, self.ttl).await?;
                let watch = Watch::start(&bucket).await?;
                Ok::<_, Trouble>((bucket, watch))
            };
            match found.await {
                Ok(found) => return Some(found),
                Err(trouble) => self.complain(&trouble),
            }
            sleep(PAUSE).await;
        }
        None
    }

    /// Tells of the entries, until the bucket or the receiver is gone.
    async fn tell_entries(&self, session: &Session, events: &mpsc::Sender<Event>) {
        let Some((bucket, watch)) = self.find_entries(&session.client).await else { return };
        self.complaints.forget();
        info!(servers = %self.address, node = %self.node, "the cluster is reached");
        *session.bucket.lock() = Some(bucket.clone());
        if events.send(Event::Reached).await.is_err() {
            return;
        }
        tokio::select! {
            () = watch::keep(watch, &bucket, events) => (),
            () = bucket.tend(self.ttl) => (),
        }
    }

    /// Says what is wrong, once.
    pub(super) fn complain(&self, trouble: &dyn std::fmt::Display) {
        self.complaints.make(&self.address.to_string(), &trouble.to_string());
    }

    async fn connect(
        self: &Arc<Self>,
        server: ServerAddr,
        broken: Arc<Notify>,
    ) -> Result<Client, Trouble> {
        let (plan, first) = (self.clone(), AtomicBool::new(true));
        let options = self
            .address
            .options()
            .name(format!("{} {}", self.prefix, self.node))
            .connection_timeout(DEADLINE)
            .request_timeout(Some(DEADLINE))
            .ping_interval(PING)
            .client_capacity(OUTGOING)
            .subscription_capacity(INCOMING)
            .ignore_discovered_servers()
            .max_reconnects(1)
            .reconnect_delay_callback(move |_| {
                if first.swap(false, Ordering::Relaxed) { Duration::ZERO } else { RENEWAL }
            })
            .event_callback(move |event| {
                plan.hear(&broken, &event);
                std::future::ready(())
            });
        let connected = timeout(2 * DEADLINE, options.connect(server)).await;
        connected.map_err(|_| Trouble::Unreachable)?.map_err(Trouble::from)
    }

    fn hear(&self, broken: &Notify, event: &ClientEvent) {
        match event {
            ClientEvent::Disconnected | ClientEvent::Closed | ClientEvent::SlowConsumer(_) => {
                broken.notify_one();
            }
            // A permission that is missing, mostly.
            ClientEvent::ServerError(error) => {
                self.complain(error);
            }
            _ => (),
        }
    }
}

impl Session {
    pub(super) fn bucket(&self) -> Result<Bucket, Away> {
        self.bucket.lock().clone().ok_or(Away)
    }

    /// Whether it reached the cluster; it does no more.
    pub(super) fn end(&self) -> bool {
        self.bucket.lock().take().is_some()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Sends the parts of a message to who listens at `subject`.
    pub(super) async fn send(
        &self,
        subject: String,
        mut parts: impl ExactSizeIterator<Item = Bytes> + Send,
    ) -> Result<(), Away> {
        if parts.len() == 1 {
            return self.write(&subject, &mut parts).await;
        }
        let _turn = self.large.lock().await;
        while parts.len() > 0 {
            self.write(&subject, &mut parts.by_ref().take(WINDOW)).await?;
            self.client.flush().await.map_err(|_| Away)?;
        }
        Ok(())
    }

    async fn write(
        &self,
        subject: &str,
        parts: &mut (dyn Iterator<Item = Bytes> + Send),
    ) -> Result<(), Away> {
        for part in parts {
            self.client.publish(subject.to_owned(), part).await.map_err(|_| Away)?;
        }
        Ok(())
    }
}

impl Ears {
    /// Tells what comes in, until the session is over.
    pub(super) async fn listen(self, plan: &Plan, session: &Session, events: &mpsc::Sender<Event>) {
        tokio::select! {
            () = self.broken.notified() => (),
            () = hear(plan.node, self.direct, self.to_all, events) => (),
            () = plan.tell_entries(session, events) => (),
        }
    }
}

/// Tells of the messages, until the connection or the receiver is gone.
async fn hear(
    node: NodeId,
    mut direct: Subscriber,
    mut to_all: Subscriber,
    events: &mpsc::Sender<Event>,
) {
    let (mut unfinished, mut tidying) = (Unfinished::default(), interval(TIDYING));
    loop {
        let (part, echoes) = tokio::select! {
            part = direct.next() => (part, false),
            part = to_all.next() => (part, true),
            now = tidying.tick() => {
                unfinished.expire(now);
                continue;
            }
        };
        let Some(part) = part else { return };
        let Some((from, message)) = unfinished.take(Instant::now(), part.payload) else { continue };
        // What this node says to all comes back to it as well.
        if echoes && from == node {
            continue;
        }
        if events.send(Event::Message(message)).await.is_err() {
            return;
        }
    }
}
