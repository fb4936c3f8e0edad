//! What a load test found, for people and for programs.
//!
//! A [`Report`] is what a run ends with. It goes to a terminal ([`table`]), into a
//! file ([`write`](fn@write), [`read`]) and onto a page ([`html`](fn@html)); those
//! of several machines become one ([`merge`](fn@merge)). Nothing here knows how a
//! load is made, and only files and [`Bar`] do I/O.

mod goals;
mod histogram;
mod html;
mod json;
mod merge;
mod metrics;
mod model;
mod progress;
mod summary;
mod table;
mod units;
mod words;

pub use histogram::{HistogramError, LONGEST_US, histogram};
pub use html::html;
pub use json::{FileError, read, write};
pub use merge::{MergeError, VIOLATIONS_KEPT, merge};
pub use model::{
    Figures, Goal, Latency, Load, Point, Report, Sample, ServerSample, Tester, Violation, WebRtc,
};
pub use progress::{Bar, Progress};
pub use table::{coloured, table};
