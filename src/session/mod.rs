//! One client's session: where it stands, what waits to be sent to it, and the
//! task that serves its connection.

pub mod aftermath;
mod attend;
pub mod attendance;
pub mod bell;
mod close;
pub mod connection;
pub mod desk;
pub mod dispatch;
mod ending;
mod former;
mod frame;
pub mod handle;
mod inbound;
mod line;
pub mod lines;
pub mod link;
mod liveness;
pub mod node;
pub mod outbox;
pub mod permit;
pub mod postbag;
pub mod presence;
pub mod record;
pub mod registry;
pub mod revive;
pub mod separations;
pub mod services;
pub mod state;
pub mod token;
pub mod voice;
pub mod warden;
mod writer;
