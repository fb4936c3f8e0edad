//! A node's place in a cluster on NATS, and the task that keeps it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};
use tracing::info;

use super::address::{Address, WrongAddress};
use super::parts;
use super::session::{Plan, Session};
use super::trouble::Complaints;
use crate::cluster::{Answer, Away, Cluster, DEADLINE, EVENTS, Event, MAX_MESSAGE_BYTES, Revision};
use crate::ids::NodeId;

/// The shortest and the longest pause between two tries to reach NATS.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

struct Place {
    plan: Arc<Plan>,
    now: Arc<Now>,
    /// Messages sent, which numbers them.
    sent: AtomicU64,
    keeper: AbortHandle,
}

/// The session that there is now.
#[derive(Default)]
struct Now(Mutex<Option<Arc<Session>>>);

/// Joins the cluster of the service `prefix` on the NATS at `url`, which names its
/// servers as `nats://[USER:PASSWORD@|TOKEN@]HOST:PORT`, with commas between; entries
/// stand for `ttl`. NATS needs not be reachable yet: it is tried until it is, and
/// whenever it was lost. It must speak JetStream, from version 2.10 on; the bucket is
/// made by who comes first, in memory, on three servers where there are as many.
///
/// # Errors
///
/// Where `url` or `prefix` can't be read.
pub async fn join(
    url: &str,
    prefix: &str,
    node: NodeId,
    ttl: Duration,
) -> Result<(Arc<dyn Cluster>, mpsc::Receiver<Event>), WrongAddress> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if prefix.is_empty() || !prefix.chars().all(word) {
        return Err(WrongAddress::Prefix);
    }
    let (address, complaints) = (Address::parse(url)?, Complaints::default());
    let plan = Arc::new(Plan { address, prefix: prefix.to_owned(), node, ttl, complaints });
    let now = Arc::new(Now::default());
    let (events, receiver) = mpsc::channel(EVENTS);
    let keeper = tokio::spawn(keep(plan.clone(), now.clone(), events)).abort_handle();
    Ok((Arc::new(Place { plan, now, sent: AtomicU64::new(0), keeper }), receiver))
}

/// Keeps a session open as long as there is a receiver of the events.
async fn keep(plan: Arc<Plan>, now: Arc<Now>, events: mpsc::Sender<Event>) {
    let sessions = async {
        let mut tries = 0;
        loop {
            let began = Instant::now();
            attend(&plan, &now, &events).await;
            tries = if began.elapsed() > PAUSES.1 { 0 } else { tries + 1 };
            sleep(pause(tries, rand::random())).await;
        }
    };
    tokio::select! {
        () = events.closed() => (),
        () = sessions => (),
    }
}

/// How long to wait after so many tries that came to nothing: longer each time, and
/// not all nodes as long. `chance` is at most 1.
fn pause(tries: u32, chance: f64) -> Duration {
    let longest = PAUSES.0.saturating_mul(2_u32.saturating_pow(tries)).min(PAUSES.1);
    longest.mul_f64((1.0 + chance) / 2.0)
}

/// One session, or one try to begin it.
async fn attend(plan: &Arc<Plan>, now: &Now, events: &mpsc::Sender<Event>) {
    let (session, ears) = match plan.open().await {
        Ok((session, ears)) => (Arc::new(session), ears),
        Err(trouble) => return plan.complain(&trouble),
    };
    *now.0.lock() = Some(session.clone());
    ears.listen(plan, &session, events).await;
    *now.0.lock() = None;
    if session.end() {
        info!(servers = %plan.address, node = %plan.node, "the cluster is lost");
        // Nobody is left to be told where that fails.
        let _ = events.send(Event::Lost).await;
    }
}

impl Place {
    fn session(&self) -> Result<Arc<Session>, Away> {
        let session = self.now.0.lock().clone();
        session.filter(|session| session.is_connected()).ok_or(Away)
    }

    fn publish(&self, subject: String, message: Bytes) -> Answer<'_, ()> {
        within(async move {
            if message.len() > MAX_MESSAGE_BYTES {
                return Err(Away);
            }
            let number = self.sent.fetch_add(1, Ordering::Relaxed);
            self.session()?.send(subject, parts::cut(self.plan.node, number, message)).await
        })
    }

    fn write(&self, key: &str, value: Bytes, last: Option<u64>) -> Answer<'_, Option<Revision>> {
        let key = key.to_owned();
        within(async move {
            let written = self.session()?.bucket()?.write(&key, value, last).await?;
            Ok(written.map(Revision))
        })
    }
}

/// A call of the port, which ends at its deadline.
fn within<'a, T: Send + 'a>(
    call: impl Future<Output = Result<T, Away>> + Send + 'a,
) -> Answer<'a, T> {
    Box::pin(async { timeout(DEADLINE, call).await.unwrap_or(Err(Away)) })
}

impl Cluster for Place {
    fn send(&self, to: NodeId, message: Bytes) -> Answer<'_, ()> {
        self.publish(self.plan.subject(to), message)
    }

    fn send_to_all(&self, message: Bytes) -> Answer<'_, ()> {
        self.publish(self.plan.subject_of_all(), message)
    }

    fn create(&self, key: &str, value: Bytes) -> Answer<'_, Option<Revision>> {
        let key = key.to_owned();
        within(async move {
            let written = self.session()?.bucket()?.create(&key, value).await?;
            Ok(written.map(Revision))
        })
    }

    fn update(&self, key: &str, value: Bytes, revision: Revision) -> Answer<'_, Option<Revision>> {
        self.write(key, value, Some(revision.0))
    }

    fn put(&self, key: &str, value: Bytes) -> Answer<'_, Revision> {
        let written = self.write(key, value, None);
        // What is written whatever stands there is never overtaken.
        Box::pin(async { written.await?.ok_or(Away) })
    }

    fn delete(&self, key: &str, revision: Revision) -> Answer<'_, ()> {
        let key = key.to_owned();
        within(async move { self.session()?.bucket()?.delete(&key, revision.0).await })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_second_and_differ() {
        assert_eq!(pause(0, 1.0), PAUSES.0);
        assert_eq!(pause(0, 0.0), PAUSES.0 / 2);
        assert_eq!(pause(3, 1.0), 8 * PAUSES.0);
        assert_eq!(pause(u32::MAX, 1.0), PAUSES.1);
    }
}
