//! The sessions of this process.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::handle::Session;
use crate::ids::SessionId;

/// Finds sessions. Asked when a connection comes or goes and when the process
/// stops, never for a pairing or a signal.
#[derive(Debug, Default)]
pub struct Registry(Mutex<HashMap<SessionId, Arc<Session>>>);

impl Registry {
    /// Adds one.
    pub fn add(&self, session: Arc<Session>) {
        self.0.lock().insert(session.id(), session);
    }

    /// Takes one out.
    pub fn remove(&self, session: SessionId) {
        self.0.lock().remove(&session);
    }

    /// All that are there now.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Session>> {
        self.0.lock().values().cloned().collect()
    }

    /// How many are there now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.lock().len()
    }

    /// Whether none is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
