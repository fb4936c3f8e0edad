//! An embedded STUN and TURN server (RFC 8489, RFC 8656).
//!
//! Messages, integrity and framing come from the codec crates `stun-types` and
//! `turn-types`; the allocations are our own, as no server crate lets peers be
//! denied, quotas be set and a flood leave nothing behind.
//!
//! It owns its sockets and threads. It must not know of rooms or sessions: an
//! [`Authority`] says who may allocate, and [`Relay::end`] who no longer may.
//! Nothing of it logs an address, a name or a secret.

mod access;
mod allocate;
mod allocation;
mod allocations;
mod answer;
mod attend;
mod authority;
mod client;
mod config;
mod crowd;
mod flood;
mod forward;
pub(crate) mod framing;
mod grants;
mod listen;
mod manage;
mod meter;
mod names;
mod nonce;
mod outbox;
mod peers;
mod ports;
mod relay;
mod relayed;
mod request;
mod reservations;
mod server;
mod special;
mod tcp;
mod threads;
mod tls;
mod udp;

pub use authority::{Account, Authority};
pub use config::{Certificate, Config, Limits};
pub use relay::{Relay, StartError};
pub(crate) use request::message as stun_message;
pub use tls::CertificateError;
