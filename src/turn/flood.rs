//! How much an address may ask without credentials. Pure: time comes in.
//!
//! The source of a datagram may be forged, so that the relay answers only so
//! much to one and can't be made to shower another. The table has a fixed size:
//! addresses share a slot by a keyed hash, which nobody can aim at.

use std::hash::BuildHasher;
use std::net::IpAddr;

use foldhash::quality::RandomState;

use crate::clock::Moment;
use crate::guard::limiter::{Allowance, Limiter};

/// Slots of the table, 64 bytes each.
const SLOTS: usize = 1 << 15;

/// What a request without credentials gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Treatment {
    /// Its answer.
    Answer,
    /// The word that it is too many.
    Refuse,
    /// Nothing.
    Ignore,
}

/// What each address has left.
#[derive(Debug)]
pub(super) struct Flood {
    hasher: RandomState,
    slots: Box<[Slot]>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    answers: Limiter,
    refusals: Limiter,
}

impl Flood {
    /// With everything still allowed.
    pub(super) fn new(allowance: Allowance) -> Self {
        let limiter = Limiter::new(allowance);
        let slot = Slot { answers: limiter, refusals: limiter };
        Self { hasher: RandomState::default(), slots: vec![slot; SLOTS].into() }
    }

    /// Takes one of what `ip` may ask.
    pub(super) fn take(&mut self, ip: IpAddr, now: Moment) -> Treatment {
        let slot = &mut self.slots[self.hasher.hash_one(network(ip)) as usize % SLOTS];
        if slot.answers.take(now) {
            Treatment::Answer
        } else if slot.refusals.take(now) {
            Treatment::Refuse
        } else {
            Treatment::Ignore
        }
    }
}

/// What one client may have at will: an IPv4 address, a /64 of IPv6.
pub(super) fn network(ip: IpAddr) -> u64 {
    match ip.to_canonical() {
        IpAddr::V4(ip) => u64::from(u32::from(ip)),
        IpAddr::V6(ip) => (u128::from(ip) >> 64) as u64,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn answers_then_refusals_then_silence() {
        let every = Duration::from_secs(1);
        let mut flood = Flood::new(Allowance { burst: 2, every });
        let now = Moment::from_micros(9_000_000);
        let mut take = |ip: &str, now| flood.take(ip.parse().unwrap(), now);
        let seen = [(); 5].map(|()| take("192.0.2.1", now));
        use Treatment::{Answer, Ignore, Refuse};
        assert_eq!(seen, [Answer, Answer, Refuse, Refuse, Ignore]);
        assert_eq!(take("192.0.2.2", now), Answer);
        assert_eq!([(); 2].map(|()| take("192.0.2.1", now + every)), [Answer, Refuse]);
        let seen = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1"];
        assert_eq!(seen.map(|ip| take(ip, now)), [Answer, Answer, Refuse, Answer]);
    }

    #[test]
    fn a_slot_is_as_large_as_it_is_said_to_be() {
        assert_eq!(size_of::<Slot>(), 64);
    }
}
