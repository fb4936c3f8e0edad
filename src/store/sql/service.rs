//! The service itself.

use super::database::Database;
use super::trouble::{Trouble, unreadable};
use crate::clock::UnixMillis;

const SINCE: &str = "SELECT since FROM service";

impl Database {
    pub(super) async fn since(&self) -> Result<UnixMillis, Trouble> {
        self.row(SINCE, &[]).await?.ok_or_else(unreadable)?.time(0)
    }
}
