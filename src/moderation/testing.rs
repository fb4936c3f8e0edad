//! Moderation for tests of what is around it.

use std::sync::Arc;

use super::{Archive, Entry, Moderation, Overfull};
use crate::metrics::Metrics;
use crate::secret::Secret;

/// Keeps nothing.
#[derive(Debug)]
struct Nowhere;

impl Archive for Nowhere {
    fn file(&self, _: Entry) -> Result<(), Overfull> {
        Ok(())
    }
}

/// One that keeps nothing.
pub(crate) fn moderation() -> Arc<Moderation> {
    let metrics = Metrics::new().moderation.clone();
    Arc::new(Moderation::new(&Secret::random(), Arc::new(Nowhere), None, metrics))
}
