//! The way of letters to other nodes.

use std::fmt;

use super::letter::Letter;
use crate::ids::NodeId;

/// Takes letters for other nodes. It never waits; what can't be carried is lost,
/// as letters may be.
pub trait Post: fmt::Debug + Send + Sync {
    /// For `to`, which may be this node itself.
    fn post(&self, to: NodeId, letter: Letter);
}
