//! Load tests with simulated peers.

pub mod report;
pub mod webrtc;
