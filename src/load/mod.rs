//! Load tests with simulated peers.

pub mod report;
