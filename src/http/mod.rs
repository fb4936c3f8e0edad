//! The edge: what the service answers over HTTP.

mod admission;
mod cors;
pub mod forwarded;
mod ice;
mod kept;
mod ops;
pub mod origin;
mod page;
mod picture;
mod public;
mod resume;
mod security;
mod stats;
mod threads;
mod upgrade;
mod visitor;

pub use ops::operations;
pub use public::{Front, public};
pub use threads::Threads;
