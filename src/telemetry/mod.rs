//! Traces of pairings, for a collector that speaks OTLP.
//!
//! A trace tells of one pair: how long each side waited, how nodes agreed, and how
//! long it took from `matched` to the first answer. Its ids follow from the room's
//! id, which every node that takes part knows: so nothing more has to go with a wait
//! or a message, and where traces are off nothing is done but to look whether they
//! are on. It must not name people, addresses, tokens, or what anybody wrote.

mod collector;
mod span;
mod traces;
mod wall;

pub use collector::WrongVariable;
pub use traces::{Trace, Traces};
