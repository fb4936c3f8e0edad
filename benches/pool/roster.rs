//! Who of a crowd waits, by number, to pick one of them at random.

use std::collections::VecDeque;

use rand::{Rng, RngExt};

/// Numbers that are given out in order, and which of them still wait.
#[derive(Default)]
pub struct Roster {
    /// The number of the first of `waits`.
    first: u64,
    waits: VecDeque<bool>,
}

impl Roster {
    /// Gives out the next number, of someone who waits.
    pub fn arrive(&mut self) -> u64 {
        self.waits.push_back(true);
        self.first + self.waits.len() as u64 - 1
    }

    /// Notes that `number` waits no longer.
    pub fn depart(&mut self, number: u64) {
        let place = usize::try_from(number - self.first).expect("numbers in use are close");
        self.waits[place] = false;
        while self.waits.front() == Some(&false) {
            self.waits.pop_front();
            self.first += 1;
        }
    }

    /// One of those who wait: there must be some.
    pub fn pick(&self, rng: &mut impl Rng) -> u64 {
        loop {
            let place = rng.random_range(..self.waits.len());
            if self.waits[place] {
                return self.first + place as u64;
            }
        }
    }
}
