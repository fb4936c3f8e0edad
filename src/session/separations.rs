//! From whom a newcomer is kept apart for good, as the store knows it.

use std::time::Duration;

use tokio::time::timeout;

use super::node::Node;
use crate::identity::Identity;
use crate::matchmaking::host::Event;
use crate::matchmaking::proposal::Acquaintance;
use crate::store::Store;

/// How long a newcomer waits for the store.
const PATIENCE: Duration = Duration::from_millis(50);
/// So many others are asked for, the last ones.
const AT_MOST: u32 = 1000;

/// Tells the pool from whom a person is kept apart for good. Where the store is slow
/// or away what this process remembers must do.
pub async fn recollect(node: &Node, store: &dyn Store, who: Identity) {
    let apart = timeout(PATIENCE, store.separations(who.device, AT_MOST)).await;
    let Ok(Ok(apart)) = apart else { return };
    if apart.is_empty() {
        return;
    }
    let person = |device| Identity { device, ..who }.person();
    let acquaintances = apart
        .into_iter()
        .map(|device| Acquaintance { person: person(device), ended_ago: None })
        .collect();
    node.matchmaker.tell(Event::Arrives { person: who.person(), acquaintances });
}
