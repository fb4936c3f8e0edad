//! Looks what a database is like, and changes nothing.

use super::database::Database;
use super::trouble::{Barrier, Trouble};
use crate::clock::UnixMillis;

/// Writes where the tables are; undone.
const WRITE: &str = "UPDATE service SET since = since";
/// The same where they are still to be made.
const MAKE: &str = "CREATE TABLE passerby_doctor (one BIGINT)";
const TIME: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

/// What a database is like that can be reached.
#[derive(Debug)]
pub struct Examined {
    /// The names of the migrations that are to be applied yet.
    pub missing: Vec<String>,
    /// Why it can't be written to, in the database's words, which quote nothing that is
    /// stored; where tables are missing, why none can be made.
    pub unwritable: Option<String>,
}

/// Why it could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unexamined {
    /// What is in the way, where that is known.
    pub barrier: Option<Barrier>,
    /// The database's or its client's words, without a password.
    pub words: String,
}

impl From<Trouble> for Unexamined {
    fn from(trouble: Trouble) -> Self {
        Self { barrier: trouble.barrier(), words: trouble.words().to_owned() }
    }
}

impl Database {
    pub(super) async fn examine(&self) -> Result<Examined, Trouble> {
        let missing = self.missing().await?;
        let statement = if missing.is_empty() { WRITE } else { MAKE };
        let tried = self.try_to_write(statement).await;
        let unwritable = tried.err().map(|trouble| trouble.words().to_owned());
        Ok(Examined { missing, unwritable })
    }

    /// The transaction ends without being made to last.
    async fn try_to_write(&self, statement: &'static str) -> Result<(), Trouble> {
        self.begin().await?.execute(statement, &[]).await.map(drop)
    }

    pub(super) async fn time(&self) -> Result<Option<UnixMillis>, Trouble> {
        match self {
            Self::Sqlite { .. } => Ok(None),
            Self::Postgres { .. } => self.row(TIME, &[]).await?.map(|row| row.time(0)).transpose(),
        }
    }
}
