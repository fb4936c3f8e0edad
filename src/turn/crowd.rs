//! How many connections there are, in all and of each address. Pure.

use std::collections::HashMap;
use std::net::IpAddr;

use foldhash::quality::RandomState;

use super::flood::network;

/// Connections of one address. People behind one router share it.
const MOST_OF_AN_ADDRESS: usize = 256;

/// The connections that are open.
#[derive(Debug)]
pub(super) struct Crowd {
    most: usize,
    open: usize,
    of_address: HashMap<u64, usize, RandomState>,
}

impl Crowd {
    /// With room for so many.
    pub(super) fn new(most: usize) -> Self {
        Self { most, open: 0, of_address: HashMap::default() }
    }

    /// Counts one more; whether there is room for it.
    pub(super) fn enter(&mut self, ip: IpAddr) -> bool {
        if self.open >= self.most {
            return false;
        }
        let own = self.of_address.entry(network(ip)).or_default();
        if *own >= MOST_OF_AN_ADDRESS {
            return false;
        }
        *own += 1;
        self.open += 1;
        true
    }

    /// One that entered is gone.
    pub(super) fn leave(&mut self, ip: IpAddr) {
        let Some(own) = self.of_address.get_mut(&network(ip)) else { return };
        *own -= 1;
        self.open -= 1;
        if *own == 0 {
            self.of_address.remove(&network(ip));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_all_together_have_a_bound() {
        let ip = |last| IpAddr::from([192, 0, 2, last]);
        let mut crowd = Crowd::new(MOST_OF_AN_ADDRESS + 1);
        assert!((0..MOST_OF_AN_ADDRESS).all(|_| crowd.enter(ip(1))));
        assert!(!crowd.enter(ip(1)));
        assert!(crowd.enter(ip(2)) && !crowd.enter(ip(3)));
        crowd.leave(ip(2));
        crowd.leave(ip(2));
        assert!(crowd.enter(ip(3)) && !crowd.enter(ip(2)));
        assert_eq!(crowd.of_address.len(), 2);
    }
}
