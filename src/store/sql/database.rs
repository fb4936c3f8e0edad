//! Connections and transactions, which the two databases have each its own of.

use std::time::Duration;

use parking_lot::RwLock;
use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Postgres, Sqlite};

use super::row::Row;
use super::trouble::Trouble;
use super::value::{Value, statement};
use crate::store::DatabaseUrl;

/// Connections to a PostgreSQL server, and to a file for reading. What comes when
/// all are in use waits for one.
const CONNECTIONS: u32 = 4;
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(3);
/// How long SQLite waits for who writes to the same file.
const BUSY: Duration = Duration::from_secs(4);
/// What SQLite's journal is cut to when a large change is over. In bytes.
const JOURNAL_BYTES: &str = "16777216";
/// PostgreSQL gives up a statement after this, so that none runs whose answer nobody
/// waits for. In milliseconds.
const STATEMENT_TIMEOUT: (&str, &str) = ("statement_timeout", "4500");

/// A database that may be out of reach.
#[derive(Debug)]
pub(super) enum Database {
    /// SQLite has one writer at a time; readers don't wait for it. In memory both
    /// are the one connection.
    Sqlite { write: SqlitePool, read: SqlitePool },
    /// The pool is replaced when one of its connections did not answer.
    Postgres { options: Box<PgConnectOptions>, pool: RwLock<PgPool> },
}

/// A transaction that writes; undone where it is dropped.
pub(super) enum Transaction {
    /// Not the client's own kind: it loses count where SQLite itself undoes one, as it
    /// does when the disk is full, and then begins none any more on that connection.
    Sqlite(PoolConnection<Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Database {
    /// Connects to nothing yet.
    pub(super) fn new(url: &DatabaseUrl) -> Self {
        match url {
            DatabaseUrl::Memory => {
                // It lives as long as its connection.
                let lasting = PoolOptions::new().idle_timeout(None).max_lifetime(None);
                let options = SqliteConnectOptions::new().in_memory(true);
                let pool = sqlite_pool(lasting, options, 1);
                Self::Sqlite { write: pool.clone(), read: pool }
            }
            DatabaseUrl::File(path) => {
                let options = SqliteConnectOptions::new().filename(path);
                let write = sqlite_pool(PoolOptions::new(), options.clone(), 1);
                let read = sqlite_pool(PoolOptions::new(), options, CONNECTIONS);
                Self::Sqlite { write, read }
            }
            DatabaseUrl::Postgres(options) => {
                let pool = RwLock::new(postgres_pool(options));
                Self::Postgres { options: options.clone(), pool }
            }
        }
    }

    /// Begins to write.
    pub(super) async fn begin(&self) -> Result<Transaction, Trouble> {
        match self {
            Self::Sqlite { write, .. } => {
                let mut connection = write.acquire().await?;
                // Else it would only find out on its first write that it must wait, and
                // then could not.
                sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *connection).await?;
                Ok(Transaction::Sqlite(connection))
            }
            Self::Postgres { pool, .. } => {
                let pool = pool.read().clone();
                Ok(Transaction::Postgres(pool.begin().await?))
            }
        }
    }

    /// Reads by one statement.
    pub(super) async fn rows(
        &self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<Vec<Row>, Trouble> {
        match self {
            Self::Sqlite { read, .. } => {
                let rows = statement(sql, values).fetch_all(read).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Self::Postgres { pool, .. } => {
                let pool = pool.read().clone();
                let rows = statement(sql, values).fetch_all(&pool).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Reads what is one row, or none.
    pub(super) async fn row(
        &self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<Option<Row>, Trouble> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// After a call that was not answered in time: a connection that went dumb would
    /// hold its place in the pool for many minutes.
    pub(super) fn renew(&self) {
        if let Self::Postgres { options, pool } = self {
            *pool.write() = postgres_pool(options);
        }
    }
}

impl Transaction {
    /// Executes a statement; how many rows it changed.
    pub(super) async fn execute(
        &mut self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<u64, Trouble> {
        match self {
            Self::Sqlite(transaction) => {
                let done = statement(sql, values).execute(&mut **transaction).await?;
                Ok(done.rows_affected())
            }
            Self::Postgres(transaction) => {
                let done = statement(sql, values).execute(&mut **transaction).await?;
                Ok(done.rows_affected())
            }
        }
    }

    /// Executes a statement that gives back one row, or none.
    pub(super) async fn row(
        &mut self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<Option<Row>, Trouble> {
        match self {
            Self::Sqlite(transaction) => {
                let row = statement(sql, values).fetch_optional(&mut **transaction).await?;
                Ok(row.map(Row::Sqlite))
            }
            Self::Postgres(transaction) => {
                let row = statement(sql, values).fetch_optional(&mut **transaction).await?;
                Ok(row.map(Row::Postgres))
            }
        }
    }

    /// Makes it last.
    pub(super) async fn commit(self) -> Result<(), Trouble> {
        match self {
            Self::Sqlite(mut transaction) => {
                sqlx::raw_sql("COMMIT").execute(&mut *transaction).await?;
            }
            Self::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }
}

fn sqlite_pool(
    pool: PoolOptions<Sqlite>,
    options: SqliteConnectOptions,
    connections: u32,
) -> SqlitePool {
    let options = options
        .foreign_keys(true)
        .busy_timeout(BUSY)
        // With less, what was written last is lost when the power fails, and its
        // reporter was told that it is kept. Writes are few.
        .synchronous(SqliteSynchronous::Full)
        // What is erased is overwritten.
        .pragma("secure_delete", "ON")
        .pragma("journal_size_limit", JOURNAL_BYTES)
        .disable_statement_logging();
    // What was not committed is undone at once: it would lock others out.
    let pool = pool.after_release(|connection, _| {
        Box::pin(async move {
            // Mostly there is nothing to undo, and it fails.
            let _ = sqlx::raw_sql("ROLLBACK").execute(connection).await;
            Ok(true)
        })
    });
    pool.max_connections(connections).acquire_timeout(CONNECT).connect_lazy_with(options)
}

fn postgres_pool(options: &PgConnectOptions) -> PgPool {
    let options = options
        .clone()
        .application_name("passerby")
        .options([STATEMENT_TIMEOUT])
        .disable_statement_logging();
    PoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(CONNECT)
        .connect_lazy_with(options)
}
