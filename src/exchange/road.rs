//! What the bridges of a node share.

use std::sync::Arc;

use parking_lot::Mutex;

use super::bridge::Bridge;
use super::post::Post;

/// The way of their letters, and which of them are to be looked after.
#[derive(Debug)]
pub struct Road {
    pub(super) post: Arc<dyn Post>,
    /// Each once: a bridge notes itself that it stands here.
    watched: Mutex<Vec<Arc<Bridge>>>,
}

impl Road {
    /// One on which nothing is under way.
    #[must_use]
    pub fn new(post: Arc<dyn Post>) -> Arc<Self> {
        Arc::new(Self { post, watched: Mutex::default() })
    }

    pub(super) fn watch(&self, bridge: Arc<Bridge>) {
        self.watched.lock().push(bridge);
    }

    pub(super) fn take_watched(&self) -> Vec<Arc<Bridge>> {
        std::mem::take(&mut *self.watched.lock())
    }
}
