//! What a node is told of the cluster when it starts.

use std::time::Duration;

use crate::ids::NodeId;
use crate::matchmaking::pool::Config;

/// All of it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its id.
    pub me: NodeId,
    /// Its name, for people.
    pub name: String,
    /// How long entries of the cluster stand.
    pub ttl: Duration,
    /// How long a dropped connection keeps its session.
    pub grace: Duration,
    /// Into how many parts each mode's pool is split.
    pub parts: u8,
    /// The rules of pairing.
    pub rules: Config,
}
