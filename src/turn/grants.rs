//! Whom an allocation may exchange packets with: its permissions and channels
//! (RFC 8656, sections 9 and 12). Pure: time comes in.
//!
//! What has run out is seen when it is looked up, and swept when there is no
//! room; no task or timer stands behind one.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use foldhash::quality::RandomState;

use crate::clock::Moment;

/// How long a permission holds (RFC 8656, section 9).
pub(super) const PERMISSION: Duration = Duration::from_secs(300);
/// How long a channel holds (RFC 8656, section 12).
pub(super) const CHANNEL: Duration = Duration::from_secs(600);
/// Permissions of an allocation. A browser has one for each candidate of its
/// partner.
pub(super) const MOST_PERMISSIONS: usize = 128;
/// Channels of an allocation.
pub(super) const MOST_CHANNELS: usize = 128;
/// The numbers that a channel may have. RFC 8656 ends them at 0x4FFF; clients of
/// RFC 5766 go on to here.
pub(super) const NUMBERS: RangeInclusive<u16> = 0x4000..=0x7FFF;

/// Why something was not granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// The number or the peer is bound already, to another.
    Conflict,
    /// The allocation has as many as it may.
    Full,
}

/// What an allocation was granted.
#[derive(Debug, Default)]
pub(super) struct Grants {
    permissions: HashMap<IpAddr, Moment, RandomState>,
    channels: HashMap<u16, Channel, RandomState>,
    numbers: HashMap<SocketAddr, u16, RandomState>,
}

#[derive(Clone, Copy, Debug)]
struct Channel {
    peer: SocketAddr,
    until: Moment,
}

impl Grants {
    /// Permits packets of all of `peers`, or of none where there is no room.
    pub(super) fn permit(&mut self, peers: &[IpAddr], now: Moment) -> Result<(), Denied> {
        let fresh = |held: &Self| {
            let fresh: HashSet<_> =
                peers.iter().filter(|ip| !held.permissions.contains_key(ip)).collect();
            held.permissions.len() + fresh.len()
        };
        if fresh(self) > MOST_PERMISSIONS {
            self.permissions.retain(|_, until| *until > now);
        }
        if fresh(self) > MOST_PERMISSIONS {
            return Err(Denied::Full);
        }
        self.permissions.extend(peers.iter().map(|ip| (*ip, now + PERMISSION)));
        Ok(())
    }

    /// Binds a channel to a peer or refreshes it, and permits the peer's
    /// packets.
    pub(super) fn bind(
        &mut self,
        number: u16,
        peer: SocketAddr,
        now: Moment,
    ) -> Result<(), Denied> {
        let bound = self.peer(number, now);
        let numbered = self.number(peer, now);
        if bound.is_some_and(|bound| bound != peer) || numbered.is_some_and(|n| n != number) {
            return Err(Denied::Conflict);
        }
        if bound.is_none() && self.channels.len() >= MOST_CHANNELS {
            self.channels.retain(|_, channel| channel.until > now);
            self.numbers.retain(|_, number| self.channels.contains_key(number));
            if self.channels.len() >= MOST_CHANNELS {
                return Err(Denied::Full);
            }
        }
        self.permit(&[peer.ip()], now)?;
        // Either may have been bound otherwise, which has run out.
        if let Some(before) = self.channels.insert(number, Channel { peer, until: now + CHANNEL }) {
            self.numbers.remove(&before.peer);
        }
        if let Some(before) = self.numbers.insert(peer, number).filter(|n| *n != number) {
            self.channels.remove(&before);
        }
        Ok(())
    }

    /// Whether packets of `ip` are let in, and sent to it.
    pub(super) fn permits(&self, ip: IpAddr, now: Moment) -> bool {
        self.permissions.get(&ip).is_some_and(|until| *until > now)
    }

    /// The peer that a channel is bound to.
    pub(super) fn peer(&self, number: u16, now: Moment) -> Option<SocketAddr> {
        let channel = self.channels.get(&number).filter(|channel| channel.until > now);
        channel.map(|channel| channel.peer)
    }

    /// The channel of a peer.
    pub(super) fn number(&self, peer: SocketAddr, now: Moment) -> Option<u16> {
        let number = *self.numbers.get(&peer)?;
        self.peer(number, now).map(|_| number)
    }
}

#[cfg(test)]
mod tests;
