//! One simulated person: a WebSocket client that speaks the protocol.
//!
//! A [`Person`] owns its connection, its session across connections, and its
//! chance; everything it says and hears goes through the oracle. What it does,
//! the scenarios say.

mod backoff;
mod dial;
mod evidence;
mod incoming;
mod life;
mod line;
mod outgoing;
mod payload;
mod person;
mod speak;
mod trouble;

pub use dial::{Dial, Socket, dial};
pub use trouble::Trouble;

pub(super) use incoming::{Heard, Incoming};
pub(super) use life::live;
pub(super) use person::Person;
