//! The ways through people's networks: the STUN and TURN server inside, or
//! others.

use std::sync::Arc;

use crate::config::{IceFlags, Serve};
use crate::ice::{Ice, IceUrl, RelayAccess};
use crate::metrics::Metrics;
use crate::secret::Secret;
use crate::turn_server::{TurnServer, wall};

/// What people are told, and the server inside if there is one.
pub(crate) struct Ways {
    pub(crate) ice: Arc<Ice>,
    pub(crate) server: Option<TurnServer>,
}

impl Ways {
    /// As the flags have it. A server inside that can't be had is missed, and
    /// the service goes on: most calls need none.
    pub(crate) fn open(config: &Serve, secret: &Secret, metrics: &Arc<Metrics>) -> Self {
        let flags = &config.ice;
        let server = flags.relay_inside().then(|| inside(config, secret, metrics)).flatten();
        let (stun, relay) = match &server {
            Some(server) => {
                (server.stun.clone(), Some(RelayAccess::new(server.turn.clone(), secret)))
            }
            None => (Vec::new(), elsewhere(flags, secret)),
        };
        let stun = if flags.stun_urls.is_empty() { stun } else { texts(&flags.stun_urls) };
        let (ttl, privacy) = (flags.turn_ttl_ms, flags.private.into());
        Self { ice: Arc::new(Ice { stun, relay, ttl, privacy, wall }), server }
    }
}

fn inside(config: &Serve, secret: &Secret, metrics: &Arc<Metrics>) -> Option<TurnServer> {
    let alone = config.turn.turn_listen.iter().all(|at| at.ip().is_loopback());
    if alone && !config.listen.ip().is_loopback() {
        tracing::warn!("--turn-listen is this machine's own: nobody else can use the relay");
    }
    match TurnServer::start(&config.turn, config.process.workers(), secret, metrics) {
        Ok(server) => Some(server),
        Err(error) => {
            tracing::warn!(%error, "going on without a relay");
            None
        }
    }
}

fn elsewhere(flags: &IceFlags, secret: &Secret) -> Option<RelayAccess> {
    let urls = texts(&flags.turn_urls);
    let secret = flags.turn_secret.as_ref().unwrap_or(secret);
    (!urls.is_empty()).then(|| RelayAccess::new(urls, secret))
}

fn texts(urls: &[IceUrl]) -> Vec<String> {
    urls.iter().cloned().map(String::from).collect()
}
