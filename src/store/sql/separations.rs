//! Who never meets whom again.

use super::database::{Database, Transaction};
use super::trouble::Trouble;
use crate::identity::DeviceHash;
use crate::moderation::record::Separation;

/// How many a device may have asked for, and how many others may have asked for
/// because of it. The oldest beyond that are forgotten: of each kind by itself, so that
/// nobody makes a device forget its own by asking for many.
const LIMIT: u32 = 1000;

/// In a statement, no limit.
const ALL: u32 = u32::MAX;

const INSERT: &str = "INSERT INTO separations (by_device, of_device, at) VALUES ($1, $2, $3) \
     ON CONFLICT (by_device, of_device) DO UPDATE SET at = excluded.at \
     WHERE excluded.at > separations.at";
const FORGET_BY: &str = "DELETE FROM separations WHERE by_device = $1 AND of_device IN \
     (SELECT of_device FROM separations WHERE by_device = $1 \
     ORDER BY at DESC, of_device LIMIT $2 OFFSET $3)";
const FORGET_OF: &str = "DELETE FROM separations WHERE of_device = $1 AND by_device IN \
     (SELECT by_device FROM separations WHERE of_device = $1 \
     ORDER BY at DESC, by_device LIMIT $2 OFFSET $3)";
const OTHERS: &str = "SELECT other, MAX(at) FROM \
     (SELECT of_device AS other, at FROM separations WHERE by_device = $1 \
     UNION ALL SELECT by_device, at FROM separations WHERE of_device = $1) AS directions \
     GROUP BY other ORDER BY MAX(at) DESC, other LIMIT $2";

impl Database {
    pub(super) async fn write_separation(&self, separation: Separation) -> Result<(), Trouble> {
        let mut transaction = self.begin().await?;
        transaction.separate(separation).await?;
        transaction.commit().await
    }

    pub(super) async fn separations(
        &self,
        device: DeviceHash,
        limit: u32,
    ) -> Result<Vec<DeviceHash>, Trouble> {
        let rows = self.rows(OTHERS, &[device.into(), limit.into()]).await?;
        rows.iter().map(|row| row.device(0)).collect()
    }
}

impl Transaction {
    pub(super) async fn separate(&mut self, separation: Separation) -> Result<(), Trouble> {
        let Separation { by, of, at } = separation;
        self.execute(INSERT, &[by.into(), of.into(), at.into()]).await?;
        for (sql, device) in [(FORGET_BY, by), (FORGET_OF, of)] {
            self.execute(sql, &[device.into(), ALL.into(), LIMIT.into()]).await?;
        }
        Ok(())
    }
}
