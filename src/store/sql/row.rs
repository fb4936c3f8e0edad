//! What a statement gives back.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Postgres, Row as _, Sqlite};
use uuid::Uuid;

use super::trouble::{Trouble, unreadable};
use crate::clock::UnixMillis;
use crate::identity::DeviceHash;

/// A row of either database, read by the places of its columns.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    fn get<'r, T>(&'r self, column: usize) -> Result<Option<T>, Trouble>
    where
        T: sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite>,
        T: sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
    {
        let value = match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        };
        Ok(value?)
    }

    pub(super) fn int_or_none(&self, column: usize) -> Result<Option<i64>, Trouble> {
        self.get(column)
    }

    pub(super) fn int(&self, column: usize) -> Result<i64, Trouble> {
        self.get(column)?.ok_or_else(unreadable)
    }

    pub(super) fn flag(&self, column: usize) -> Result<bool, Trouble> {
        self.int(column).map(|number| number != 0)
    }

    pub(super) fn time_or_none(&self, column: usize) -> Result<Option<UnixMillis>, Trouble> {
        let time = |number: i64| u64::try_from(number).map(UnixMillis).map_err(|_| unreadable());
        self.int_or_none(column)?.map(time).transpose()
    }

    pub(super) fn time(&self, column: usize) -> Result<UnixMillis, Trouble> {
        self.time_or_none(column)?.ok_or_else(unreadable)
    }

    pub(super) fn text_or_none(&self, column: usize) -> Result<Option<String>, Trouble> {
        self.get(column)
    }

    pub(super) fn text(&self, column: usize) -> Result<String, Trouble> {
        self.get(column)?.ok_or_else(unreadable)
    }

    pub(super) fn bytes(&self, column: usize) -> Result<Vec<u8>, Trouble> {
        self.get(column)?.ok_or_else(unreadable)
    }

    /// Exactly so many bytes, or none.
    pub(super) fn array_or_none<const N: usize>(
        &self,
        column: usize,
    ) -> Result<Option<[u8; N]>, Trouble> {
        let bytes: Option<&[u8]> = self.get(column)?;
        bytes.map(|bytes| bytes.try_into().map_err(|_| unreadable())).transpose()
    }

    pub(super) fn array<const N: usize>(&self, column: usize) -> Result<[u8; N], Trouble> {
        self.array_or_none(column)?.ok_or_else(unreadable)
    }

    pub(super) fn device(&self, column: usize) -> Result<DeviceHash, Trouble> {
        self.array(column).map(DeviceHash::from_bytes)
    }

    pub(super) fn uuid(&self, column: usize) -> Result<Uuid, Trouble> {
        self.array(column).map(Uuid::from_bytes)
    }
}
