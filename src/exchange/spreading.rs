//! Tells the other nodes who was reported and who is banned.

use std::sync::Arc;

use super::letter::Letter;
use super::office::Office;
use crate::cluster::Cluster;
use crate::session::node::Node;

/// Says to all what moderation has for them, and to newcomers all bans that are in
/// force, for ever. What is not heard comes with the store, where that is shared.
pub(super) async fn spread(office: Arc<Office>, node: Arc<Node>, cluster: Arc<dyn Cluster>) {
    loop {
        tokio::select! {
            () = office.newcomers.notified() => node.moderation.say_all(),
            circular = node.moderation.next_circular() => {
                let letter = Letter::Moderation(Box::new(circular));
                // Who can't be reached hears all of it when they can.
                let _ = cluster.send_to_all(office.courier.circular(&letter)).await;
            }
        }
    }
}
