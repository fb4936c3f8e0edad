//! Passerby pairs strangers at random for a video or text chat.
//!
//! The layers, from the bottom: vocabulary ([`ids`], [`clock`], [`protocol`]),
//! pure decisions, ports and instruments, adapters, tasks, the edge, and the
//! composition. Imports only point down; `tests/layers.rs` checks it.

mod announce;
pub mod app;
pub mod clock;
pub mod cluster;
pub mod config;
pub mod doctor;
mod drain;
pub mod exchange;
pub mod guard;
mod handover;
pub mod http;
pub mod ice;
pub mod identity;
pub mod ids;
mod listening;
pub mod load;
pub mod matchmaking;
pub mod metrics;
pub mod moderate;
pub mod moderation;
pub mod privacy;
pub mod protocol;
pub mod room;
mod safekeeping;
pub mod secret;
mod secret_file;
mod service;
pub mod session;
mod signals;
pub mod store;
pub mod telemetry;
pub mod turn;
pub mod turn_alone;
mod turn_server;
mod ways;
