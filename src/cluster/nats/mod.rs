//! A cluster on NATS: many processes, on many machines.
//!
//! Messages are NATS's own, to a subject a node and one for all; entries are those
//! of a key-value bucket in JetStream, in memory, whose age is bounded. Each
//! connection is a session of its own: nothing that was meant for an old one is sent
//! on a new one. `PREFIX` keeps services on one NATS apart: the subjects are
//! `PREFIX.to.NODE` and `PREFIX.all`, the bucket is called `PREFIX`.

mod address;
mod bucket;
mod parts;
mod place;
mod probe;
mod session;
mod trouble;
mod watch;

pub use address::WrongAddress;
pub use place::join;
pub use probe::{Probed, probe};
pub use trouble::Trouble;
