//! Real WebRTC peers: two in one process, by signals that are handed over directly
//! or through a running server.

#![allow(unreachable_pub)]

#[path = "../service/client.rs"]
#[allow(dead_code)]
mod client;
mod direct;
mod ends;
#[path = "../service/folder.rs"]
#[allow(dead_code)]
mod folder;
#[path = "../service/memory.rs"]
#[allow(dead_code)]
mod memory;
mod pair;
mod relayed;
#[path = "../turn/running.rs"]
#[allow(dead_code)]
mod running;
#[path = "../service/server.rs"]
#[allow(dead_code)]
mod server;
mod support;
