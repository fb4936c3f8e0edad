//! The commands of who looks after the service: tables, reports and bans.
//!
//! They work on the database alone. A service that runs on it sees what they change.

mod bans;
mod reports;
mod text;

use std::future::Future;
use std::io;
use std::sync::Arc;

use crate::config::{BansCommand, DatabaseFlags, ReportsCommand};
use crate::store::sql::{self, SqlStore};
use crate::store::{Store, StoreError};

/// Why a command did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum Mistake {
    /// The database can't be reached, or refuses.
    #[error("{0}; see --database-url")]
    Store(#[from] StoreError),
    /// Nothing has this id.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// It is not as the command expects.
    #[error("{0}")]
    Otherwise(&'static str),
    /// What was asked for can't be written.
    #[error("can't write: {0}")]
    Io(#[from] io::Error),
}

/// Brings the tables up to date, and says what it did.
///
/// # Errors
/// Where the database can't be reached or is not this service's.
pub fn migrate(flags: &DatabaseFlags) -> Result<(), Mistake> {
    let applied = run(async { SqlStore::new(&flags.database_url).apply_migrations().await })??;
    let kind = flags.database_url.kind();
    if applied.is_empty() {
        text::say(&format!("{kind}: the tables are up to date"))?;
    }
    for name in applied {
        text::say(&format!("{kind}: applied {name}"))?;
    }
    Ok(())
}

/// Shows reports, or puts one under hold.
///
/// # Errors
/// Where there is no such report, or the database can't be reached.
pub fn reports(command: &ReportsCommand) -> Result<(), Mistake> {
    run(reports::command(command))?
}

/// Shows or changes bans.
///
/// # Errors
/// Where there is no such ban, or the database can't be reached.
pub fn bans(command: &BansCommand) -> Result<(), Mistake> {
    run(bans::command(command))?
}

fn open(flags: &DatabaseFlags) -> Arc<dyn Store> {
    sql::open(&flags.database_url)
}

fn run<T>(work: impl Future<Output = T>) -> Result<T, io::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(work))
}
