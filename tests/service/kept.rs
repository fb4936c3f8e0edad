//! What a server's store holds, read from beside it.

use std::sync::Arc;
use std::time::Instant;

use passerby::clock::UnixMillis;
use passerby::moderation::{Ban, ReportRecord};
use passerby::store::{self, Store};

use super::server::{DEADLINE, Server};

/// The store of a server.
pub struct Kept(pub Arc<dyn Store>);

impl Kept {
    /// Opens it.
    pub fn of(server: &Server) -> Self {
        let url = format!("sqlite:{}", server.file("passerby.db").display());
        Self(store::open(&url.parse().unwrap()))
    }

    /// All reports, each with whether it is held.
    pub async fn reports(&self) -> Vec<(ReportRecord, bool)> {
        self.0.reports(UnixMillis(u64::MAX >> 1), 100).await.unwrap_or_default()
    }

    /// All bans.
    pub async fn bans(&self) -> Vec<Ban> {
        let bans = self.0.bans(0, UnixMillis(0), 100).await.unwrap_or_default();
        bans.into_iter().map(|(_, ban)| ban).collect()
    }
}

/// Waits until `look` finds something.
pub async fn eventually<T>(look: impl AsyncFn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < DEADLINE, "it does not come");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}
