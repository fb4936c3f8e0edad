//! Erases what is kept under a device.

use super::database::Database;
use super::trouble::Trouble;
use crate::clock::UnixMillis;
use crate::identity::DeviceHash;

/// Reports by it and about it, save held evidence. Their pictures go with them.
const REPORTS: &str = "DELETE FROM reports WHERE (reporter_device = $1 OR reported_device = $1) \
     AND at <= $2 AND held = 0 AND NOT EXISTS (SELECT 1 FROM ban_reports \
     JOIN bans ON bans.id = ban_reports.ban WHERE ban_reports.report = reports.id \
     AND (bans.until IS NULL OR bans.until > $2))";
/// Bans of it that are over.
const BANS: &str = "DELETE FROM bans WHERE device = $1 AND at <= $2 AND until <= $2";
/// Those that it asked for: from whom others asked to be kept apart is not its to undo.
const SEPARATIONS: &str = "DELETE FROM separations WHERE by_device = $1 AND at <= $2";

impl Database {
    pub(super) async fn erase(&self, device: DeviceHash, at: UnixMillis) -> Result<(), Trouble> {
        let mut transaction = self.begin().await?;
        for sql in [REPORTS, BANS, SEPARATIONS] {
            transaction.execute(sql, &[device.into(), at.into()]).await?;
        }
        transaction.commit().await
    }
}
