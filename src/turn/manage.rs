//! Refreshes and ends an allocation, and lets peers in (RFC 8656, sections 8, 10
//! and 12).

use std::net::SocketAddr;
use std::time::Duration;

use stun_types::attribute::ErrorCode;
use stun_types::message::Message;
use turn_types::AddressFamily;
use turn_types::attribute::{ChannelNumber, Lifetime, XorPeerAddress};

use super::allocate::lifetime;
use super::allocation::Allocation;
use super::grants::{Denied, NUMBERS};
use super::request::{BAD_REQUEST, Reject, attribute, family, family_of, peers, required};
use super::server::{Done, Server};
use crate::clock::Moment;

const FORBIDDEN: Reject = Reject::Code(ErrorCode::FORBIDDEN);
const OTHER_FAMILY: Reject = Reject::Code(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH);

impl Server {
    /// Puts an allocation's end off, or ends it.
    pub(super) fn refresh(
        &self,
        message: &Message<'_>,
        allocation: &Allocation,
        now: Moment,
    ) -> Done {
        let family = family(message)?;
        if family.is_some_and(|family| !allocation.has(family)) {
            return Err(OTHER_FAMILY);
        }
        let asked: Option<Lifetime> = attribute(message)?;
        if asked.as_ref().is_some_and(|asked| asked.seconds() == 0) {
            self.give_back(allocation, family);
            return Ok(vec![Box::new(Lifetime::new(0))]);
        }
        let lifetime = lifetime(asked);
        allocation.state.lock().expires = now + lifetime;
        allocation.changed.notify_one();
        Ok(vec![Box::new(Lifetime::new(seconds(lifetime)))])
    }

    /// Ends one family of two, or all.
    fn give_back(&self, allocation: &Allocation, family: Option<AddressFamily>) {
        if let Some(family) = family
            && allocation.relayed.len() > 1
        {
            let mut state = allocation.state.lock();
            if state.returned.is_none() {
                state.returned = Some(family);
                return;
            }
        }
        self.allocations.close(allocation);
    }

    /// Lets all the peers of a request in, or none.
    pub(super) fn create_permission(
        &self,
        message: &Message<'_>,
        allocation: &Allocation,
        now: Moment,
    ) -> Done {
        let peers = peers(message)?;
        if peers.is_empty() {
            return Err(BAD_REQUEST);
        }
        if !peers.iter().all(|peer| allocation.has(family_of(*peer))) {
            return Err(OTHER_FAMILY);
        }
        if !peers.iter().all(|peer| self.peers.may(peer.ip())) {
            return Err(FORBIDDEN);
        }
        let ips: Vec<_> = peers.iter().map(SocketAddr::ip).collect();
        allocation.state.lock().grants.permit(&ips, now).map_err(denied)?;
        Ok(vec![])
    }

    /// Binds a channel to a peer.
    pub(super) fn channel_bind(
        &self,
        message: &Message<'_>,
        allocation: &Allocation,
        now: Moment,
    ) -> Done {
        let number = required::<ChannelNumber>(message)?.channel();
        let peer = required::<XorPeerAddress>(message)?.addr(message.transaction_id());
        if !NUMBERS.contains(&number) {
            return Err(BAD_REQUEST);
        }
        if !allocation.has(family_of(peer)) {
            return Err(OTHER_FAMILY);
        }
        if !self.peers.may_reach(peer) {
            return Err(FORBIDDEN);
        }
        allocation.state.lock().grants.bind(number, peer, now).map_err(denied)?;
        Ok(vec![])
    }
}

fn denied(denied: Denied) -> Reject {
    match denied {
        Denied::Conflict => BAD_REQUEST,
        Denied::Full => Reject::Code(ErrorCode::INSUFFICIENT_CAPACITY),
    }
}

fn seconds(lifetime: Duration) -> u32 {
    u32::try_from(lifetime.as_secs()).expect("it is an hour at most")
}
