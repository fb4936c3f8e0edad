//! Load tests with simulated people: `passerby load`.
//!
//! A lead starts crews (in its own process, or worker processes), each of which
//! lets a part of the people live. What people say and hear goes through the
//! oracle; what crews count, measure and find comes to the lead as words, which
//! it collects into a report. Nothing here is part of the service.

mod assemble;
mod calls;
mod collect;
mod crew;
mod ending;
mod finish;
mod goals;
mod lead;
mod leak;
mod limits;
mod measure;
mod merge;
mod oracle;
mod pace;
mod peer;
mod plan;
mod process;
pub mod report;
mod run;
mod scenario;
mod targets;
mod timeline;
mod verdict;
mod watch;
pub mod webrtc;
mod witness;
mod words;
mod workers;
mod world;

pub use ending::Ending;
pub use peer::{Dial, Socket, Trouble, dial};
pub use run::run;
pub use witness::Witness;
