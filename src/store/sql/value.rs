//! What is bound to a statement.

use sqlx::query::Query;
use sqlx::{Database, Encode, Type};

use crate::clock::UnixMillis;
use crate::identity::DeviceHash;
use crate::moderation::record::{BanId, ReportId};

/// A value for a placeholder, of a type that both databases have. Each may be
/// `NULL`, of its own type: PostgreSQL wants to know which.
#[derive(Clone)]
pub(super) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// In PostgreSQL a text can't hold the character NUL; its picture stands for it, in
/// both databases alike.
const NUL: char = '\0';
const NUL_PICTURE: &str = "\u{2400}";

impl Value {
    /// A text, or none.
    pub(super) fn text(text: Option<&str>) -> Self {
        Self::Text(text.map(|text| text.replace(NUL, NUL_PICTURE)))
    }

    /// A time, or none.
    pub(super) fn time(time: Option<UnixMillis>) -> Self {
        Self::Int(time.map(millis))
    }

    /// A device, or none.
    pub(super) fn device(device: Option<DeviceHash>) -> Self {
        Self::Bytes(device.map(|device| device.bytes().to_vec()))
    }
}

/// Both databases count with a sign. What lies beyond is 292 million years away, and
/// is kept as just that.
pub(super) fn millis(time: UnixMillis) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(Some(number.into()))
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Int(Some(yes.into()))
    }
}

impl From<UnixMillis> for Value {
    fn from(time: UnixMillis) -> Self {
        Self::time(Some(time))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(Some(text))
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Some(bytes))
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(Some(bytes.to_vec()))
    }
}

impl From<DeviceHash> for Value {
    fn from(device: DeviceHash) -> Self {
        Self::device(Some(device))
    }
}

impl From<ReportId> for Value {
    fn from(id: ReportId) -> Self {
        id.0.as_bytes().as_slice().into()
    }
}

impl From<BanId> for Value {
    fn from(id: BanId) -> Self {
        id.0.as_bytes().as_slice().into()
    }
}

/// A statement with its values. It is prepared once a connection.
pub(super) fn statement<'q, DB>(
    sql: &'static str,
    values: &'q [Value],
) -> Query<'q, DB, DB::Arguments>
where
    DB: Database,
    Option<i64>: Encode<'q, DB> + Type<DB>,
    Option<&'q str>: Encode<'q, DB> + Type<DB>,
    Option<&'q [u8]>: Encode<'q, DB> + Type<DB>,
{
    values.iter().fold(sqlx::query::<DB>(sql), |query, value| match value {
        Value::Int(number) => query.bind(*number),
        Value::Text(text) => query.bind(text.as_deref()),
        Value::Bytes(bytes) => query.bind(bytes.as_deref()),
    })
}
