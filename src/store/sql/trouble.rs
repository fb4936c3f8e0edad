//! What can go wrong with a database, and what of it passes.

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgDatabaseError;

use crate::store::StoreError;

/// Why a statement was not executed. Its words hold nothing of what is stored, and
/// no password: they are for logs.
#[derive(Debug)]
pub(super) struct Trouble {
    words: String,
    passes: bool,
    /// What keeps the database from being reached at all.
    barrier: Option<Barrier>,
}

/// What stands between the service and a database server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barrier {
    /// No connection comes about.
    NoRoute,
    /// The server does not let this user in, with this password or from this machine.
    Refused,
    /// The server has no such database.
    NoDatabase,
}

/// Classes of PostgreSQL's errors that the same values bring about each time: data,
/// constraints, limits of the program.
const PG_REFUSALS: [&str; 3] = ["22", "23", "54"];
/// Errors of SQLite that the same values bring about each time: too big, a constraint,
/// a type.
const SQLITE_REFUSALS: [i32; 3] = [18, 19, 20];

impl Trouble {
    /// One that may be over the next time.
    pub(super) fn passing(words: impl Into<String>) -> Self {
        Self { words: words.into(), passes: true, barrier: None }
    }

    /// One that each repetition meets.
    pub(super) fn lasting(words: impl Into<String>) -> Self {
        Self { words: words.into(), passes: false, barrier: None }
    }
}

impl Trouble {
    /// Its words.
    pub(super) fn words(&self) -> &str {
        &self.words
    }

    /// What keeps the database from being reached at all, if that is it.
    pub(super) const fn barrier(&self) -> Option<Barrier> {
        self.barrier
    }

    fn behind(self, barrier: Barrier) -> Self {
        Self { barrier: Some(barrier), ..self }
    }
}

/// A row that this version can't read.
pub(super) fn unreadable() -> Trouble {
    Trouble::lasting("a row that this version can't read")
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        if trouble.passes { Self::Away(trouble.words) } else { Self::Refused(trouble.words) }
    }
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => of_database(&*error),
            sqlx::Error::PoolTimedOut => {
                Self::passing("no connection in time: is the database up, and can it be reached?")
                    .behind(Barrier::NoRoute)
            }
            sqlx::Error::Io(error) => Self::passing(error.to_string()).behind(Barrier::NoRoute),
            sqlx::Error::Tls(error) => Self::passing(format!("TLS: {error}")),
            sqlx::Error::Encode(_) => Self::lasting("a value that the database can't take"),
            sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => unreadable(),
            sqlx::Error::Migrate(error) => (*error).into(),
            // What is left speaks of the client itself, and its words quote none of
            // the values; of the others they might.
            sqlx::Error::Protocol(_) => Self::passing("an answer that is not the protocol's"),
            sqlx::Error::WorkerCrashed => Self::passing("the database's thread ended"),
            _ => Self::passing("an error of the database's client"),
        }
    }
}

impl From<MigrateError> for Trouble {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) => error.into(),
            MigrateError::ExecuteMigration(error, version) => {
                let Self { words, .. } = error.into();
                Self::passing(format!("migration {version}: {words}"))
            }
            // Their words name versions alone.
            other => Self::passing(other.to_string()),
        }
    }
}

fn of_database(error: &dyn DatabaseError) -> Trouble {
    match error.try_downcast_ref::<PgDatabaseError>() {
        Some(error) => of_postgres(error),
        None => of_sqlite(error),
    }
}

/// The messages about values quote them; those about anything else are of help.
fn of_postgres(error: &PgDatabaseError) -> Trouble {
    let code = error.code();
    if PG_REFUSALS.iter().any(|class| code.starts_with(class)) {
        let constraint = error.constraint().unwrap_or("a value");
        return Trouble::lasting(format!("PostgreSQL's error {code}, by {constraint}"));
    }
    let trouble = Trouble::passing(format!("{} (PostgreSQL's error {code})", error.message()));
    match code {
        "28P01" | "28000" => trouble.behind(Barrier::Refused),
        "3D000" => trouble.behind(Barrier::NoDatabase),
        _ => trouble,
    }
}

/// SQLite's messages name tables, columns and constraints, never values.
fn of_sqlite(error: &dyn DatabaseError) -> Trouble {
    let code = error.code().and_then(|code| code.parse::<i32>().ok());
    // The lower byte is the primary code.
    let lasting = code.is_some_and(|code| SQLITE_REFUSALS.contains(&(code & 0xff)));
    Trouble { words: error.message().to_owned(), passes: !lasting, barrier: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UnixMillis;
    use crate::identity::DeviceHash;
    use crate::moderation::record::{Entry, Separation};
    use crate::store::sql::database::Database;
    use crate::store::sql::sql_store::SqlStore;
    use crate::store::{DatabaseUrl, Store as _};

    fn entry(number: u64) -> Entry {
        let device = |number: u128| DeviceHash::from_bytes(number.to_be_bytes());
        let (by, of) = (device(number.into()), device(0));
        Entry::Separation(Separation { by, of, at: UnixMillis(number) })
    }

    /// A setting of SQLite's one connection that writes.
    async fn set(store: &SqlStore, pragma: &'static str) {
        let Database::Sqlite { write, .. } = &store.database else { panic!("not SQLite") };
        sqlx::query(pragma).execute(write).await.unwrap();
    }

    #[tokio::test]
    async fn a_full_or_read_only_database_is_away_until_it_is_not() {
        let store = SqlStore::new(&DatabaseUrl::Memory);
        store.migrate().await.unwrap();
        for (limit, lifted, word) in [
            ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000", "full"),
            ("PRAGMA query_only = 1", "PRAGMA query_only = 0", "readonly"),
        ] {
            set(&store, limit).await;
            let mut written = 0..1000;
            let trouble = loop {
                let number = written.next().expect("it is full at some time");
                if let Err(trouble) = store.write(&entry(number)).await {
                    break trouble;
                }
            };
            let StoreError::Away(why) = trouble else { panic!("{trouble}") };
            assert!(why.contains(word), "{why}");
            set(&store, lifted).await;
            store.write(&entry(written.start)).await.unwrap();
        }
    }

    #[test]
    fn what_a_driver_says_of_values_is_not_repeated() {
        let of = |error: sqlx::Error| StoreError::from(Trouble::from(error)).to_string();
        for error in [
            sqlx::Error::Decode("written by somebody".into()),
            sqlx::Error::Encode("written by somebody".into()),
            sqlx::Error::Protocol("written by somebody".into()),
            sqlx::Error::Configuration("written by somebody".into()),
            sqlx::Error::InvalidArgument("written by somebody".into()),
        ] {
            assert!(!of(error).contains("somebody"));
        }
    }
}
