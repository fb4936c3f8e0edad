//! Real WebRTC peers: ICE, DTLS and a data channel that echoes, by STUN or forced
//! through TURN.
//!
//! ICE, DTLS and SCTP are str0m's, which has no sockets, gathers nothing and knows
//! no TURN: gathering and a TURN client (RFC 8656) are here. A [`Peer`] is driven
//! by signals and knows no server; [`echo_pair`] brings two together through one.
//! Nothing of it logs.

mod addresses;
mod call;
mod channels;
mod description;
mod echo;
mod host;
mod meeting;
mod network;
mod options;
mod outcome;
mod pair;
mod peer;
mod probe;
mod reflexive;
mod relay;
mod relayed;
mod servers;
mod session;
mod signal;
mod signer;
mod transaction;
mod wire;

pub use meeting::MeetingError;
pub use options::{Options, Route, Transport};
pub use outcome::{Failure, Outcome, Path, RelayError};
pub use pair::echo_pair;
pub use peer::Peer;
pub use probe::probe;
pub use servers::IceServerConfig;
pub use signal::{IceCandidate, Signal};
