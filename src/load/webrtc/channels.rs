//! The channels of an allocation: one for each address that is sent to (RFC 8656,
//! section 12).

use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The first number that a channel may have, and how many there are.
const FIRST: u16 = 0x4000;
const MOST: usize = 0x1000;
/// When a channel is bound anew. Its permission ends after five minutes, the
/// channel itself after ten (RFC 8656, sections 9 and 12).
const RENEWAL: Duration = Duration::from_secs(240);
/// Packets that wait for a channel to be bound; further ones are dropped, as a
/// network would. Checks are sent again anyway.
const HELD: usize = 8;

/// The channels of an allocation. Pure.
#[derive(Default)]
pub(super) struct Channels(Vec<Channel>);

struct Channel {
    peer: SocketAddr,
    state: State,
}

enum State {
    /// It was asked for, and these packets wait.
    Asked(Vec<Vec<u8>>),
    /// It stands, and is to be bound anew at this time.
    Bound(Instant),
    /// The relay does not reach this peer.
    Refused,
}

/// What becomes of a packet to a peer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It goes out on this channel.
    On(u16),
    /// It waits; the channel is to be bound first.
    Bind(u16),
    /// It waits for a channel that was asked for, or is dropped.
    None,
}

impl Channels {
    /// Finds a way for a packet to `peer`.
    pub(super) fn way(&mut self, peer: SocketAddr, packet: &[u8]) -> Way {
        let bind = self.expect(peer);
        let Some(at) = self.0.iter().position(|channel| channel.peer == peer) else {
            return Way::None;
        };
        match &mut self.0[at].state {
            State::Bound(_) => return Way::On(number(at)),
            State::Asked(held) if held.len() < HELD => held.push(packet.to_vec()),
            State::Asked(_) | State::Refused => (),
        }
        bind.map_or(Way::None, Way::Bind)
    }

    /// Makes sure of a channel to `peer`; its number where it is to be bound first.
    pub(super) fn expect(&mut self, peer: SocketAddr) -> Option<u16> {
        if self.0.len() == MOST || self.0.iter().any(|channel| channel.peer == peer) {
            return None;
        }
        self.0.push(Channel { peer, state: State::Asked(Vec::new()) });
        Some(number(self.0.len() - 1))
    }

    /// The peer of a channel.
    pub(super) fn peer(&self, number: u16) -> Option<SocketAddr> {
        Some(self.0.get(usize::from(number.checked_sub(FIRST)?))?.peer)
    }

    /// A channel was bound, or bound anew; the packets that waited for it.
    pub(super) fn bound(&mut self, number: u16, now: Instant) -> Vec<Vec<u8>> {
        match self.replace(number, State::Bound(now + RENEWAL)) {
            Some(State::Asked(held)) => held,
            _ => Vec::new(),
        }
    }

    /// A channel was refused, or nobody answered.
    pub(super) fn refused(&mut self, number: u16) {
        self.replace(number, State::Refused);
    }

    fn replace(&mut self, number: u16, state: State) -> Option<State> {
        let channel = self.0.get_mut(usize::from(number.checked_sub(FIRST)?))?;
        Some(std::mem::replace(&mut channel.state, state))
    }

    /// When the next channel is to be bound anew.
    pub(super) fn due(&self) -> Option<Instant> {
        let renewal = |channel: &Channel| match channel.state {
            State::Bound(renewal) => Some(renewal),
            State::Asked(_) | State::Refused => None,
        };
        self.0.iter().filter_map(renewal).min()
    }

    /// The channels that are to be bound anew now; each is named once.
    pub(super) fn renewals(&mut self, now: Instant) -> Vec<(u16, SocketAddr)> {
        let mut due = Vec::new();
        for (at, channel) in self.0.iter_mut().enumerate() {
            if let State::Bound(renewal) = &mut channel.state
                && *renewal <= now
            {
                *renewal = now + RENEWAL;
                due.push((number(at), channel.peer));
            }
        }
        due
    }
}

fn number(at: usize) -> u16 {
    FIRST + u16::try_from(at).expect("there are at most 4096")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    #[test]
    fn packets_wait_for_their_channel_up_to_a_bound() {
        let mut channels = Channels::default();
        assert_eq!(channels.way(peer(1), &[0]), Way::Bind(0x4000));
        for packet in 1..20 {
            assert_eq!(channels.way(peer(1), &[packet]), Way::None);
        }
        assert_eq!(channels.way(peer(2), &[0]), Way::Bind(0x4001));
        let held = channels.bound(0x4000, Instant::now());
        assert_eq!(held, (0..8).map(|packet| vec![packet]).collect::<Vec<_>>());
        assert_eq!(channels.way(peer(1), &[9]), Way::On(0x4000));
        assert_eq!(channels.peer(0x4001), Some(peer(2)));
        assert_eq!([0x3fff, 0x4002].map(|number| channels.peer(number)), [None, None]);
    }

    #[test]
    fn a_channel_may_be_there_before_its_first_packet() {
        let mut channels = Channels::default();
        assert_eq!(channels.expect(peer(1)), Some(0x4000));
        assert_eq!(channels.expect(peer(1)), None);
        assert_eq!(channels.way(peer(1), &[0]), Way::None);
        assert_eq!(channels.bound(0x4000, Instant::now()), [[0]]);
    }

    #[test]
    fn what_is_refused_is_not_asked_for_again() {
        let mut channels = Channels::default();
        channels.way(peer(1), &[0]);
        channels.refused(0x4000);
        assert_eq!(channels.way(peer(1), &[0]), Way::None);
        assert_eq!(channels.due(), None);
    }

    #[test]
    fn a_channel_is_bound_anew_before_its_permission_ends() {
        let (mut channels, now) = (Channels::default(), Instant::now());
        channels.way(peer(1), &[0]);
        channels.bound(0x4000, now);
        let due = channels.due().unwrap();
        assert!(due < now + Duration::from_secs(300));
        assert_eq!(channels.renewals(now), []);
        assert_eq!(channels.renewals(due), [(0x4000, peer(1))]);
        assert_eq!(channels.renewals(due), [], "it is asked for once");
        channels.bound(0x4000, due);
        assert_eq!(channels.way(peer(1), &[0]), Way::On(0x4000));
    }

    #[test]
    fn there_are_so_many_channels() {
        let mut channels = Channels::default();
        for port in 0..0x1000 {
            assert_eq!(channels.way(peer(port), &[]), Way::Bind(0x4000 + port));
        }
        assert_eq!(channels.way(peer(0x1000), &[]), Way::None);
    }
}
