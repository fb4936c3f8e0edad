//! Rooms of two: sitting down, signals across the table, and parting.
//!
//! A room is nothing but two seats that name each other. There is no table of
//! rooms: each session's own state is the only authority on where it sits.

mod parcel;
mod pass;
mod relay;
mod seating;

pub use parcel::Parcel;
pub use pass::Pass;
pub use relay::relay;
pub use seating::{Chair, Invitation, part, seat, seat_across};
