//! The sessions of this process.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::HashMap as QuickMap;
use parking_lot::Mutex;

use super::handle::Session;
use super::token::TokenHash;
use crate::ids::PersonId;

/// Finds sessions by the hash of their tokens. Asked when a connection or a
/// session comes or goes, never for a pairing or a signal. Bounded by the
/// connections and by the grace of those that dropped.
#[derive(Debug, Default)]
pub struct Registry(Mutex<Sessions>);

#[derive(Debug, Default)]
struct Sessions {
    by_token: HashMap<TokenHash, Arc<Session>>,
    /// How many each person has, where that is more than none.
    of_person: QuickMap<PersonId, u32>,
}

impl Registry {
    /// Adds one.
    pub fn add(&self, session: Arc<Session>) {
        let mut sessions = self.0.lock();
        *sessions.of_person.entry(session.person()).or_default() += 1;
        if let Some(replaced) = sessions.by_token.insert(session.token(), session) {
            sessions.uncount(&replaced);
        }
    }

    /// Takes one out, but no other of the same token.
    pub fn remove(&self, session: &Session) {
        let mut sessions = self.0.lock();
        let known = sessions.by_token.get(&session.token());
        if known.is_some_and(|known| std::ptr::eq(&**known, session)) {
            sessions.by_token.remove(&session.token());
            sessions.uncount(session);
        }
    }

    /// The session of a token.
    #[must_use]
    pub fn find(&self, token: TokenHash) -> Option<Arc<Session>> {
        self.0.lock().by_token.get(&token).cloned()
    }

    /// Whether a person has a session.
    #[must_use]
    pub fn has(&self, person: PersonId) -> bool {
        self.0.lock().of_person.contains_key(&person)
    }

    /// All that are there now.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Session>> {
        self.0.lock().by_token.values().cloned().collect()
    }
}

impl Sessions {
    fn uncount(&mut self, session: &Session) {
        if let Some(count) = self.of_person.get_mut(&session.person()) {
            *count -= 1;
            if *count == 0 {
                self.of_person.remove(&session.person());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus::IntGauge;

    use super::*;
    use crate::identity::Identity;
    use crate::ids::SessionId;
    use crate::session::token::Token;

    #[test]
    fn a_person_is_here_as_long_as_one_session_is() {
        let identity = Identity::of_session(SessionId::from_u128(1));
        let session = || {
            let (id, token) = (SessionId::random(), Token::random().hash());
            Session::new(id, token, identity, IntGauge::new("bytes", "kept").unwrap())
        };
        let (one, other, sessions) = (session(), session(), Registry::default());
        sessions.add(one.clone());
        sessions.add(other.clone());
        sessions.add(other.clone());
        sessions.remove(&one);
        sessions.remove(&one);
        assert!(sessions.has(identity.person()));
        sessions.remove(&other);
        assert!(!sessions.has(identity.person()));
    }
}
