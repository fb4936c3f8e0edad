//! Looks whether a cluster could be built on a NATS, and leaves nothing behind.

use std::time::Duration;

use async_nats::ServerAddr;
use bytes::Bytes;
use tokio::time::{sleep, timeout};

use super::address::{Address, WrongAddress};
use super::bucket::Bucket;
use super::trouble::Trouble;
use crate::cluster::{Away, DEADLINE};

/// How long the entry that is written stands.
const TTL: Duration = Duration::from_secs(3);
/// The pause before something is written once more.
const PAUSE: Duration = Duration::from_millis(50);

/// A server, as `nats://HOST:PORT`, and its version or why it can't be used.
pub type Probed = (String, Result<String, Trouble>);

/// Connects to each of the servers that `url` names, as [`super::join`] reads it, and
/// writes an entry into a bucket that nobody else has.
///
/// # Errors
/// Where `url` can't be read.
pub async fn probe(url: &str) -> Result<Vec<Probed>, WrongAddress> {
    let address = Address::parse(url)?;
    let probed = address.servers().iter().map(async |server| {
        let name = format!("{}://{}:{}", server.scheme(), server.host(), server.port());
        (name, try_out(&address, server.clone()).await)
    });
    Ok(futures_util::future::join_all(probed).await)
}

async fn try_out(address: &Address, server: ServerAddr) -> Result<String, Trouble> {
    let options = address.options().name("passerby doctor").connection_timeout(DEADLINE);
    let options = options.request_timeout(Some(DEADLINE)).ignore_discovered_servers();
    let connected = timeout(2 * DEADLINE, options.connect(server)).await;
    let client = connected.map_err(|_| Trouble::Unreachable)??;
    let version = client.server_info().version;
    if !client.is_server_compatible(2, 10, 0) {
        return Err(Trouble::Old(version));
    }
    let prefix = format!("passerby-doctor-{:016x}", rand::random::<u64>());
    let bucket = Bucket::open(client, &prefix, TTL).await?;
    let written = timeout(DEADLINE, write(&bucket)).await;
    // A server that did the rest and not this one keeps an empty bucket in memory.
    let _ = bucket.jetstream().delete_stream(bucket.stream()).await;
    written.map_err(|_| Trouble::Silent)?;
    Ok(version)
}

/// Writes the entry, for as long as that takes: the server that leads a new bucket is
/// known to the others a little later than the bucket is, and until then nobody takes
/// what is sent through them.
async fn write(bucket: &Bucket) {
    // What stands there already is what was written before an answer got lost.
    while bucket.create("try", Bytes::from_static(b"it")).await == Err(Away) {
        sleep(PAUSE).await;
    }
}
