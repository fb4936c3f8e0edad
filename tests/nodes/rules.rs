//! What a run's nodes are told, and what its people are like.

use std::time::Duration;

use passerby::matchmaking::pool::Config;
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub pairing: Config,
    pub grace: Duration,
    /// How long after the grace it is remembered where a session went.
    pub remembered: Duration,
    /// Of what nodes say of themselves.
    pub ttl: Duration,
    pub parts: u8,
    pub nodes: usize,
    pub people: usize,
    /// The longest time between two steps.
    pub pace: Duration,
}

impl Rules {
    /// Those of a run.
    pub fn draw(rng: &mut Xoshiro256PlusPlus) -> Self {
        let rematch = if rng.random() { 30 } else { 2 };
        let pace = [1, 4, 20, 60][rng.random_range(0..4)];
        Self {
            pairing: Config { rematch_wait: Duration::from_secs(rematch), ..Config::default() },
            grace: Duration::from_secs(4),
            remembered: Duration::from_secs(60),
            ttl: Duration::from_millis(1500),
            parts: rng.random_range(1..=3),
            nodes: if rng.random_ratio(1, 3) { 3 } else { 2 },
            people: rng.random_range(3..10),
            pace: Duration::from_millis(pace),
        }
    }
}
