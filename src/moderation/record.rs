//! What is kept, as the store takes it and gives it back. Each entry has an id of
//! its own, so that one which is written twice is there once.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::UnixMillis;
use crate::identity::{AddressHash, DeviceHash, Identity};
use crate::ids::{RoomId, SessionId};
use crate::protocol::ReportReason;
use crate::session::token::TokenHash;

/// A report's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReportId(pub Uuid);

/// A ban's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BanId(pub Uuid);

/// One thing to be kept or changed. Doing it again changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Entry {
    /// A report, and that its two never meet again. One of the same room by the same
    /// session is dropped.
    Report(Box<ReportRecord>),
    /// The picture of a report; a second one of the same report is dropped.
    Picture(Box<Picture>),
    /// A ban. One of the same id is replaced.
    Ban(Box<Ban>),
    /// Two people never meet again.
    Separation(Separation),
    /// All that is kept under a device is erased, save held evidence (reports under
    /// legal hold, and those on which a ban in force at `at` rests) and the separations
    /// that others asked for.
    Erase {
        /// Whose.
        device: DeviceHash,
        /// When that was asked; what is newer stays.
        at: UnixMillis,
    },
}

/// A report of one person by another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportRecord {
    /// Its id.
    pub id: ReportId,
    /// When it was made.
    pub at: UnixMillis,
    /// The room.
    pub room: RoomId,
    /// When the room began.
    pub began: UnixMillis,
    /// When the room ended, if it had.
    pub ended: Option<UnixMillis>,
    /// For what.
    pub reason: ReportReason,
    /// In the reporter's words, at most 1000 characters.
    pub details: Option<String>,
    /// The lines that the reporter attached, at most 50.
    pub lines: Vec<Line>,
    /// Who reports.
    pub reporter: Identity,
    /// The reporter's session.
    pub session: SessionId,
    /// By which the reporter may add a picture.
    pub token: TokenHash,
    /// Who is reported.
    pub reported: Identity,
}

/// A chat line that a reporter attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Whether the reporter wrote it.
    pub mine: bool,
    /// What was written.
    pub text: String,
    /// Whether it passed through the room (proven); else the reporter claims so.
    pub proven: bool,
}

/// A still picture that belongs to a report. It was decoded and checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// To which.
    pub report: ReportId,
    /// When it came.
    pub at: UnixMillis,
    /// Its format.
    pub kind: PictureKind,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A picture's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PictureKind {
    /// `image/jpeg`.
    Jpeg,
    /// `image/webp`.
    Webp,
}

/// Keeps somebody out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// Its id.
    pub id: BanId,
    /// Whom.
    pub target: BanTarget,
    /// When it was made, or changed: the newest counts.
    pub at: UnixMillis,
    /// Until when; `None` for good. One that is lifted ended when it was.
    pub until: Option<UnixMillis>,
    /// Why, in words for the banned.
    pub reason: String,
    /// How to appeal, if that differs from what the service says to all.
    pub appeal: Option<String>,
    /// The reports on which it rests.
    pub reports: Vec<ReportId>,
}

/// Whom a ban keeps out. At least one of the two is named; either is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BanTarget {
    /// Everybody with this device.
    pub device: Option<DeviceHash>,
    /// Everybody behind this address.
    pub address: Option<AddressHash>,
}

/// Two people who never meet again, since one reported or blocked the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Separation {
    /// Who asked for it.
    pub by: DeviceHash,
    /// The other.
    pub of: DeviceHash,
    /// When.
    pub at: UnixMillis,
}

/// What of a report counts when others are weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportFact {
    /// Its id.
    pub id: ReportId,
    /// When it was made.
    pub at: UnixMillis,
    /// Who reports.
    pub reporter: Identity,
    /// Who is reported.
    pub reported: Identity,
}

impl ReportRecord {
    /// What of it counts when others are weighed.
    #[must_use]
    pub const fn fact(&self) -> ReportFact {
        ReportFact { id: self.id, at: self.at, reporter: self.reporter, reported: self.reported }
    }
    /// That the two never meet again.
    #[must_use]
    pub const fn separation(&self) -> Separation {
        Separation { by: self.reporter.device, of: self.reported.device, at: self.at }
    }
}
