//! What the nodes of a cluster say to each other about people and rooms, and who
//! looks after it.
//!
//! The node that holds a person's session is the only authority on it. Others
//! propose, ask, and hand over; nothing here rests on a letter's arriving, or on
//! its arriving once.

mod awake;
pub mod bridge;
pub mod bridges;
pub mod channel;
pub mod claims;
pub mod courier;
pub mod departures;
pub mod fetching;
pub mod gate;
pub mod inquiry;
pub mod leases;
pub mod letter;
pub mod members;
pub mod moving;
pub mod office;
pub mod placing;
pub mod plan;
pub mod post;
mod returning;
mod road;
pub mod running;
pub mod seekers;
mod spreading;
mod standing;
mod tracing;
pub mod trail;
pub mod waking;
