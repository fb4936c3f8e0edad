//! A world of simulated people around the real host and the real sessions.
#![allow(unreachable_pub, reason = "a test's own module")]

mod ledger;
mod person;
mod view;
mod world;

pub use world::World;
