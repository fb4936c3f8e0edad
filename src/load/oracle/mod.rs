//! What the service promises (protocol.md, rules 1 to 3, 5 and 6), checked on
//! all that simulated people say and hear.
//!
//! Pure: what is said and heard goes in, what is wrong comes out. [`Ear`] knows
//! one person; what both sides of a room know is joined in the [`Ledger`], which
//! one process keeps for all. Neither knows sockets or time.

mod ear;
mod entries;
mod fault;
mod ledger;
mod mark;
mod numbers;
mod seat;
mod standing;
mod stream;

pub(super) use ear::{Ear, Out};
pub(super) use entries::{Closed, Entered};
pub(super) use fault::{Fault, Rule};
pub(super) use ledger::Ledger;
pub(super) use mark::{Kind, Mark, Name};
pub(super) use standing::Standing;
