//! Traces as a collector gets them, of people who are paired on one node, on two of
//! one process, and on two processes.

#![allow(unreachable_pub)]

#[path = "../service/client.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod client;
mod collector;
#[path = "../cluster/crowd.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod crowd;
#[path = "../service/folder.rs"]
mod folder;
#[path = "../service/memory.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod memory;
#[path = "../shared/nats.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod nats;
#[path = "../service/nodes.rs"]
mod nodes;
mod off;
mod pairs;
#[path = "../service/server.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod server;
