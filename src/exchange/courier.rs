//! Carries letters: what is posted for a node within a moment goes out as one
//! message of the cluster.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::letter::Letter;
use super::post::Post;
use crate::cluster::{Cluster, MAX_MESSAGE_BYTES};
use crate::ids::NodeId;
use crate::metrics::Metrics;

/// What may wait for one node. More is lost, as letters may be.
const MAX_QUEUE_BYTES: usize = MAX_MESSAGE_BYTES / 2;
/// The bytes of the sender's id, and of a letter's length.
const ID_BYTES: usize = 8;
const LENGTH_BYTES: usize = 4;

/// The letters that wait to be carried.
pub struct Courier {
    me: NodeId,
    metrics: Arc<Metrics>,
    bags: Mutex<HashMap<NodeId, Vec<u8>>>,
    filled: Notify,
    reached: AtomicBool,
}

impl Courier {
    /// The courier of the node `me`.
    #[must_use]
    pub fn new(me: NodeId, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            me,
            metrics,
            bags: Mutex::default(),
            filled: Notify::new(),
            reached: AtomicBool::new(false),
        })
    }

    /// Whether the cluster can be reached; letters for others are lost while it
    /// can't.
    pub fn set_reached(&self, reached: bool) {
        self.reached.store(reached, Ordering::Release);
        self.metrics.cluster.reached.set(reached.into());
    }

    /// The same, as it is now.
    #[must_use]
    pub fn reached(&self) -> bool {
        self.reached.load(Ordering::Acquire)
    }

    /// Carries what is posted, for ever; what is for this node itself goes to
    /// `own`.
    pub async fn carry(&self, cluster: &dyn Cluster, own: impl Fn(&[u8])) {
        loop {
            self.filled.notified().await;
            let bags = std::mem::take(&mut *self.bags.lock());
            for (to, bag) in bags {
                if to == self.me {
                    own(&bag);
                } else if cluster.send(to, Bytes::from(bag)).await.is_err() {
                    self.metrics.cluster.letters_lost.inc();
                }
            }
        }
    }

    /// A bag with one letter, for all other nodes.
    #[must_use]
    pub fn circular(&self, letter: &Letter) -> Bytes {
        self.metrics.cluster.letter(letter.kind());
        let mut bag = self.empty_bag();
        append(&mut bag, &encode(letter));
        bag.into()
    }

    fn empty_bag(&self) -> Vec<u8> {
        self.me.bits().to_le_bytes().to_vec()
    }

    fn put(&self, to: NodeId, letter: &[u8]) -> bool {
        let mut bags = self.bags.lock();
        let bag = bags.entry(to).or_insert_with(|| self.empty_bag());
        let fits = bag.len() + LENGTH_BYTES + letter.len() <= MAX_QUEUE_BYTES;
        if fits {
            append(bag, letter);
        }
        fits
    }
}

/// Writing plain data into memory has no way to fail.
fn encode(letter: &Letter) -> Vec<u8> {
    rmp_serde::to_vec_named(letter).expect("a letter is plain data")
}

fn append(bag: &mut Vec<u8>, letter: &[u8]) {
    let length = u32::try_from(letter.len()).expect("a bag is bounded");
    bag.extend_from_slice(&length.to_le_bytes());
    bag.extend_from_slice(letter);
}

impl Post for Courier {
    fn post(&self, to: NodeId, letter: Letter) {
        if to != self.me {
            self.metrics.cluster.letter(letter.kind());
        }
        let reached = to == self.me || self.reached.load(Ordering::Acquire);
        if reached && self.put(to, &encode(&letter)) {
            self.filled.notify_one();
        } else {
            self.metrics.cluster.letters_lost.inc();
        }
    }
}

/// Who sent a bag.
#[must_use]
pub fn sender(bag: &[u8]) -> Option<NodeId> {
    let id = bag.get(..ID_BYTES)?.try_into().ok()?;
    Some(NodeId::from_bits(u64::from_le_bytes(id)))
}

/// The letters of a bag; `None` stands for one that can't be read, as one of a
/// newer version may be.
pub fn letters(bag: &[u8]) -> impl Iterator<Item = Option<Letter>> {
    let mut rest = bag.get(ID_BYTES..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, after) = rest.split_at_checked(LENGTH_BYTES)?;
        let length = u32::from_le_bytes(length.try_into().ok()?);
        let (letter, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
        rest = after;
        Some(rmp_serde::from_slice(letter).ok())
    })
}

impl fmt::Debug for Courier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Courier").field("me", &self.me).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{RoomId, SessionId};

    #[test]
    fn letters_to_one_node_travel_together_and_what_is_unreadable_harms_no_other() {
        let courier = Courier::new(NodeId::from_bits(7), Arc::new(Metrics::new()));
        let (to, session) = (NodeId::from_bits(8), SessionId::from_u128(1));
        courier.post(to, Letter::Adopted { session, epoch: 1 });
        assert!(courier.bags.lock().is_empty(), "the cluster is not reached");
        courier.set_reached(true);
        courier.post(to, Letter::Adopted { session, epoch: 1 });
        assert!(courier.put(to, b"\xc1of a newer version"));
        courier
            .post(to, Letter::Gone { room: RoomId::from_u128(2), to: session, moves: 0, heard: 0 });
        let bag = courier.bags.lock().remove(&to).unwrap();
        assert_eq!(sender(&bag), Some(NodeId::from_bits(7)));
        let read: Vec<_> = letters(&bag).collect();
        let [Some(Letter::Adopted { .. }), None, Some(Letter::Gone { to, .. })] = &read[..] else {
            panic!("{read:?}")
        };
        assert_eq!(*to, session);
        for cut in 0..bag.len() {
            let _ = letters(&bag[..cut]).count();
        }
    }

    #[test]
    fn no_more_waits_for_a_node_than_the_bound() {
        let courier = Courier::new(NodeId::from_bits(7), Arc::new(Metrics::new()));
        let letter = vec![0; 1 << 20];
        let taken = (0..1000).filter(|_| courier.put(NodeId::from_bits(8), &letter)).count();
        assert!((1..10).contains(&taken), "{taken}");
    }
}
