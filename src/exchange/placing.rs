//! How a node that stops hands its sessions on.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::departures::Departure;
use super::fetching::ASK_AGAIN;
use super::letter::Letter;
use super::office::Office;
use super::post::Post;
use crate::clock::Moment;
use crate::ids::NodeId;
use crate::metrics::Handover;
use crate::session::node::Node;
use crate::session::record::SessionRecord;

/// So many sessions are under way to others at once.
const UNDER_WAY: usize = 256;
const LOOK: Duration = Duration::from_millis(5);

impl Office {
    /// Hands all sessions of this node, which stops, to other nodes until `deadline`,
    /// also those that were on their way here; how many went.
    pub async fn hand_on(&self, node: &Arc<Node>, deadline: Instant) -> usize {
        let mut placed = self.place_all(node, deadline).await;
        while Instant::now() < deadline && self.others_ready() {
            let expected = self.departures.awaiting();
            let more = self.place_all(node, deadline).await;
            placed += more;
            if more == 0 && !expected {
                break;
            }
            sleep(LOOK).await;
        }
        placed
    }

    /// Hands all sessions of this node, which stops, to nodes that are ready, until
    /// `deadline`; how many went.
    async fn place_all(&self, node: &Arc<Node>, deadline: Instant) -> usize {
        let sessions = node.sessions.all();
        let mut placed = 0;
        for session in &sessions {
            let now = node.clock.now();
            let Some(to) = self.a_ready_node(placed) else { break };
            let Some(record) = self.hand_out(node, now, session, to) else { continue };
            self.courier.post(to, Letter::Adopt(record.into()));
            placed += 1;
            if placed.is_multiple_of(UNDER_WAY) {
                self.all_arrived(node, deadline).await;
            }
        }
        self.all_arrived(node, deadline).await;
        let missing = self.departures.unconfirmed();
        let unplaced = missing + sessions.len().saturating_sub(placed);
        for _ in 0..placed.saturating_sub(missing) {
            self.metrics.cluster.moved(Handover::Placed);
        }
        for _ in 0..unplaced {
            self.metrics.cluster.moved(Handover::Unplaced);
        }
        placed.saturating_sub(missing)
    }

    /// The sessions that went to other nodes and may not have arrived, each with where
    /// it went.
    pub(crate) fn unplaced(&self) -> Vec<(NodeId, SessionRecord)> {
        let departures = self.departures.all_unconfirmed().into_iter();
        departures.filter_map(|Departure { to, record, .. }| Some((to, record?))).collect()
    }

    /// An earlier process sent a session to another node, which may have it: that one is
    /// asked, and where it is lost the session is this one's again.
    pub(crate) fn hand_on_again(&self, now: Moment, to: NodeId, record: SessionRecord) {
        self.departures.add(now, to, record.clone());
        self.courier.post(to, Letter::Adopt(record.into()));
    }

    fn a_ready_node(&self, turn: usize) -> Option<NodeId> {
        let mut ready = self.members.lock().ready();
        ready.sort_unstable();
        ready.get(turn % ready.len().max(1)).copied()
    }

    /// Returns when all that went has arrived; what has not is sent again.
    async fn all_arrived(&self, node: &Node, deadline: Instant) {
        let mut again = Instant::now() + ASK_AGAIN;
        while self.departures.unconfirmed() > 0 && Instant::now() < deadline {
            sleep(LOOK).await;
            if Instant::now() >= again {
                if !self.others_ready() {
                    return;
                }
                for (turn, departure) in self.departures.all_unconfirmed().into_iter().enumerate() {
                    let Some(record) = departure.record else { continue };
                    let ready = self.members.lock().ready().contains(&departure.to);
                    let to = if ready { Some(departure.to) } else { self.a_ready_node(turn) };
                    let Some(to) = to else { continue };
                    self.departures.add(node.clock.now(), to, record.clone());
                    self.courier.post(to, Letter::Adopt(record.into()));
                }
                again = Instant::now() + ASK_AGAIN;
            }
        }
    }
}
