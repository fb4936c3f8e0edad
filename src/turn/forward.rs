//! Passes packets on between a client and its peers (RFC 8656, sections 11 and
//! 12). A packet costs a look-up each of its allocation and its grant, whatever
//! else there is.

use std::net::SocketAddr;

use stun_types::message::Message;
use turn_types::attribute::{Data, XorPeerAddress};

use super::allocation::Allocation;
use super::answer::data_indication;
use super::client::{FiveTuple, send};
use super::framing::{channel_data, prefix_channel};
use super::grants::Grants;
use super::request::{family_of, required, understood};
use super::server::Server;
use super::udp::HEADROOM;
use crate::clock::Moment;
use crate::metrics::{Direction, Refusal};

impl Server {
    /// Passes channel data on to the peer that its channel is bound to.
    pub(super) fn channel_data(&self, tuple: &FiveTuple, bytes: &[u8], now: Moment) {
        let Some((number, data)) = channel_data(bytes) else { return };
        let Some(allocation) = self.allocations.find(tuple, now) else { return };
        self.to_peer(&allocation, data, now, |grants| grants.peer(number, now));
    }

    /// Passes the data of a Send indication on.
    pub(super) fn send_indication(&self, tuple: &FiveTuple, message: &Message<'_>, now: Moment) {
        let Some(allocation) = self.allocations.find(tuple, now) else { return };
        let read = understood(message).and_then(|()| {
            let peer = required::<XorPeerAddress>(message)?.addr(message.transaction_id());
            Ok((peer, required::<Data<'_>>(message)?))
        });
        let Ok((peer, data)) = read else { return };
        if !self.peers.may_reach(peer) {
            return self.metrics.turn.refused(Refusal::Peer);
        }
        let permitted = |grants: &Grants| grants.permits(peer.ip(), now).then_some(peer);
        self.to_peer(&allocation, data.data(), now, permitted);
    }

    fn to_peer(
        &self,
        allocation: &Allocation,
        data: &[u8],
        now: Moment,
        peer: impl FnOnce(&Grants) -> Option<SocketAddr>,
    ) {
        let peer = {
            let mut state = allocation.state.lock();
            let Some(peer) = peer(&state.grants) else {
                return self.metrics.turn.refused(Refusal::Permission);
            };
            if !state.stands(now) || state.returned == Some(family_of(peer)) {
                return;
            }
            if !state.to_peer.take(data.len(), now) {
                return self.metrics.turn.refused(Refusal::Bandwidth);
            }
            peer
        };
        let Some(relayed) = allocation.socket(family_of(peer)) else { return };
        if send(&relayed.socket, data, self.peers.route(peer)) {
            self.metrics.turn.relayed(Direction::ToPeer, data.len());
        } else {
            self.metrics.turn.refused(Refusal::Congestion);
        }
    }

    /// Passes a peer's packet on to the client. The packet begins after the
    /// head-room of `bytes`.
    pub(super) fn to_client(&self, allocation: &Allocation, bytes: &mut [u8], source: SocketAddr) {
        let now = self.clock.now();
        let peer = self.peers.shown(source);
        let length = bytes.len() - HEADROOM;
        let number = {
            let mut state = allocation.state.lock();
            if !state.stands(now) || state.returned == Some(family_of(peer)) {
                return;
            }
            if !state.grants.permits(peer.ip(), now) {
                return self.metrics.turn.refused(Refusal::Permission);
            }
            if !state.from_peer.take(length, now) {
                return self.metrics.turn.refused(Refusal::Bandwidth);
            }
            state.grants.number(peer, now)
        };
        let sent = match number {
            Some(number) => allocation.client.data(prefix_channel(bytes, HEADROOM, number)),
            None => data_indication(peer, &bytes[HEADROOM..])
                .is_some_and(|indication| allocation.client.data(&indication)),
        };
        if sent {
            self.metrics.turn.relayed(Direction::FromPeer, length);
        } else {
            self.metrics.turn.refused(Refusal::Congestion);
        }
    }
}
