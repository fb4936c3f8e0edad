//! How a peer connects and what it does then.

use std::net::IpAddr;
use std::time::Duration;

/// What is asked of both peers of a pair.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which candidates a peer tells its partner of.
    pub route: Route,
    /// Over what TURN servers are reached; all that are named where it is none.
    pub relay_over: Option<Transport>,
    /// The local addresses that sockets are bound to. Where there are none, the
    /// loopback's and those that the machine would reach the Internet from.
    pub sources: Vec<IpAddr>,
    /// How long it may take until the first echo, and from each echo to the next
    /// beyond `every`.
    pub deadline: Duration,
    /// Messages that the offerer sends, one after the other's echo; at least one
    /// is sent.
    pub messages: u32,
    /// How long the offerer rests between an echo and its next message.
    pub every: Duration,
}

impl Default for Options {
    /// Any route, ten messages without a rest, half a minute.
    fn default() -> Self {
        Self {
            route: Route::Any,
            relay_over: None,
            sources: Vec::new(),
            deadline: Duration::from_secs(30),
            messages: 10,
            every: Duration::ZERO,
        }
    }
}

/// Which candidates a peer tells its partner of (RFC 8445, section 5.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// All.
    Any,
    /// Server-reflexive ones alone, which a STUN server told.
    Stun,
    /// Relayed ones alone: what goes out comes from a TURN server. It is what
    /// browsers call the transport policy `relay`.
    Relay,
}

/// Over what a TURN server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}
