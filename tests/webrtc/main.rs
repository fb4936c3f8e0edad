//! Real WebRTC peers: two in one process, by signals that are handed over directly
//! or through a running server.

#![allow(unreachable_pub)]

#[path = "../service/client.rs"]
#[expect(dead_code, reason = "the service's own tests use more of it")]
mod client;
mod direct;
mod ends;
#[path = "../service/folder.rs"]
mod folder;
#[path = "../service/memory.rs"]
#[expect(dead_code, reason = "the service's own tests use more of it")]
mod memory;
#[path = "../service/nodes.rs"]
mod nodes;
mod pair;
mod relayed;
#[path = "../turn/running.rs"]
#[expect(dead_code, reason = "the relay's own tests use more of it")]
mod running;
#[path = "../service/server.rs"]
#[expect(dead_code, reason = "the service's own tests use more of it")]
mod server;
mod support;
