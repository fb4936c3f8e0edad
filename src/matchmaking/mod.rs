//! Who is paired with whom: the pure pool, its rules, and the actor around it.

mod acquaintances;
pub mod actor;
mod age_set;
mod alarms;
mod config;
mod fingerprint;
pub mod host;
mod language_index;
mod person;
mod policy;
pub mod pool;
mod queue;
mod search;
mod table;
mod ticket;
mod tickets;
