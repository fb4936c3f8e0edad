//! The port to a store.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::clock::UnixMillis;
use crate::identity::DeviceHash;
use crate::ids::RoomId;
use crate::moderation::record::{Ban, Entry, Picture, ReportFact, ReportId, ReportRecord};
use crate::session::token::TokenHash;

/// What a store is asked for, under way.
pub type Op<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// Why a store did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It can't be reached, is full or broken: the same may succeed later.
    #[error("the store is away: {0}")]
    Away(String),
    /// It will never take this.
    #[error("the store refuses: {0}")]
    Refused(String),
}

/// How far bans were read: each that is written, from anywhere, has a greater one.
pub type Revision = i64;

/// How long reports are kept, with their pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Most.
    pub reports: Duration,
    /// Those whose reason is `minor`.
    pub minor: Duration,
}

/// What was deleted because its time was over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Reports, with their pictures.
    pub reports: u64,
    /// Bans that ended long ago.
    pub bans: u64,
    /// Separations.
    pub separations: u64,
}

/// Where things are kept. Each call is bounded in time by the implementation.
pub trait Store: fmt::Debug + Send + Sync {
    /// Brings the tables up to date. Safe where several processes do so at once.
    fn migrate(&self) -> Op<'_, ()>;

    /// When the tables were made: how old the service is.
    fn since(&self) -> Op<'_, UnixMillis>;

    /// Keeps or changes one thing, once however often it is asked.
    fn write<'a>(&'a self, entry: &'a Entry) -> Op<'a, ()>;

    /// At most `limit` bans written after `revision`, in order, each with its own.
    /// Those that ended before `now` are left out where `revision` is 0.
    fn bans(&self, revision: Revision, now: UnixMillis, limit: u32)
    -> Op<'_, Vec<(Revision, Ban)>>;

    /// What counts of the newest reports since `since`, at most `limit`, oldest first.
    fn facts(&self, since: UnixMillis, limit: u32) -> Op<'_, Vec<ReportFact>>;

    /// Everybody who is kept apart from a device, the newest first, at most `limit`.
    fn separations(&self, device: DeviceHash, limit: u32) -> Op<'_, Vec<DeviceHash>>;

    /// The report of a room by the session of a token, and whether it has a picture.
    fn report_of(&self, room: RoomId, token: TokenHash) -> Op<'_, Option<(ReportId, bool)>>;

    /// Deletes what was kept long enough at `now`, save held evidence.
    fn purge(&self, now: UnixMillis, retention: Retention) -> Op<'_, Purged>;

    /// The newest reports before `before`, at most `limit`, each with whether it is held.
    fn reports(&self, before: UnixMillis, limit: u32) -> Op<'_, Vec<(ReportRecord, bool)>>;

    /// One report, and whether it is held.
    fn report(&self, id: ReportId) -> Op<'_, Option<(ReportRecord, bool)>>;

    /// The picture of a report.
    fn picture(&self, id: ReportId) -> Op<'_, Option<Picture>>;

    /// Puts a report under legal hold, or lifts it; whether there is such a report.
    fn hold(&self, id: ReportId, held: bool) -> Op<'_, bool>;
}
