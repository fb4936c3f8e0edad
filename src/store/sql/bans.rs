//! Bans.

use uuid::Uuid;

use super::database::{Database, Transaction};
use super::row::Row;
use super::trouble::{Trouble, unreadable};
use super::value::{Value, millis};
use crate::clock::UnixMillis;
use crate::identity::{AddressHash, DeviceHash};
use crate::moderation::record::{Ban, BanId, BanTarget, ReportId};
use crate::store::Revision;

const NEXT_REVISION: &str = "UPDATE ban_revision SET last = last + 1 RETURNING last";
const WRITTEN_AT: &str = "SELECT at FROM bans WHERE id = $1";
const WRITE: &str = "INSERT INTO bans (id, device, address_key, address, at, until, reason, \
     appeal, reports, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
     ON CONFLICT (id) DO UPDATE SET device = excluded.device, \
     address_key = excluded.address_key, address = excluded.address, at = excluded.at, \
     until = excluded.until, reason = excluded.reason, appeal = excluded.appeal, \
     reports = excluded.reports, revision = excluded.revision";
const FORGET_REPORTS: &str = "DELETE FROM ban_reports WHERE ban = $1";
const REST_ON: &str =
    "INSERT INTO ban_reports (report, ban) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const SINCE: &str = "SELECT id, device, address_key, address, at, until, reason, appeal, \
     reports, revision FROM bans WHERE revision > $1 AND ($2 = 0 OR until IS NULL OR until > $3) \
     ORDER BY revision LIMIT $4";

/// The bytes of a report's id.
const ID_BYTES: usize = 16;

impl Database {
    pub(super) async fn write_ban(&self, ban: &Ban) -> Result<(), Trouble> {
        let mut transaction = self.begin().await?;
        // Its lock is held until the end: a greater revision is never seen before.
        let next = transaction.row(NEXT_REVISION, &[]).await?.ok_or_else(unreadable)?;
        let written = transaction.row(WRITTEN_AT, &[ban.id.into()]).await?;
        let written = written.map(|row| row.int(0)).transpose()?;
        if written.is_some_and(|at| at >= millis(ban.at)) {
            return Ok(());
        }
        transaction.execute(WRITE, &values(ban, next.int(0)?)).await?;
        rest_on(&mut transaction, ban).await?;
        transaction.commit().await
    }

    pub(super) async fn bans(
        &self,
        revision: Revision,
        now: UnixMillis,
        limit: u32,
    ) -> Result<Vec<(Revision, Ban)>, Trouble> {
        let from_start = revision == 0;
        let values = [revision.into(), from_start.into(), now.into(), limit.into()];
        self.rows(SINCE, &values).await?.iter().map(ban).collect()
    }
}

/// Notes the reports on which it rests, so that these find it.
async fn rest_on(transaction: &mut Transaction, ban: &Ban) -> Result<(), Trouble> {
    transaction.execute(FORGET_REPORTS, &[ban.id.into()]).await?;
    for report in &ban.reports {
        transaction.execute(REST_ON, &[(*report).into(), ban.id.into()]).await?;
    }
    Ok(())
}

fn values(ban: &Ban, revision: Revision) -> [Value; 10] {
    let address = ban.target.address;
    let reports = ban.reports.iter().flat_map(|report| *report.0.as_bytes());
    [
        ban.id.into(),
        Value::device(ban.target.device),
        Value::Int(address.map(|address| address.key.into())),
        Value::Bytes(address.map(|address| address.hash.to_vec())),
        ban.at.into(),
        Value::time(ban.until),
        ban.reason.as_str().into(),
        Value::text(ban.appeal.as_deref()),
        reports.collect::<Vec<_>>().into(),
        revision.into(),
    ]
}

fn ban(row: &Row) -> Result<(Revision, Ban), Trouble> {
    let ban = Ban {
        id: BanId(row.uuid(0)?),
        target: BanTarget {
            device: row.array_or_none(1)?.map(DeviceHash::from_bytes),
            address: address(row)?,
        },
        at: row.time(4)?,
        until: row.time_or_none(5)?,
        reason: row.text(6)?,
        appeal: row.text_or_none(7)?,
        reports: reports(&row.bytes(8)?)?,
    };
    Ok((row.int(9)?, ban))
}

fn address(row: &Row) -> Result<Option<AddressHash>, Trouble> {
    let key = row.int_or_none(2)?.map(u32::try_from).transpose().map_err(|_| unreadable())?;
    let hash = row.array_or_none(3)?;
    Ok(key.zip(hash).map(|(key, hash)| AddressHash { key, hash }))
}

fn reports(bytes: &[u8]) -> Result<Vec<ReportId>, Trouble> {
    let id = |bytes: &[u8]| Uuid::from_slice(bytes).map(ReportId).map_err(|_| unreadable());
    bytes.chunks(ID_BYTES).map(id).collect()
}
