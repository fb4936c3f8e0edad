//! The store in SQL, for SQLite and PostgreSQL alike.
//!
//! Every statement is written once, with `$1` placeholders and types that both
//! databases know; what differs (opening, transactions, migrations) is in
//! `database.rs` and `migrations.rs`. Values are always bound, never written into
//! a statement.

mod bans;
mod database;
mod erase;
mod examine;
mod in_runtime;
mod migrations;
mod pictures;
mod purge;
mod reports;
mod row;
mod separations;
mod service;
mod sql_store;
mod trouble;
mod value;

pub use examine::{Examined, Unexamined};
pub use sql_store::{SqlStore, open};
pub use trouble::Barrier;
