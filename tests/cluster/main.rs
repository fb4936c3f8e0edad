//! Real processes that are one service by real NATS servers, with what happens to
//! them: nodes that stop, die or are cut off, and NATS that goes away.
//!
//! The integration suite runs on several nodes as well; here stands what it can't
//! show: processes end one by one, and clients choose where they go.

#![allow(unreachable_pub)]

mod apart;
mod bans;
#[path = "../service/client.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod client;
mod crowd;
mod flags;
#[path = "../service/folder.rs"]
mod folder;
mod logs;
#[path = "../service/memory.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod memory;
#[path = "../shared/mix.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod mix;
#[path = "../shared/nats.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod nats;
#[path = "../service/nodes.rs"]
mod nodes;
mod outage;
mod pairing;
#[path = "../cluster_port/proxy.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod proxy;
mod rolling;
#[path = "../service/server.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod server;
mod sessions;
mod stopped;
#[path = "../service/visitor.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod visitor;
