//! The relay through real sockets: each test starts one of its own in this
//! process, and a typed client talks to it.

#![allow(unreachable_pub)]

mod coturn;
mod running;
