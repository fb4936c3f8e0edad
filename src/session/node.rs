//! What all connections of this process share.

use std::sync::Arc;

use super::registry::Registry;
use crate::clock::Clock;
use crate::matchmaking::actor::Matchmaker;
use crate::metrics::Metrics;

/// The process as a connection sees it.
#[derive(Debug)]
pub struct Node {
    /// The time.
    pub clock: Clock,
    /// The instruments.
    pub metrics: Arc<Metrics>,
    /// Who pairs people.
    pub matchmaker: Matchmaker,
    /// Who is here.
    pub sessions: Registry,
}
