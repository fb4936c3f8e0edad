//! A peer as its owner sees it.

use std::time::Instant;

use tokio::sync::mpsc::{Receiver, Sender};

use super::call::Call;
use super::options::Options;
use super::outcome::Outcome;
use super::servers::{IceServerConfig, Server, servers};
use super::signal::Signal;
use crate::protocol::Role;

/// A real WebRTC peer: ICE, DTLS and a data channel that echoes.
///
/// Nothing of it outlives [`run`](Self::run), whether that ends or is dropped: its
/// sockets are closed and its allocations at relays ended.
pub struct Peer {
    role: Role,
    servers: Vec<Server>,
    options: Options,
    matched: Instant,
}

impl Peer {
    /// One that was matched just now: its times count from here.
    #[must_use]
    pub fn new(role: Role, ice_servers: &[IceServerConfig], options: Options) -> Self {
        Self { role, servers: servers(ice_servers), options, matched: Instant::now() }
    }

    /// Calls the partner, by signals that are carried to and from it. Waits for
    /// `signals_out` to have room, and goes on meanwhile; where `signals_in` ends,
    /// a call that has found a path yet goes on.
    pub async fn run(self, signals_in: Receiver<Signal>, signals_out: Sender<Signal>) -> Outcome {
        let mut call = Call::new(self.role, self.options, self.matched);
        let ended = call.drive(&self.servers, signals_in, signals_out).await;
        call.outcome(ended)
    }
}
