//! Reports.

use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error, StrDeserializer};

use super::database::Database;
use super::row::Row;
use super::trouble::{Trouble, unreadable};
use super::value::Value;
use crate::clock::UnixMillis;
use crate::identity::{AddressHash, Identity};
use crate::ids::{RoomId, SessionId};
use crate::moderation::record::{ReportFact, ReportId, ReportRecord};
use crate::protocol::ReportReason;
use crate::session::token::TokenHash;

/// The columns of a report, in the order in which they are written and read.
macro_rules! columns {
    () => {
        "id, at, reporter_device, reporter_since, reporter_presented, reporter_key, \
         reporter_address, reported_device, reported_since, reported_presented, reported_key, \
         reported_address, room, began, ended, reason, details, lines, session, token"
    };
}

/// The first of them are what counts when others are weighed.
macro_rules! fact_columns {
    () => {
        "id, at, reporter_device, reporter_since, reporter_presented, reporter_key, \
         reporter_address, reported_device, reported_since, reported_presented, reported_key, \
         reported_address"
    };
}

const INSERT: &str = concat!(
    "INSERT INTO reports (",
    columns!(),
    ", minor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
     $17, $18, $19, $20, $21) ON CONFLICT DO NOTHING"
);
const FACTS: &str = concat!(
    "SELECT ",
    fact_columns!(),
    " FROM reports WHERE at >= $1 ORDER BY at DESC, id DESC LIMIT $2"
);
const NEWEST: &str = concat!(
    "SELECT ",
    columns!(),
    ", held FROM reports WHERE at < $1 ORDER BY at DESC, id DESC LIMIT $2"
);
const ONE: &str = concat!("SELECT ", columns!(), ", held FROM reports WHERE id = $1");
const OF_ROOM: &str = "SELECT id, (SELECT CAST(COUNT(*) AS BIGINT) FROM pictures \
     WHERE report = reports.id) FROM reports WHERE room = $1 AND token = $2 LIMIT 1";
const HOLD: &str = "UPDATE reports SET held = $2 WHERE id = $1";

/// The place of `held`, which follows the others.
const HELD: usize = 20;

impl Database {
    pub(super) async fn write_report(&self, report: &ReportRecord) -> Result<(), Trouble> {
        let lines = serde_json::to_string(&report.lines)
            .map_err(|_| Trouble::lasting("lines that JSON can't hold"))?;
        let mut values = vec![report.id.into(), report.at.into()];
        values.extend(identity_values(&report.reporter));
        values.extend(identity_values(&report.reported));
        values.extend([
            bits(report.room.bits()),
            report.began.into(),
            Value::time(report.ended),
            report.reason.name().into(),
            Value::text(report.details.as_deref()),
            lines.as_str().into(),
            bits(report.session.bits()),
            report.token.bytes().as_slice().into(),
            (report.reason == ReportReason::Minor).into(),
        ]);
        let mut transaction = self.begin().await?;
        transaction.execute(INSERT, &values).await?;
        transaction.separate(report.separation()).await?;
        transaction.commit().await
    }

    pub(super) async fn facts(
        &self,
        since: UnixMillis,
        limit: u32,
    ) -> Result<Vec<ReportFact>, Trouble> {
        let rows = self.rows(FACTS, &[since.into(), limit.into()]).await?;
        rows.iter().rev().map(fact).collect()
    }

    pub(super) async fn reports(
        &self,
        before: UnixMillis,
        limit: u32,
    ) -> Result<Vec<(ReportRecord, bool)>, Trouble> {
        let rows = self.rows(NEWEST, &[before.into(), limit.into()]).await?;
        rows.iter().map(report).collect()
    }

    pub(super) async fn report(
        &self,
        id: ReportId,
    ) -> Result<Option<(ReportRecord, bool)>, Trouble> {
        self.row(ONE, &[id.into()]).await?.as_ref().map(report).transpose()
    }

    pub(super) async fn report_of(
        &self,
        room: RoomId,
        token: TokenHash,
    ) -> Result<Option<(ReportId, bool)>, Trouble> {
        let values = [bits(room.bits()), token.bytes().as_slice().into()];
        let row = self.row(OF_ROOM, &values).await?;
        row.map(|row| Ok((ReportId(row.uuid(0)?), row.flag(1)?))).transpose()
    }

    pub(super) async fn hold(&self, id: ReportId, held: bool) -> Result<bool, Trouble> {
        let mut transaction = self.begin().await?;
        let changed = transaction.execute(HOLD, &[id.into(), held.into()]).await?;
        transaction.commit().await?;
        Ok(changed > 0)
    }
}

/// An id of the vocabulary.
fn bits(bits: u128) -> Value {
    bits.to_be_bytes().as_slice().into()
}

fn identity_values(identity: &Identity) -> [Value; 5] {
    [
        identity.device.into(),
        identity.since.into(),
        identity.presented.into(),
        identity.address.key.into(),
        identity.address.hash.as_slice().into(),
    ]
}

fn identity(row: &Row, first: usize) -> Result<Identity, Trouble> {
    let key = u32::try_from(row.int(first + 3)?).map_err(|_| unreadable())?;
    Ok(Identity {
        device: row.device(first)?,
        since: row.time(first + 1)?,
        presented: row.flag(first + 2)?,
        address: AddressHash { key, hash: row.array(first + 4)? },
    })
}

fn fact(row: &Row) -> Result<ReportFact, Trouble> {
    Ok(ReportFact {
        id: ReportId(row.uuid(0)?),
        at: row.time(1)?,
        reporter: identity(row, 2)?,
        reported: identity(row, 7)?,
    })
}

fn report(row: &Row) -> Result<(ReportRecord, bool), Trouble> {
    let ReportFact { id, at, reporter, reported } = fact(row)?;
    let record = ReportRecord {
        id,
        at,
        reporter,
        reported,
        room: RoomId::from_u128(row.uuid(12)?.as_u128()),
        began: row.time(13)?,
        ended: row.time_or_none(14)?,
        reason: reason(&row.text(15)?)?,
        details: row.text_or_none(16)?,
        lines: serde_json::from_str(&row.text(17)?).map_err(|_| unreadable())?,
        session: SessionId::from_u128(row.uuid(18)?.as_u128()),
        token: TokenHash::from_bytes(row.array(19)?),
    };
    Ok((record, row.flag(HELD)?))
}

fn reason(name: &str) -> Result<ReportReason, Trouble> {
    let name: StrDeserializer<'_, Error> = name.into_deserializer();
    ReportReason::deserialize(name).map_err(|_| unreadable())
}
