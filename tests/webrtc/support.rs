//! What the tests have in common.

use std::net::SocketAddr;
use std::time::Duration;

use passerby::load::webrtc::{IceServerConfig, Options, Outcome, Path, Peer, Route, Signal};
use passerby::protocol::Role;
use serde_json::json;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::running::{DEADLINE, password};

/// A username that the relay knows.
pub const USERNAME: &str = "9999999999:peer";

/// Options with patience: machines are noisy.
pub fn patient(route: Route) -> Options {
    Options { route, deadline: DEADLINE, ..Options::default() }
}

/// Options that give up soon, for what can't succeed.
pub fn hasty(route: Route) -> Options {
    Options { route, deadline: Duration::from_millis(300), ..Options::default() }
}

/// A STUN server.
pub fn stun(server: SocketAddr) -> Vec<IceServerConfig> {
    serde_json::from_value(json!([{"urls": format!("stun:{server}")}])).unwrap()
}

/// A TURN server by this transport, with credentials that hold.
pub fn turn(server: SocketAddr, transport: &str) -> Vec<IceServerConfig> {
    turn_with(server, transport, &password(USERNAME))
}

/// A TURN server with this password.
pub fn turn_with(server: SocketAddr, transport: &str, password: &str) -> Vec<IceServerConfig> {
    let url = format!("turn:{server}?transport={transport}");
    let server = json!({"urls": [url], "username": USERNAME, "credential": password});
    serde_json::from_value(json!([server])).unwrap()
}

/// A peer and the ends of its signalling.
pub struct Wired {
    pub peer: Peer,
    pub signals_in: Receiver<Signal>,
    pub signals_out: Sender<Signal>,
}

impl Wired {
    pub async fn run(self) -> Outcome {
        self.peer.run(self.signals_in, self.signals_out).await
    }
}

/// An offerer and an answerer whose signals go directly to the other.
pub fn wired(servers: &[IceServerConfig], options: &Options) -> [Wired; 2] {
    let (to_answerer, from_offerer) = channel(16);
    let (to_offerer, from_answerer) = channel(16);
    let peer = |role| Peer::new(role, servers, options.clone());
    [
        Wired { peer: peer(Role::Offerer), signals_in: from_answerer, signals_out: to_answerer },
        Wired { peer: peer(Role::Answerer), signals_in: from_offerer, signals_out: to_offerer },
    ]
}

/// Has two peers call each other.
pub async fn call(servers: &[IceServerConfig], options: &Options) -> [Outcome; 2] {
    let [offerer, answerer] = wired(servers, options);
    tokio::join!(offerer.run(), answerer.run()).into()
}

/// Asserts that both connected by this path and heard everything.
pub fn assert_connected(outcomes: &[Outcome; 2], path: Path) {
    for outcome in outcomes {
        assert!(outcome.connected() && outcome.why.is_none(), "{outcome:?}");
        assert_eq!(outcome.path, Some(path), "{outcome:?}");
    }
}
