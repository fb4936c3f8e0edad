//! What all connections of this process share.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::handle::Session;
use super::registry::Registry;
use super::services::Services;
use super::token::{TokenHash, TokenKey};
use crate::clock::Clock;
use crate::exchange::members::Sums;
use crate::exchange::office::Office;
use crate::guard::address::AddressLimits;
use crate::guard::session::SessionLimits;
use crate::ice::Ice;
use crate::identity::Identity;
use crate::ids::{NodeId, SessionId};
use crate::matchmaking::actor::Matchmaker;
use crate::metrics::Metrics;
use crate::moderation::Moderation;
use crate::turn::Relay;

/// The process as a connection sees it.
#[derive(Debug)]
pub struct Node {
    /// Which of a cluster's nodes it is.
    pub id: NodeId,
    /// The time.
    pub clock: Clock,
    /// The instruments.
    pub metrics: Arc<Metrics>,
    /// Who pairs people.
    pub matchmaker: Matchmaker,
    /// Who is here, or may come back.
    pub sessions: Registry,
    /// The ways through people's networks.
    pub ice: Arc<Ice>,
    /// The relay inside, if there is one: it is told of sessions that end.
    pub relay: Option<Relay>,
    /// What signs the tokens that it gives out.
    pub tokens: TokenKey,
    /// Who takes reports and says who is banned.
    pub moderation: Arc<Moderation>,
    /// What one address may do.
    pub address_limits: AddressLimits,
    /// What a new session may do.
    pub session_limits: SessionLimits,
    /// Its part among other nodes, if there may be any.
    pub office: Option<Arc<Office>>,
    /// How long a dropped connection keeps its session.
    pub grace: Duration,
    /// With more connections than this, new people are sent away.
    pub max_connections: u64,
    /// Whether the process stops: new connections are refused, and no session
    /// runs out.
    pub stopping: AtomicBool,
}

impl Node {
    /// With what messages are acted upon.
    #[must_use]
    pub fn services(&self) -> Services<'_> {
        Services {
            ice: &self.ice,
            metrics: &self.metrics,
            moderation: &self.moderation,
            limits: &self.address_limits,
        }
    }

    /// A session of this process, not yet in its registry.
    #[must_use]
    pub fn new_session(&self, id: SessionId, token: TokenHash, identity: Identity) -> Arc<Session> {
        let (kept_bytes, limits) = (self.metrics.kept_bytes.clone(), self.session_limits.clone());
        Session::limited(id, token, identity, kept_bytes, limits)
    }

    /// The number of people connected, on all nodes.
    #[must_use]
    pub fn online(&self) -> u64 {
        self.metrics.online() + self.elsewhere().online
    }

    /// The people of all other nodes.
    #[must_use]
    pub fn elsewhere(&self) -> Sums {
        self.office.as_ref().map(|office| office.elsewhere()).unwrap_or_default()
    }

    /// Whether new people are sent away.
    #[must_use]
    pub fn full(&self) -> bool {
        self.metrics.online() > self.max_connections
    }
}
