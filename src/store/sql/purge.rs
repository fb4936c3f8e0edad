//! Deletes what was kept long enough.

use std::time::Duration;

use super::database::Database;
use super::trouble::Trouble;
use super::value::Value;
use crate::clock::UnixMillis;
use crate::store::{Purged, Retention};

/// How long a ban is kept after its end.
const ENDED_BANS: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// How long two are kept apart.
const SEPARATIONS: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// Rows that are deleted at once, so that nobody waits long: a report may have a
/// picture of 256 KB.
const BATCH: u64 = 200;
/// Batches of each kind in one call. What is left goes with the next.
const MAX_BATCHES: u32 = 100;

const OLD_REPORTS: &str = "DELETE FROM reports WHERE id IN (SELECT id FROM reports \
     WHERE minor = $1 AND at < $2 AND held = 0 AND NOT EXISTS (SELECT 1 FROM ban_reports \
     JOIN bans ON bans.id = ban_reports.ban WHERE ban_reports.report = reports.id \
     AND (bans.until IS NULL OR bans.until > $3)) ORDER BY at LIMIT $4)";
const OLD_BANS: &str = "DELETE FROM bans WHERE id IN \
     (SELECT id FROM bans WHERE until < $1 ORDER BY until LIMIT $2)";
const OLD_SEPARATIONS: &str = "DELETE FROM separations WHERE (by_device, of_device) IN \
     (SELECT by_device, of_device FROM separations WHERE at < $1 ORDER BY at LIMIT $2)";

impl Database {
    pub(super) async fn purge(
        &self,
        now: UnixMillis,
        retention: Retention,
    ) -> Result<Purged, Trouble> {
        let bans = self.delete(OLD_BANS, vec![now.before(ENDED_BANS).into()]).await?;
        let mut reports = 0;
        for (minor, kept) in [(false, retention.reports), (true, retention.minor)] {
            let values = vec![minor.into(), now.before(kept).into(), now.into()];
            reports += self.delete(OLD_REPORTS, values).await?;
        }
        let before = vec![now.before(SEPARATIONS).into()];
        let separations = self.delete(OLD_SEPARATIONS, before).await?;
        Ok(Purged { reports, bans, separations })
    }

    /// Deletes batch by batch; the size of a batch is the statement's last value.
    async fn delete(&self, sql: &'static str, mut values: Vec<Value>) -> Result<u64, Trouble> {
        values.push(Value::from(BATCH.cast_signed()));
        let mut deleted = 0;
        for _ in 0..MAX_BATCHES {
            let mut transaction = self.begin().await?;
            let batch = transaction.execute(sql, &values).await?;
            transaction.commit().await?;
            deleted += batch;
            if batch < BATCH {
                break;
            }
        }
        Ok(deleted)
    }
}
