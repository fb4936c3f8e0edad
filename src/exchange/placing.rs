//! How a node that stops hands its sessions on.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::departures::Departure;
use super::fetching::{ASK_AGAIN, Client};
use super::letter::Letter;
use super::office::Office;
use super::post::Post;
use crate::clock::Moment;
use crate::ids::{NodeId, SessionId};
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
        self.send(now, to, record);
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
                self.send_again(node.clock.now());
                again = Instant::now() + ASK_AGAIN;
            }
        }
    }

    /// What may not have arrived goes again to where it went, or elsewhere where that
    /// node is lost.
    fn send_again(&self, now: Moment) {
        for (turn, departure) in self.departures.all_unconfirmed().into_iter().enumerate() {
            let Some(mut record) = departure.record else { continue };
            if !self.lacks(now, departure.to) {
                self.courier.post(departure.to, Letter::Adopt(record.into()));
            } else if let Some(to) = self.a_ready_node(turn) {
                // It may have arrived there, and come back from there.
                record.outrun();
                self.claim(now, &record);
                self.send(now, to, record);
            }
        }
    }

    /// A session that another node did not take goes to a third one; where there is none,
    /// or this node stays, it is this one's again.
    pub(super) fn hand_elsewhere(
        &self,
        node: &Arc<Node>,
        now: Moment,
        from: NodeId,
        session: SessionId,
        epoch: u64,
    ) {
        let _changing_hands = self.changing_hands.lock();
        let Some(record) = self.departures.declined(session, epoch, from) else { return };
        let turn = self.departures.unconfirmed();
        match self.a_ready_node(turn).filter(|_| self.draining()) {
            Some(to) => self.send(now, to, record),
            None => self.settle(node, record, Client::Away),
        }
    }

    fn send(&self, now: Moment, to: NodeId, record: SessionRecord) {
        self.departures.add(now, to, record.clone());
        self.courier.post(to, Letter::Adopt(record.into()));
    }
}
