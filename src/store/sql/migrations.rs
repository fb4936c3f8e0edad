//! Brings the tables up to date.
//!
//! The statements are in `migrations/`, one folder a database, and inside the
//! binary. What was applied once is never changed: a new file is added, here too.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType};
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use sqlx::{Connection as _, SqlSafeStr as _};

use super::database::Database;
use super::trouble::Trouble;

/// What was applied, by version and name.
type Applied = Vec<String>;

/// Where the database remembers what was applied.
const TABLE: &str = "_sqlx_migrations";
/// How often, and how long apart, SQLite is asked for the kind of journal that all
/// want: who asks meanwhile is refused at once, and does not wait.
const JOURNAL_TRIES: u32 = 40;
const JOURNAL_PAUSE: Duration = Duration::from_millis(50);
/// SQLite's code for "somebody else is at it".
const SQLITE_BUSY: &str = "5";

macro_rules! migrations {
    ($database:literal: $($version:literal $name:literal),+ $(,)?) => {
        vec![$(migration(
            $version,
            $name,
            include_str!(concat!("../../../migrations/", $database, "/", $name, ".sql")),
        )),+]
    };
}

fn sqlite() -> Vec<Migration> {
    migrations!("sqlite": 1 "0001_reports_and_bans")
}

fn postgres() -> Vec<Migration> {
    migrations!("postgres": 1 "0001_reports_and_bans")
}

fn migration(version: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
}

impl Database {
    /// Applies what is missing; several processes may do so at once.
    pub(super) async fn migrate(&self) -> Result<Applied, Trouble> {
        match self {
            Self::Sqlite { write, .. } => migrate_sqlite(write).await,
            Self::Postgres { pool, .. } => {
                let pool = pool.read().clone();
                migrate_postgres(&pool).await
            }
        }
    }
}

impl Database {
    /// The names of the migrations that are to be applied yet.
    pub(super) async fn missing(&self) -> Result<Applied, Trouble> {
        let names = |missing: Vec<&Migration>| {
            missing.iter().map(|migration| migration.description.to_string()).collect()
        };
        match self {
            Self::Sqlite { write, .. } => {
                let mut connection = write.acquire().await?;
                Ok(names(missing(&mut *connection, &sqlite()).await?))
            }
            Self::Postgres { pool, .. } => {
                let pool = pool.read().clone();
                let mut connection = pool.acquire().await?;
                Ok(names(missing(&mut *connection, &postgres()).await?))
            }
        }
    }
}

async fn migrate_sqlite(pool: &SqlitePool) -> Result<Applied, Trouble> {
    let options = pool.connect_options();
    let in_file = options.get_filename() != Path::new(IN_MEMORY);
    if in_file {
        make_file(options.get_filename()).map_err(|error| {
            let path = options.get_filename().display();
            Trouble::passing(format!("can't make the database file {path}: {error}"))
        })?;
    }
    let mut connection = pool.acquire().await?;
    if in_file {
        // One on which a migration failed is of no use any more.
        connection.close_on_drop();
    }
    write_ahead(&mut connection).await?;
    let migrations = sqlite();
    if missing(&mut *connection, &migrations).await?.is_empty() {
        return Ok(Applied::new());
    }
    // One of several that start at once applies them, the others wait.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let applied = apply(&mut *transaction, &migrations).await?;
    transaction.commit().await?;
    Ok(applied)
}

/// How SQLite's options name a database in memory.
pub(super) const IN_MEMORY: &str = ":memory:";

/// For its owner alone; what SQLite puts beside it is as well then.
fn make_file(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// With a journal that is written ahead, who reads does not wait for who writes. The
/// file remembers it.
async fn write_ahead(connection: &mut SqliteConnection) -> Result<(), Trouble> {
    for _ in 1..JOURNAL_TRIES {
        match sqlx::query("PRAGMA journal_mode = WAL").execute(&mut *connection).await {
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(SQLITE_BUSY) => {
                tokio::time::sleep(JOURNAL_PAUSE).await;
            }
            other => return Ok(other.map(drop)?),
        }
    }
    Ok(sqlx::query("PRAGMA journal_mode = WAL").execute(connection).await.map(drop)?)
}

/// On a connection of its own: one that holds the lock of migrations and was given up
/// must not go back among the others. Nor may a long one end after some seconds.
async fn migrate_postgres(pool: &PgPool) -> Result<Applied, Trouble> {
    let mut connection = pool.acquire().await?.detach();
    sqlx::query("SET statement_timeout = 0").execute(&mut connection).await?;
    let applied = apply_postgres(&mut connection).await?;
    connection.close().await?;
    Ok(applied)
}

async fn apply_postgres(connection: &mut PgConnection) -> Result<Applied, Trouble> {
    let migrations = postgres();
    // Who may only read and write rows finds here that nothing is to be done.
    if missing(connection, &migrations).await?.is_empty() {
        return Ok(Applied::new());
    }
    // It ends with the connection where it is not given back.
    connection.lock().await?;
    let applied = apply(connection, &migrations).await?;
    connection.unlock().await?;
    Ok(applied)
}

/// Applies what is missing, of which nobody else applies any meanwhile.
async fn apply<C: Migrate>(
    connection: &mut C,
    migrations: &[Migration],
) -> Result<Applied, Trouble> {
    connection.ensure_migrations_table(TABLE).await?;
    let missing = missing(connection, migrations).await?;
    for migration in &missing {
        connection.apply(TABLE, migration).await?;
    }
    Ok(missing.into_iter().map(|migration| migration.description.to_string()).collect())
}

/// The migrations that were not applied yet. Others than these may have been: by a
/// newer version, which knows what this one needs.
async fn missing<'m, C: Migrate>(
    connection: &mut C,
    migrations: &'m [Migration],
) -> Result<Vec<&'m Migration>, Trouble> {
    let applied = match connection.list_applied_migrations(TABLE).await {
        Ok(applied) => applied,
        // There is no such table yet.
        Err(MigrateError::Execute(sqlx::Error::Database(_))) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let mut missing = Vec::new();
    for migration in migrations {
        match applied.iter().find(|applied| applied.version == migration.version) {
            None => missing.push(migration),
            Some(applied) if applied.checksum == migration.checksum => (),
            Some(_) => return Err(MigrateError::VersionMismatch(migration.version).into()),
        }
    }
    Ok(missing)
}
