//! The service through real sockets: the binary is started on free ports, and
//! typed clients talk to it. Each test starts a server of its own.

#![allow(unreachable_pub)]

mod allocation;
mod away;
mod away_store;
mod backpressure;
mod bad_frames;
mod bad_messages;
mod bans;
mod client;
mod closing;
mod draining;
mod flags;
mod folder;
mod full;
mod full_socket;
mod handshake;
mod http;
mod ice;
mod identity;
mod kept;
mod leaving;
mod limits;
mod liveness;
mod logs;
mod memory;
mod metrics;
mod nodes;
mod order;
mod origin;
mod overflow;
mod pairing;
mod pictures;
mod preferences;
mod private;
mod raw;
mod relay;
mod rematch;
mod replay;
mod reports;
mod restart;
mod resume;
mod resume_metrics;
mod secret;
mod server;
mod stopping;
mod takeover;
mod tokens;
mod turn;
mod visitor;
