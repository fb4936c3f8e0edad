//! Gives out ICE servers, with credentials that are fresh each time.

use std::time::Duration;

use super::credentials::Signer;
use super::privacy::{NoRelay, Privacy};
use crate::ids::SessionId;
use crate::protocol::{IceServer, Mode, OfferedPrivacy};
use crate::secret::Secret;

/// How TURN servers are reached: theirs inside the process, or others.
#[derive(Debug)]
pub struct RelayAccess {
    urls: Vec<String>,
    signer: Signer,
}

impl RelayAccess {
    /// Servers at `urls`, `turn:` and `turns:` (RFC 7065), that share `secret`.
    #[must_use]
    pub fn new(urls: Vec<String>, secret: &Secret) -> Self {
        Self { urls, signer: Signer::new(secret) }
    }
}

/// All that a client is told of the ways through its network.
#[derive(Debug)]
pub struct Ice {
    /// `stun:` addresses (RFC 7064).
    pub stun: Vec<String>,
    /// The relays, if there are any.
    pub relay: Option<RelayAccess>,
    /// How long credentials are good for.
    pub ttl: Duration,
    /// Who hides an address.
    pub privacy: Privacy,
    /// The wall clock, in seconds since 1970. It is asked each time: a machine
    /// may set it right long after the start, and other machines check it.
    pub wall: fn() -> u64,
}

impl Ice {
    /// No servers: browsers meet only where one can reach the other by itself.
    #[must_use]
    pub fn none() -> Self {
        Self {
            stun: Vec::new(),
            relay: None,
            ttl: Duration::ZERO,
            privacy: Privacy::Choice,
            wall: || 0,
        }
    }

    /// The servers, with credentials for a session.
    #[must_use]
    pub fn for_session(&self, session: SessionId) -> Vec<IceServer<'_>> {
        self.issue(session.text(&mut [0; 36]))
    }

    /// The servers, with credentials for somebody without a session.
    #[must_use]
    pub fn for_guest(&self) -> Vec<IceServer<'_>> {
        self.issue(&format!("guest-{}", SessionId::random()))
    }

    /// How long credentials are good for, in whole seconds.
    #[must_use]
    pub fn ttl_seconds(&self) -> u64 {
        self.ttl.as_secs()
    }

    /// Whether somebody may wait for a partner in this way.
    ///
    /// # Errors
    /// [`NoRelay`].
    pub fn admit(&self, mode: Mode, asks_privacy: bool) -> Result<(), NoRelay> {
        self.privacy.admit(mode, asks_privacy, self.relay.is_some())
    }

    /// Whether and how addresses are hidden here.
    #[must_use]
    pub fn offered_privacy(&self) -> OfferedPrivacy {
        self.privacy.offered(self.relay.is_some())
    }

    fn issue(&self, name: &str) -> Vec<IceServer<'_>> {
        let mut servers = Vec::with_capacity(2);
        if !self.stun.is_empty() {
            servers.push(IceServer { urls: &self.stun, username: None, credential: None });
        }
        if let Some(RelayAccess { urls, signer }) = &self.relay {
            let made = signer.sign(name, (self.wall)().saturating_add(self.ttl_seconds()));
            let (username, credential) = (Some(made.username), Some(made.password));
            servers.push(IceServer { urls, username, credential });
        }
        servers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ice() -> Ice {
        let urls = vec!["turn:relay.example".to_owned()];
        let relay = Some(RelayAccess::new(urls, &Secret::new("north").unwrap()));
        let stun = vec!["stun:relay.example".to_owned()];
        Ice { stun, relay, ttl: Duration::from_secs(600), wall: || 1_000, ..Ice::none() }
    }

    #[test]
    fn a_session_gets_credentials_in_its_name_that_end() {
        let (ice, session) = (ice(), SessionId::from_u128(7));
        let servers = ice.for_session(session);
        assert_eq!(servers[0].urls, ["stun:relay.example"]);
        assert_eq!(servers[0].username, None);
        let name = format!("1600:{session}");
        assert_eq!(servers[1].username.as_deref(), Some(&*name));
        let expected = Signer::new(&Secret::new("north").unwrap()).password(&name);
        assert_eq!(servers[1].credential.as_deref(), Some(&*expected));
    }

    #[test]
    fn guests_have_names_of_their_own() {
        let ice = ice();
        let names = [ice.for_guest(), ice.for_guest()].map(|mut servers| servers.remove(1));
        assert_ne!(names[0].username, names[1].username);
        assert!(names[0].username.as_ref().unwrap().starts_with("1600:guest-"));
    }

    #[test]
    fn without_servers_nothing_is_given_out() {
        assert!(Ice::none().for_guest().is_empty());
        assert_eq!(Ice::none().admit(Mode::Video, true), Err(NoRelay::Missing));
    }
}
