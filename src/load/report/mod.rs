//! What a load test found, for people and for programs.

mod model;

pub use model::{
    Figures, Goal, Latency, Load, Point, Report, Sample, ServerSample, Tester, Violation, WebRtc,
};
