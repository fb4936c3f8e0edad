//! Where the servers are, and what they are shown.

use std::fmt;

use async_nats::{ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;

/// What is wrong with how a cluster is named. It quotes nothing of it: an address
/// may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongAddress {
    /// Not a list of addresses.
    #[error("an address of NATS looks like nats://HOST:PORT, several stand with commas between")]
    Malformed,
    /// Two users or passwords.
    #[error("the servers of one NATS take the same user and password")]
    Credentials,
    /// A prefix that can't stand in a subject and in the name of a bucket.
    #[error("a prefix is made of letters, digits, - and _")]
    Prefix,
}

/// The servers of one NATS. Its text form holds no password.
#[derive(Clone)]
pub(super) struct Address {
    servers: Vec<ServerAddr>,
    credentials: Option<Credentials>,
}

#[derive(Clone, PartialEq, Eq)]
enum Credentials {
    Token(String),
    Password { user: String, password: String },
}

impl Address {
    /// Reads `nats://USER:PASSWORD@HOST:PORT` or `nats://TOKEN@HOST:PORT`, the
    /// credentials and the port optional, `tls://` for a server that must speak TLS;
    /// several with commas between.
    pub(super) fn parse(text: &str) -> Result<Self, WrongAddress> {
        let mut address = Self { servers: Vec::new(), credentials: None };
        for part in text.split(',') {
            let server: ServerAddr = part.trim().parse().map_err(|_| WrongAddress::Malformed)?;
            let known = matches!(server.scheme(), "nats" | "tls");
            if !known || server.host().is_empty() {
                return Err(WrongAddress::Malformed);
            }
            address.add(server)?;
        }
        Ok(address)
    }

    /// The client logs the addresses that it has: it gets them without credentials.
    fn add(&mut self, server: ServerAddr) -> Result<(), WrongAddress> {
        if let Some(credentials) = Credentials::of(&server)? {
            if self.credentials.as_ref().is_some_and(|others| *others != credentials) {
                return Err(WrongAddress::Credentials);
            }
            self.credentials = Some(credentials);
        }
        let mut url = server.into_inner();
        url.set_username("").map_err(|()| WrongAddress::Malformed)?;
        url.set_password(None).map_err(|()| WrongAddress::Malformed)?;
        self.servers.push(ServerAddr::from_url(url).map_err(|_| WrongAddress::Malformed)?);
        Ok(())
    }

    pub(super) fn servers(&self) -> &[ServerAddr] {
        &self.servers
    }

    /// Options of a connection that shows the credentials.
    pub(super) fn options(&self) -> ConnectOptions {
        match self.credentials.clone() {
            None => ConnectOptions::new(),
            Some(Credentials::Token(token)) => ConnectOptions::with_token(token),
            Some(Credentials::Password { user, password }) => {
                ConnectOptions::with_user_and_password(user, password)
            }
        }
    }
}

impl Credentials {
    fn of(server: &ServerAddr) -> Result<Option<Self>, WrongAddress> {
        let plain = |text: &str| {
            let decoded = percent_decode_str(text).decode_utf8();
            decoded.map(String::from).map_err(|_| WrongAddress::Malformed)
        };
        Ok(match (server.username(), server.password()) {
            (None, None) => None,
            (None, Some(_)) => return Err(WrongAddress::Malformed),
            (Some(token), None) => Some(Self::Token(plain(token)?)),
            (Some(user), Some(password)) => {
                Some(Self::Password { user: plain(user)?, password: plain(password)? })
            }
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let servers = self
            .servers
            .iter()
            .map(|server| format!("{}://{}:{}", server.scheme(), server.host(), server.port()));
        f.write_str(&servers.collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Option<WrongAddress> {
        Address::parse(text).err()
    }

    #[test]
    fn several_servers_share_credentials_that_are_never_shown() {
        let address = Address::parse("nats://me:p%40ss@one:4000, two,tls://three").unwrap();
        assert_eq!(address.to_string(), "nats://one:4000,nats://two:4222,tls://three:4222");
        assert!(address.servers().iter().all(|server| !format!("{server:?}").contains("40ss")));
        let password = Credentials::Password { user: "me".into(), password: "p@ss".into() };
        assert!(address.credentials == Some(password));
        let address = Address::parse("nats://word@one").unwrap();
        assert!(address.credentials == Some(Credentials::Token("word".into())));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for text in ["", "nats://", "http://one", "nats://one,,two", "ws://one", "nats://:pw@one"] {
            assert_eq!(wrong(text), Some(WrongAddress::Malformed), "{text}");
        }
        assert_eq!(wrong("nats://a:b@one,nats://a:c@two"), Some(WrongAddress::Credentials));
        assert_eq!(wrong("nats://a:b@one,nats://a:b@two"), None);
    }
}
