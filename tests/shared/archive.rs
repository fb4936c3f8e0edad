//! Moderation that files into memory, where a test can look.

use std::sync::Arc;

use parking_lot::Mutex;
use passerby::metrics::Metrics;
use passerby::moderation::{Archive, Entry, Moderation, Overfull};
use passerby::secret::Secret;

/// What was filed, in order.
#[derive(Debug, Default)]
pub struct Drawer(pub Mutex<Vec<Entry>>);

impl Archive for Drawer {
    fn file(&self, entry: Entry) -> Result<(), Overfull> {
        self.0.lock().push(entry);
        Ok(())
    }
}

/// Files into a drawer of its own.
pub fn moderation() -> Arc<Moderation> {
    let (secret, metrics) = (Secret::new("of a test").unwrap(), Metrics::new().moderation.clone());
    Arc::new(Moderation::new(&secret, Arc::new(Drawer::default()), None, metrics))
}
