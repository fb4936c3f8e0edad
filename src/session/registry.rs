//! The sessions of this process.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::handle::Session;
use super::token::TokenHash;

/// Finds sessions by the hash of their tokens. Asked when a connection or a
/// session comes or goes, never for a pairing or a signal. Bounded by the
/// connections and by the grace of those that dropped.
#[derive(Debug, Default)]
pub struct Registry(Mutex<HashMap<TokenHash, Arc<Session>>>);

impl Registry {
    /// Adds one.
    pub fn add(&self, session: Arc<Session>) {
        self.0.lock().insert(session.token(), session);
    }

    /// Takes one out, but no other of the same token.
    pub fn remove(&self, session: &Session) {
        let mut sessions = self.0.lock();
        if sessions.get(&session.token()).is_some_and(|known| std::ptr::eq(&**known, session)) {
            sessions.remove(&session.token());
        }
    }

    /// The session of a token.
    #[must_use]
    pub fn find(&self, token: TokenHash) -> Option<Arc<Session>> {
        self.0.lock().get(&token).cloned()
    }

    /// All that are there now.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Session>> {
        self.0.lock().values().cloned().collect()
    }
}
