//! Every metric of the service, declared in one place.
//!
//! All names begin with `passerby_`; every label has a fixed set of values.

mod cluster;
mod declare;
mod service;
mod sharded;
mod turn;

pub use cluster::{ClusterMetrics, Handover};
pub use service::{ByMode, Counted, Metrics, Scope};
pub use sharded::Sharded;
pub use turn::{Direction, Refusal, Transport, TurnMetrics};
