//! The relayed ports that are free. Pure: chance comes in.
//!
//! Taking and giving back cost the same however many are taken. A port at
//! random tells a peer nothing about other allocations (RFC 8656, section 5).

use std::ops::RangeInclusive;

use rand::{Rng, RngExt};

/// How often an even port is tried for before there is none.
const EVEN_TRIES: usize = 64;
/// In `place`: the port is taken.
const TAKEN: u32 = u32::MAX;

/// Which of a range of ports are free.
#[derive(Debug)]
pub(super) struct Ports {
    first: u16,
    free: Vec<u16>,
    /// Where in `free` each port stands, or [`TAKEN`].
    place: Vec<u32>,
}

impl Ports {
    /// All of them free.
    pub(super) fn new(range: RangeInclusive<u16>) -> Self {
        let free: Vec<u16> = range.clone().collect();
        let place = (0..).take(free.len()).collect();
        Self { first: *range.start(), free, place }
    }

    /// Takes any.
    pub(super) fn any(&mut self, chance: &mut impl Rng) -> Option<u16> {
        let port = self.pick(chance)?;
        self.take(port).then_some(port)
    }

    /// Takes an even one, and where `with_next` the one above it too
    /// (RFC 8656, section 7.2). In a crowded range it may miss the last few.
    pub(super) fn even(&mut self, with_next: bool, chance: &mut impl Rng) -> Option<u16> {
        for _ in 0..EVEN_TRIES {
            let port = self.pick(chance)? & !1;
            let next = port | 1;
            if !self.is_free(port) || (with_next && !self.is_free(next)) {
                continue;
            }
            self.take(port);
            if with_next {
                self.take(next);
            }
            return Some(port);
        }
        None
    }

    /// Gives one back that was taken.
    pub(super) fn give_back(&mut self, port: u16) {
        let end = u32::try_from(self.free.len()).expect("there are 65,536 ports");
        if let Some(place) = self.place_of(port).filter(|place| **place == TAKEN) {
            *place = end;
            self.free.push(port);
        }
    }

    fn pick(&self, chance: &mut impl Rng) -> Option<u16> {
        let count = self.free.len();
        (count > 0).then(|| self.free[chance.random_range(0..count)])
    }

    fn is_free(&mut self, port: u16) -> bool {
        self.place_of(port).is_some_and(|place| *place != TAKEN)
    }

    fn take(&mut self, port: u16) -> bool {
        let Some(place) = self.place_of(port).filter(|place| **place != TAKEN) else {
            return false;
        };
        let at = std::mem::replace(place, TAKEN);
        self.free.swap_remove(at as usize);
        if let Some(&moved) = self.free.get(at as usize) {
            *self.place_of(moved).expect("it is of the range") = at;
        }
        true
    }

    fn place_of(&mut self, port: u16) -> Option<&mut u32> {
        self.place.get_mut(usize::from(port.checked_sub(self.first)?))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;

    #[test]
    fn every_port_is_handed_out_once() {
        let mut chance = SmallRng::seed_from_u64(1);
        let mut ports = Ports::new(65_533..=65_535);
        let taken: BTreeSet<_> = (0..3).filter_map(|_| ports.any(&mut chance)).collect();
        assert_eq!(taken, BTreeSet::from([65_533, 65_534, 65_535]));
        assert_eq!(ports.any(&mut chance), None);
        ports.give_back(65_534);
        ports.give_back(65_534);
        ports.give_back(1);
        assert_eq!(ports.any(&mut chance), Some(65_534));
        assert_eq!(ports.any(&mut chance), None);
    }

    #[test]
    fn a_pair_begins_even() {
        let mut chance = SmallRng::seed_from_u64(1);
        let mut ports = Ports::new(101..=104);
        assert_eq!(ports.even(true, &mut chance), Some(102));
        assert_eq!(ports.even(true, &mut chance), None);
        assert_eq!(ports.even(false, &mut chance), Some(104));
    }

    proptest! {
        /// Against a set of what is taken.
        #[test]
        fn it_is_a_set_of_ports(steps in prop::collection::vec((0..4u8, 0..20u16), 0..200)) {
            let mut chance = SmallRng::seed_from_u64(7);
            let mut ports = Ports::new(1000..=1015);
            let mut taken = BTreeSet::new();
            for (step, number) in steps {
                match step {
                    0 => match ports.any(&mut chance) {
                        Some(port) => prop_assert!(taken.insert(port)),
                        None => prop_assert_eq!(taken.len(), 16),
                    },
                    1 | 2 => if let Some(port) = ports.even(step == 2, &mut chance) {
                        prop_assert!(port % 2 == 0 && taken.insert(port));
                        prop_assert!(step == 1 || taken.insert(port + 1));
                    },
                    _ => {
                        ports.give_back(1000 + number);
                        taken.remove(&(1000 + number));
                    }
                }
                prop_assert!(taken.iter().all(|port| (1000..=1015).contains(port)));
            }
        }
    }
}
