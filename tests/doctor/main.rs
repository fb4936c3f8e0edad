//! `passerby doctor` against real servers: each check says that all is well, and what
//! is wrong where something is.

#![allow(unreachable_pub)]

#[path = "../shared/nats.rs"]
#[expect(dead_code, reason = "others ask it for more")]
mod nats_server;
#[path = "../shared/postgres.rs"]
#[expect(dead_code, reason = "others ask it for more")]
mod postgres;

mod clock;
mod database;
mod folders;
mod gate;
mod nats;
mod ports;
mod relay;
mod run;
mod secret;
mod url;
