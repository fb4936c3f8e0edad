//! Reports, bans, and what is kept of them.

mod archive;
mod bans;
mod docket;
mod handle;
pub mod keeper;
pub mod picture;
mod recent;
pub mod record;
mod report;
#[cfg(test)]
pub(crate) mod testing;
mod thresholds;
mod weights;

pub use archive::{Archive, Overfull};
pub use bans::Bans;
pub use docket::{Docket, Verdict};
pub use handle::{Moderation, NotAdded};
pub use recent::Known;
pub use record::{
    Ban, BanId, BanTarget, Entry, Line, Picture, PictureKind, ReportFact, ReportId, ReportRecord,
    Separation,
};
pub use thresholds::Thresholds;
