//! Who is paired with whom: the pure pool, its rules, and the actor around it.

mod abroad;
mod acquaintances;
mod across;
pub mod actor;
mod age_set;
mod alarms;
pub mod broker;
mod config;
mod fingerprint;
mod gone;
pub mod host;
mod interests;
mod language_index;
mod members;
pub mod parts;
mod person;
mod policy;
pub mod pool;
pub mod proposal;
mod queue;
mod search;
mod table;
pub mod ticket;
mod tickets;
