//! Every metric of the service, declared in one place.
//!
//! All names begin with `passerby_`; every label has a fixed set of values.

mod declare;
mod service;
mod turn;

pub use service::{Counted, Metrics};
pub use turn::{Direction, Refusal, Transport, TurnMetrics};
