//! The port, answered in SQL and in time.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::database::Database;
use super::examine::{Examined, Unexamined};
use super::in_runtime::InRuntime;
use super::trouble::Trouble;
use crate::clock::UnixMillis;
use crate::identity::DeviceHash;
use crate::ids::RoomId;
use crate::moderation::record::{Ban, Entry, Picture, ReportFact, ReportId, ReportRecord};
use crate::session::token::TokenHash;
use crate::store::{DatabaseUrl, Op, Purged, Retention, Revision, Store, StoreError};

/// How long a call may take.
const LIMIT: Duration = Duration::from_secs(5);
/// How long migrations may: others who start at once go first.
const MIGRATION_LIMIT: Duration = Duration::from_secs(60);
/// How long a purge may, which is many small steps.
const PURGE_LIMIT: Duration = Duration::from_secs(60);

/// The store at `url`. It is not connected to before it is needed: where it can't be
/// reached, calls say so.
#[must_use]
pub fn open(url: &DatabaseUrl) -> Arc<dyn Store> {
    Arc::new(SqlStore::new(url))
}

/// A store in SQLite or PostgreSQL.
#[derive(Debug)]
pub struct SqlStore {
    pub(super) database: Database,
}

impl SqlStore {
    /// The one at `url`, see [`open`].
    #[must_use]
    pub fn new(url: &DatabaseUrl) -> Self {
        Self { database: Database::new(url) }
    }

    /// As [`Store::migrate`]; the names of the migrations that were missing.
    ///
    /// # Errors
    /// Where it is away, or the tables are not this service's.
    pub async fn apply_migrations(&self) -> Result<Vec<String>, StoreError> {
        self.within(MIGRATION_LIMIT, self.database.migrate()).await
    }

    /// Looks what it is like. Nothing is changed.
    ///
    /// # Errors
    /// Where it is away, or the tables are not this service's.
    pub async fn examine(&self) -> Result<Examined, Unexamined> {
        let examined = self.within(LIMIT, async { Ok(self.database.examine().await) }).await;
        let late = |error: StoreError| Unexamined { barrier: None, words: error.to_string() };
        Ok(examined.map_err(late)??)
    }

    /// What time it is at the server; `None` of a database that has no clock of its own.
    ///
    /// # Errors
    /// Where it is away.
    pub async fn time(&self) -> Result<Option<UnixMillis>, StoreError> {
        self.within(LIMIT, self.database.time()).await
    }

    async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, Trouble>> + Send,
    ) -> Result<T, StoreError> {
        match tokio::time::timeout(limit, InRuntime::new(work)).await {
            Ok(result) => Ok(result?),
            Err(_) => {
                self.database.renew();
                Err(StoreError::Away(format!("no answer within {} s", limit.as_secs())))
            }
        }
    }

    fn answer<'a, T: Send + 'a>(
        &'a self,
        work: impl Future<Output = Result<T, Trouble>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        Box::pin(self.within(LIMIT, work))
    }
}

impl Store for SqlStore {
    fn migrate(&self) -> Op<'_, ()> {
        Box::pin(async { self.apply_migrations().await.map(drop) })
    }

    fn since(&self) -> Op<'_, UnixMillis> {
        self.answer(self.database.since())
    }

    fn write<'a>(&'a self, entry: &'a Entry) -> Op<'a, ()> {
        let database = &self.database;
        match entry {
            Entry::Report(report) => self.answer(database.write_report(report)),
            Entry::Picture(picture) => self.answer(database.write_picture(picture)),
            Entry::Ban(ban) => self.answer(database.write_ban(ban)),
            Entry::Separation(separation) => self.answer(database.write_separation(*separation)),
            Entry::Erase { device, at } => self.answer(database.erase(*device, *at)),
        }
    }

    fn bans(
        &self,
        revision: Revision,
        now: UnixMillis,
        limit: u32,
    ) -> Op<'_, Vec<(Revision, Ban)>> {
        self.answer(self.database.bans(revision, now, limit))
    }

    fn facts(&self, since: UnixMillis, limit: u32) -> Op<'_, Vec<ReportFact>> {
        self.answer(self.database.facts(since, limit))
    }

    fn separations(&self, device: DeviceHash, limit: u32) -> Op<'_, Vec<DeviceHash>> {
        self.answer(self.database.separations(device, limit))
    }

    fn report_of(&self, room: RoomId, token: TokenHash) -> Op<'_, Option<(ReportId, bool)>> {
        self.answer(self.database.report_of(room, token))
    }

    fn purge(&self, now: UnixMillis, retention: Retention) -> Op<'_, Purged> {
        Box::pin(self.within(PURGE_LIMIT, self.database.purge(now, retention)))
    }

    fn reports(&self, before: UnixMillis, limit: u32) -> Op<'_, Vec<(ReportRecord, bool)>> {
        self.answer(self.database.reports(before, limit))
    }

    fn report(&self, id: ReportId) -> Op<'_, Option<(ReportRecord, bool)>> {
        self.answer(self.database.report(id))
    }

    fn picture(&self, id: ReportId) -> Op<'_, Option<Picture>> {
        self.answer(self.database.picture(id))
    }

    fn hold(&self, id: ReportId, held: bool) -> Op<'_, bool> {
        self.answer(self.database.hold(id, held))
    }
}
