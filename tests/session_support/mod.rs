//! A simulated service: real sessions and the real host, between clients and
//! connections that are played. Tasks take turns by chance, time is virtual,
//! and books of its own say what each client is owed.

mod book;
mod books;
mod client;
mod connection;
mod owed;
mod restart;
mod resume;
mod say;
mod server;
mod settle;
mod tally;
mod tasks;
mod world;

pub(crate) use world::{Weather, World};
