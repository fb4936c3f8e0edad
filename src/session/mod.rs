//! One client's session: where it stands, what waits to be sent to it, and the
//! task that serves its connection.

mod bell;
mod close;
pub mod connection;
mod dispatch;
mod former;
pub mod handle;
mod inbound;
mod liveness;
pub mod node;
pub mod outbox;
pub mod registry;
pub mod state;
