//! The relay through real sockets: each test starts one of its own in this
//! process, and a typed client talks to it.

#![allow(unreachable_pub)]

mod allocate;
mod binding;
mod client;
mod coturn;
mod credentials;
mod data;
mod flood;
mod logs;
mod manage;
mod peers;
mod quotas;
mod rubbish;
mod running;
mod stream;
mod tls;
mod wire;
