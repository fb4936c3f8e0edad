//! What keeps one client from costing others.

pub mod limiter;
