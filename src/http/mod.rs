//! The edge: what the service answers over HTTP.

mod admission;
mod cors;
mod ice;
mod ops;
pub mod origin;
mod page;
mod public;
mod resume;
mod stats;
mod upgrade;

pub use ops::operations;
pub use public::{Front, public};
