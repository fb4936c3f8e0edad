//! The service through real sockets: the binary is started on free ports, and
//! typed clients talk to it. Each test starts a server of its own.

#![allow(unreachable_pub)]

mod client;
mod pairing;
mod server;
