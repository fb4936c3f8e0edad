//! Every metric of the service, declared in one place.
//!
//! All names begin with `passerby_`; every label has a fixed set of values.

mod cluster;
mod declare;
mod moderation;
mod service;
mod sharded;
mod store;
mod tally;
mod turn;

pub use cluster::{ClusterMetrics, Handover};
pub use moderation::ModerationMetrics;
pub use service::{ByMode, Counted, Metrics, Scope};
pub use sharded::Sharded;
pub use store::{Dropped, StoreMetrics, Written};
pub use tally::Tally;
pub use turn::{Direction, Refusal, Transport, TurnMetrics};
