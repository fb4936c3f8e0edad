//! What keeps one client from costing others.

pub mod address;
pub mod limiter;
pub mod limits;
pub mod session;
mod table;
