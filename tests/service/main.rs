//! The service through real sockets: the binary is started on free ports, and
//! typed clients talk to it. Each test starts a server of its own.

#![allow(unreachable_pub)]

mod backpressure;
mod bad_frames;
mod bad_messages;
mod client;
mod closing;
mod draining;
mod flags;
mod handshake;
mod http;
mod leaving;
mod liveness;
mod logs;
mod metrics;
mod order;
mod origin;
mod pairing;
mod preferences;
mod raw;
mod relay;
mod rematch;
mod server;
