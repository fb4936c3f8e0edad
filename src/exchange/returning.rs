//! What happens when a node is back that others took for lost: it stood still, or was out
//! of reach.
//!
//! Others may have brought sessions back to life that it still has, under epochs that
//! outrun its own. They tell it of each until it confirms, and it ends its copy, whatever
//! that one has done meanwhile: the higher epoch wins. A node that stood still knows that
//! it did. Until all whom it knew have told it, or had the time to, it gives no session
//! to a client or to another node, reads nothing that clients sent, and pairs nobody. One
//! that is alone, or does not reach the cluster, has nobody to wait for.

use std::sync::Arc;

use super::claims::{Batch, Claim};
use super::letter::Letter;
use super::office::Office;
use super::post::Post;
use super::waking::{Stage, Waking};
use crate::clock::Moment;
use crate::ids::NodeId;
use crate::session::node::Node;
use crate::session::presence;
use crate::session::record::SessionRecord;

impl Office {
    /// Looks whether the node stood still. If it did it may not take for lost who is only
    /// unheard, and bring back here who sits there.
    pub(super) fn look(&self, now: Moment) {
        let mut awake = self.awake.lock();
        if self.gate.stood_still(now) {
            awake.wake(now);
            tracing::warn!("this node stood still; it knows of the others as if it began");
            self.members.lock().stood_still(now);
            let reached = self.courier.reached();
            let others = if reached { self.members.lock().all() } else { Vec::new() };
            *self.waking.lock() = Some(Waking::begin(now, rand::random(), others));
            self.gate.shut();
        }
        self.gate.looked(now);
    }

    /// Asks what others brought back, or goes on where that is known.
    pub(super) fn wake_up(&self, node: &Node, now: Moment) {
        let mut waking = self.waking.lock();
        let Some(woke) = waking.as_mut() else { return };
        match woke.look(now) {
            Stage::Asking => {
                let question = woke.question();
                for other in woke.due(now) {
                    self.courier.post(*other, Letter::Woke { question });
                }
            }
            Stage::Reading => self.gate.open(),
            Stage::Awake => {
                *waking = None;
                drop(waking);
                self.gate.open_to_pairs();
                node.matchmaker.go_on();
            }
        }
    }

    /// Has every older copy of a session ended that is brought back to life as `record`.
    pub(super) fn claim(&self, now: Moment, record: &SessionRecord) {
        let claim = Claim { session: record.id, token: record.token, epoch: record.epoch() };
        self.claims.lock().add(now, claim);
    }

    /// Tells nodes what they have not heard.
    pub(super) fn say_claims(&self, node: &Node, now: Moment) {
        let there = self.members.lock().all();
        let due = self.claims.lock().due(now, &there);
        for (other, batch) in due {
            self.tell_claims(node, other, batch, None);
        }
    }

    /// Another node stood still: it is told now.
    pub(super) fn hear_woke(&self, node: &Node, from: NodeId, question: u64) {
        let batch = self.claims.lock().unheard(from);
        self.tell_claims(node, from, batch, Some(question));
    }

    /// Of a copy that has ended here it is not told: an older one may have its client.
    fn tell_claims(&self, node: &Node, to: NodeId, mut batch: Batch, question: Option<u64>) {
        batch.claims.retain(|claim| {
            let here = node.sessions.find(claim.token).is_some();
            here || self.departures.of_token(claim.token).is_some()
        });
        self.courier.post(to, Letter::Claims { batch, question });
    }

    /// Another node brought these back.
    pub(super) fn hear_claims(
        &self,
        node: &Arc<Node>,
        now: Moment,
        from: NodeId,
        batch: &Batch,
        question: Option<u64>,
    ) {
        for claim in &batch.claims {
            self.give_way(node, now, from, claim);
        }
        self.courier.post(from, Letter::Claimed { up_to: batch.up_to });
        let Some(question) = question else { return };
        if batch.more {
            self.courier.post(from, Letter::Woke { question });
        } else if let Some(waking) = self.waking.lock().as_mut() {
            waking.answered(from, question);
        }
    }

    /// A copy of this node ends where another one has a later one.
    fn give_way(&self, node: &Arc<Node>, now: Moment, from: NodeId, claim: &Claim) {
        let _changing_hands = self.changing_hands.lock();
        if let Some(here) = node.sessions.find(claim.token) {
            if here.lock().state.epoch() >= claim.epoch {
                return;
            }
            presence::supersede(node, &here);
        }
        self.departures.overtaken(now, from, claim);
    }
}
