//! The port by which a node uses a cluster.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;

use crate::ids::NodeId;

/// What a call takes at most; it answers [`Away`] then.
pub const DEADLINE: Duration = Duration::from_secs(2);
/// The largest message. A larger one is not sent; the answer is [`Away`].
pub const MAX_MESSAGE_BYTES: usize = 16 << 20;
/// Events that may wait for the node. Full: the adapter stops reading. What then
/// doesn't fit into its own bounded buffers is dropped, and the node is told by
/// [`Event::Lost`] and [`Event::Reached`] that something is missing.
pub const EVENTS: usize = 1024;

/// A change that a node hears of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Another node, or this one, sent this to this node, or another to all. Some may
    /// pass while the cluster as a whole is not reached.
    Message(Bytes),
    /// An entry has a value now, written by whomever. That one ran out is not told:
    /// who heard of it knows how long it stands.
    Entry {
        /// Which.
        key: String,
        /// What it is now; `None`: it was deleted.
        value: Option<Bytes>,
    },
    /// The cluster is reached, for the first time or again. What was sent meanwhile
    /// may be lost; every entry that stands is told anew right after.
    Reached,
    /// It can't be reached, or some of what it sent was lost here. A node that has
    /// not heard [`Event::Reached`] yet has not reached it either.
    Lost,
}

/// The state of an entry: each write of it makes another, higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub(super) u64);

/// The cluster could not be reached, or did not answer within the [`DEADLINE`].
/// What was asked for may have been done all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cluster can't be reached")]
pub struct Away;

/// What a call of the port gives: it does its work while it is awaited.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Away>> + Send + 'a>>;

/// A node's place in a cluster. It leaves when this is dropped; its entries stay
/// until they run out. The other half of the place is a receiver of [`Event`]s
/// ([`EVENTS`]).
///
/// Keys are words of letters, digits, `-` and `_` with dots between them. Values are
/// small: some kilobytes.
pub trait Cluster: Send + Sync + 'static {
    /// Sends to one node, which may be this one. It arrives whole or not at all,
    /// after all that this node had sent to that one before; `Ok` doesn't say that
    /// it arrives. Nobody is told where there is no such node.
    fn send(&self, to: NodeId, message: Bytes) -> Answer<'_, ()>;

    /// Sends to every other node; arrives like [`Cluster::send`], in order among what
    /// was sent to all, in no order with what was sent to one.
    fn send_to_all(&self, message: Bytes) -> Answer<'_, ()>;

    /// Writes an entry that doesn't stand; `None`: it does.
    fn create(&self, key: &str, value: Bytes) -> Answer<'_, Option<Revision>>;

    /// Writes an entry again that stands at `revision`; `None`: it was written or
    /// deleted by another, or it ran out.
    fn update(&self, key: &str, value: Bytes, revision: Revision) -> Answer<'_, Option<Revision>>;

    /// Writes an entry, whether it stands or not.
    fn put(&self, key: &str, value: Bytes) -> Answer<'_, Revision>;

    /// Deletes an entry that stands at `revision`, and leaves it otherwise.
    fn delete(&self, key: &str, revision: Revision) -> Answer<'_, ()>;
}
