//! What a node hears of the entries.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, push};
use async_nats::jetstream::stream::ConsumerErrorKind;
use async_nats::jetstream::{Message, message};
use async_nats::{StatusCode, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout_at};

use super::bucket::{Bucket, OPERATION};
use super::trouble::Trouble;
use crate::cluster::Event;

/// How often JetStream says that it still has the watch.
const HEARTBEAT: Duration = Duration::from_millis(500);
/// It hasn't: the server that kept the watch is gone, or the bucket is.
const SILENCE: Duration = Duration::from_millis(1500);
/// Between two tries to begin it anew.
const PAUSE: Duration = Duration::from_millis(200);
/// How long a server keeps the watch of a node that is gone.
const KEPT: Duration = Duration::from_secs(5);

/// A watch over all entries: first those that stand, then each change.
pub(super) struct Watch {
    messages: Subscriber,
    /// How many it has given.
    given: u64,
    heard: Instant,
}

impl Watch {
    pub(super) async fn start(bucket: &Bucket) -> Result<Self, Trouble> {
        let client = bucket.jetstream().client();
        let inbox = client.new_inbox();
        let messages = client.subscribe(inbox.clone()).await.map_err(|_| Trouble::Unreachable)?;
        let config = push::Config {
            deliver_subject: inbox,
            deliver_policy: DeliverPolicy::LastPerSubject,
            filter_subject: bucket.everything(),
            ack_policy: AckPolicy::None,
            idle_heartbeat: HEARTBEAT,
            inactive_threshold: KEPT,
            memory_storage: true,
            num_replicas: 1,
            ..push::Config::default()
        };
        let made = bucket.jetstream().create_consumer_on_stream(config, bucket.stream()).await;
        match made.map_err(|error| error.kind()) {
            Ok(_) => Ok(Self { messages, given: 0, heard: Instant::now() }),
            Err(ConsumerErrorKind::JetStream(error)) => Err(error.into()),
            Err(_) => Err(Trouble::Silent),
        }
    }

    /// The next change; `None`: something is missing, or nothing comes any more.
    async fn next(&mut self, bucket: &Bucket) -> Option<Event> {
        loop {
            let message = timeout_at(self.heard + SILENCE, self.messages.next()).await.ok()??;
            self.heard = Instant::now();
            match message.status {
                Some(StatusCode::IDLE_HEARTBEAT) => continue,
                Some(_) => return None,
                None => (),
            }
            let message = Message { message, context: bucket.jetstream().clone() };
            self.given += 1;
            if message.info().ok()?.consumer_sequence != self.given {
                return None;
            }
            return event(bucket, &message);
        }
    }
}

fn event(bucket: &Bucket, message: &message::Message) -> Option<Event> {
    let key = bucket.key(&message.subject)?.to_owned();
    let deleted = message.headers.as_ref().is_some_and(|headers| headers.get(OPERATION).is_some());
    // A copy, so that an entry doesn't hold a buffer of the client.
    let value = (!deleted).then(|| Bytes::copy_from_slice(&message.payload));
    Some(Event::Entry { key, value })
}

/// Tells of all changes, until the bucket or the receiver is gone. A watch that broke
/// begins anew, with all entries that stand.
pub(super) async fn keep(mut watch: Watch, bucket: &Bucket, events: &mpsc::Sender<Event>) {
    loop {
        while let Some(event) = watch.next(bucket).await {
            if events.send(event).await.is_err() {
                return;
            }
            // The node may have taken its time.
            watch.heard = Instant::now();
        }
        watch = loop {
            match Watch::start(bucket).await {
                Ok(watch) => break watch,
                Err(Trouble::NoBucket) => return,
                Err(_) => sleep(PAUSE).await,
            }
        };
    }
}
