//! The entries: a key-value bucket of JetStream, in its usual layout (a stream whose
//! subjects are the keys and that keeps the last message of each).

use std::error::Error as _;
use std::time::Duration;

use async_nats::jetstream::context::{PublishError, PublishErrorKind, RequestErrorKind};
use async_nats::jetstream::response::Response;
use async_nats::jetstream::stream::{self, Config, DiscardPolicy, StorageType};
use async_nats::jetstream::{self, Context, ErrorCode, context::ContextBuilder};
use async_nats::{Client, HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use memchr::memmem;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::sleep;

use super::trouble::Trouble;
use crate::cluster::{Away, DEADLINE};

/// The header by which a message says that its key is deleted.
pub(super) const OPERATION: &str = "KV-Operation";
const DELETE: &str = "DEL";
/// Servers that keep a copy, where there are as many: one may fail.
const REPLICAS: usize = 3;
/// How long JetStream may take for an answer: none comes to what is asked while it has
/// no leader, so it is asked again.
const ANSWER: Duration = Duration::from_secs(1);
/// JetStream forgets repeated messages after this, or after the time to live where
/// that is shorter.
const REPEATS: Duration = Duration::from_secs(120);
/// How often it is looked for servers that could keep a copy and don't.
const TENDING: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub(super) struct Bucket {
    jetstream: Context,
    stream: String,
    subjects: String,
}

/// The last message of a key, as JetStream gives it.
#[derive(Deserialize)]
struct Stored {
    message: StoredMessage,
}

#[derive(Deserialize)]
struct StoredMessage {
    seq: u64,
    /// The headers in base64.
    #[serde(default)]
    hdrs: String,
}

impl StoredMessage {
    /// Whether it says that its key is deleted.
    fn deletes(&self) -> bool {
        let headers = BASE64.decode(&self.hdrs).unwrap_or_default();
        memmem::find(&headers, OPERATION.as_bytes()).is_some()
    }
}

impl Bucket {
    /// Opens the bucket of a service, which is made where it isn't there.
    pub(super) async fn open(client: Client, prefix: &str, ttl: Duration) -> Result<Self, Trouble> {
        let jetstream = ContextBuilder::new().timeout(ANSWER).ack_timeout(DEADLINE).build(client);
        let (stream, subjects) = (format!("KV_{prefix}"), format!("$KV.{prefix}."));
        let bucket = Self { jetstream, stream, subjects };
        match bucket.ask::<stream::Info>("STREAM.INFO", &()).await {
            Ok(info) => bucket.adapt(info.config, ttl).await?,
            Err(Trouble::NoBucket) => bucket.make(ttl).await?,
            Err(trouble) => return Err(trouble),
        }
        Ok(bucket)
    }

    /// A single server makes no copies, and a cluster of two no use of any.
    async fn make(&self, ttl: Duration) -> Result<(), Trouble> {
        let copied = self.config(ttl, REPLICAS);
        if self.ask::<stream::Info>("STREAM.CREATE", &copied).await.is_err() {
            self.ask::<stream::Info>("STREAM.CREATE", &self.config(ttl, 1)).await?;
        }
        Ok(())
    }

    /// The bucket may be of a time when there were fewer servers, or of one when
    /// entries lived longer.
    async fn adapt(&self, found: Config, ttl: Duration) -> Result<(), Trouble> {
        if found.num_replicas < REPLICAS {
            let copied = self.config(ttl, REPLICAS);
            if self.ask::<stream::Info>("STREAM.UPDATE", &copied).await.is_ok() {
                return Ok(());
            }
        }
        if found.max_age != ttl {
            let wanted = self.config(ttl, found.num_replicas);
            self.ask::<stream::Info>("STREAM.UPDATE", &wanted).await?;
        }
        Ok(())
    }

    fn config(&self, ttl: Duration, replicas: usize) -> Config {
        Config {
            name: self.stream.clone(),
            subjects: vec![self.everything()],
            max_messages_per_subject: 1,
            max_bytes: -1,
            max_messages: -1,
            max_message_size: -1,
            max_consumers: -1,
            max_age: ttl,
            duplicate_window: ttl.min(REPEATS),
            storage: StorageType::Memory,
            num_replicas: replicas,
            discard: DiscardPolicy::New,
            allow_rollup: true,
            deny_delete: true,
            ..Config::default()
        }
    }

    /// Has the bucket copied as soon as there are servers for it: when it was made, a
    /// cluster that had just started may not have known its own yet.
    pub(super) async fn tend(&self, ttl: Duration) {
        let clustered = self.jetstream.client().server_info().cluster.is_some();
        loop {
            sleep(TENDING).await;
            if clustered && let Ok(info) = self.ask::<stream::Info>("STREAM.INFO", &()).await {
                // Looked at again the next time, if it can't be done now.
                let _ = self.adapt(info.config, ttl).await;
            }
        }
    }

    /// Asks JetStream about the bucket.
    async fn ask<T: for<'a> Deserialize<'a>>(
        &self,
        what: &str,
        request: &(impl Serialize + ?Sized + Sync),
    ) -> Result<T, Trouble> {
        let subject = format!("{what}.{}", self.stream);
        let answer = self.jetstream.request(subject, request).await;
        match answer.map_err(|error| error.kind()) {
            Ok(Response::Ok(answer)) => Ok(answer),
            Ok(Response::Err { error }) => Err(error.into()),
            Err(RequestErrorKind::NoResponders) => Err(Trouble::NoJetStream),
            Err(_) => Err(Trouble::Silent),
        }
    }

    /// Writes an entry that doesn't stand. One that was deleted leaves a mark, which
    /// is written over.
    pub(super) async fn create(&self, key: &str, value: Bytes) -> Result<Option<u64>, Away> {
        if let Some(written) = self.write(key, value.clone(), Some(0)).await? {
            return Ok(Some(written));
        }
        match self.last(key).await? {
            Some(last) if !last.deletes() => Ok(None),
            Some(mark) => self.write(key, value, Some(mark.seq)).await,
            // It ran out meanwhile.
            None => self.write(key, value, Some(0)).await,
        }
    }

    /// Writes an entry, where `last` is given only if that is its last revision.
    pub(super) async fn write(
        &self,
        key: &str,
        value: Bytes,
        last: Option<u64>,
    ) -> Result<Option<u64>, Away> {
        self.publish(key, value, last, HeaderMap::new()).await
    }

    /// Deletes an entry whose last revision is `last`.
    pub(super) async fn delete(&self, key: &str, last: u64) -> Result<(), Away> {
        let mut headers = HeaderMap::new();
        headers.insert(OPERATION, DELETE);
        self.publish(key, Bytes::new(), Some(last), headers).await.map(|_| ())
    }

    async fn publish(
        &self,
        key: &str,
        value: Bytes,
        last: Option<u64>,
        mut headers: HeaderMap,
    ) -> Result<Option<u64>, Away> {
        if let Some(last) = last {
            headers.insert(header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, last.to_string());
        }
        let subject = format!("{}{key}", self.subjects);
        let sent = self.jetstream.publish_with_headers(subject, headers, value).await;
        match sent.map_err(|_| Away)?.await {
            Ok(written) => Ok(Some(written.sequence)),
            Err(error) if overtaken(&error) => Ok(None),
            Err(_) => Err(Away),
        }
    }

    /// The last message of a key, from the server that leads.
    async fn last(&self, key: &str) -> Result<Option<StoredMessage>, Away> {
        let request = json!({ "last_by_subj": format!("{}{key}", self.subjects) });
        let subject = format!("STREAM.MSG.GET.{}", self.stream);
        match self.jetstream.request(subject, &request).await {
            Ok(Response::<Stored>::Ok(stored)) => Ok(Some(stored.message)),
            Ok(Response::Err { error }) if error.error_code() == ErrorCode::NO_MESSAGE_FOUND => {
                Ok(None)
            }
            _ => Err(Away),
        }
    }

    /// All of its subjects.
    pub(super) fn everything(&self) -> String {
        format!("{}>", self.subjects)
    }

    pub(super) fn jetstream(&self) -> &Context {
        &self.jetstream
    }

    pub(super) fn stream(&self) -> &str {
        &self.stream
    }

    /// The key that a subject stands for.
    pub(super) fn key<'a>(&self, subject: &'a str) -> Option<&'a str> {
        subject.strip_prefix(&self.subjects)
    }
}

/// Whether a write came after another one that it didn't know.
fn overtaken(error: &PublishError) -> bool {
    let source = error.source().and_then(|source| source.downcast_ref::<jetstream::Error>());
    error.kind() == PublishErrorKind::WrongLastSequence
        || source.is_some_and(|source| {
            source.error_code() == ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT
        })
}
