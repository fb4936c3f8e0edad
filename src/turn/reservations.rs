//! Ports that are kept for a second allocation (RFC 8656, section 7.2). Pure:
//! time and chance come in.

use std::collections::HashMap;
use std::time::Duration;

use rand::{Rng, RngExt};

use crate::clock::Moment;

/// How long a port is kept (RFC 8656, section 7.2).
const LIFE: Duration = Duration::from_secs(30);
/// Ports kept at once; further ones are not kept.
const MOST: usize = 256;

/// What is kept under a token each.
#[derive(Debug)]
pub(super) struct Reservations<T>(HashMap<u64, (T, Moment)>);

impl<T> Default for Reservations<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Reservations<T> {
    /// Keeps something; the token that it is fetched with, or nothing where
    /// there is no room.
    pub(super) fn keep(&mut self, kept: T, now: Moment, chance: &mut impl Rng) -> Option<u64> {
        self.sweep(now);
        if self.0.len() >= MOST {
            return None;
        }
        let token = chance.random();
        self.0.insert(token, (kept, now + LIFE));
        Some(token)
    }

    /// Fetches what is kept, once.
    pub(super) fn fetch(&mut self, token: u64, now: Moment) -> Option<T> {
        self.sweep(now);
        self.0.remove(&token).map(|(kept, _)| kept)
    }

    fn sweep(&mut self, now: Moment) {
        self.0.retain(|_, (_, until)| *until > now);
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;

    #[test]
    fn what_is_kept_is_fetched_once_and_in_time() {
        let mut chance = SmallRng::seed_from_u64(1);
        let mut kept = Reservations::default();
        let now = Moment::from_micros(1);
        let token = kept.keep("a", now, &mut chance).unwrap();
        assert_eq!(kept.fetch(!token, now), None);
        assert_eq!(kept.fetch(token, now), Some("a"));
        assert_eq!(kept.fetch(token, now), None);
        let token = kept.keep("b", now, &mut chance).unwrap();
        assert_eq!(kept.fetch(token, now + LIFE), None);
    }

    #[test]
    fn only_so_much_is_kept() {
        let mut chance = SmallRng::seed_from_u64(1);
        let mut kept = Reservations::default();
        let now = Moment::from_micros(1);
        let tokens = (0..MOST + 1).filter_map(|n| kept.keep(n, now, &mut chance)).count();
        assert_eq!(tokens, MOST);
        assert!(kept.keep(0, now + LIFE, &mut chance).is_some());
    }
}
