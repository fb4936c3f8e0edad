//! What several nodes are one service by.
//!
//! A port ([`Cluster`]) with messages between nodes and entries that last as long
//! as they are written again (membership, leases), and its adapters: in memory for
//! the nodes of one process, and NATS. Nothing here knows people, rooms or pools,
//! and nothing decides who holds what: an entry only says who wrote it last.

pub mod local;
pub mod nats;
mod port;

pub use port::{Answer, Away, Cluster, DEADLINE, EVENTS, Event, MAX_MESSAGE_BYTES, Revision};
