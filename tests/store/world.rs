//! A database of a test.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use passerby::clock::UnixMillis;
use passerby::store::{DatabaseUrl, Store, StoreError, sql};
use tokio::time::timeout;

use crate::postgres::PostgresServer;

/// How long anything may take that a test waits for: only a failure takes as long.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// A day.
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// When tests play.
pub const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

/// Which database.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Memory,
    File,
    Postgres,
}

/// A database of its own.
pub struct World {
    url: DatabaseUrl,
    first: Arc<dyn Store>,
    kind: Kind,
    _folder: Folder,
}

impl World {
    /// One without tables.
    pub fn bare(kind: Kind) -> Self {
        let folder = Folder::new();
        let url = match kind {
            Kind::Memory => "sqlite::memory:".to_owned(),
            Kind::File => folder.url("passerby.db"),
            Kind::Postgres => {
                let server = PostgresServer::shared();
                format!("postgres://postgres@{}/{}", server.address(), server.database())
            }
        };
        let url = url.parse().unwrap();
        Self { first: sql::open(&url), url, kind, _folder: folder }
    }

    /// One with tables, and the store on it.
    pub async fn new(kind: Kind) -> (Self, Arc<dyn Store>) {
        let world = Self::bare(kind);
        world.first.migrate().await.unwrap();
        let store = world.store();
        (world, store)
    }

    /// The store on it of one process.
    pub fn store(&self) -> Arc<dyn Store> {
        self.first.clone()
    }

    /// The store on it of another process; in memory there can be none.
    pub fn another(&self) -> Arc<dyn Store> {
        if self.kind == Kind::Memory { self.store() } else { sql::open(&self.url) }
    }
}

/// A folder of its own; removed when dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let name = format!("passerby-store-{:016x}", rand::random::<u64>());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("a folder can be made");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file in it as the address of a database.
    pub fn url(&self, name: &str) -> String {
        format!("sqlite:{}", self.0.join(name).display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// That it is away, and why.
pub fn away<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> String {
    match answer {
        Err(StoreError::Away(why)) => why,
        other => panic!("it is not away: {other:?}"),
    }
}

/// That it is refused, and why.
pub fn refused<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> String {
    match answer {
        Err(StoreError::Refused(why)) => why,
        other => panic!("it is not refused: {other:?}"),
    }
}

/// Waits until `is_so`.
pub async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let asked = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, asked).await.unwrap_or_else(|_| panic!("{what}: not in time"));
}
