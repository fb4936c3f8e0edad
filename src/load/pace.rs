//! When things are due, and what people choose: draws from a seed.

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

/// No draw is longer: a mean of hours stays a number that clocks can add.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The chance of one person, the same in every run with this seed.
pub(super) fn chance_of(seed: u64, person: u32) -> SmallRng {
    // Neighbouring seeds give generators without likeness (SplitMix64 inside).
    SmallRng::seed_from_u64(seed.rotate_left(32) ^ u64::from(person))
}

/// Whether something of this share happens.
pub(super) fn happens(chance: &mut SmallRng, share: f64) -> bool {
    chance.random::<f64>() < share
}

/// An exponential time: the gaps of what happens without memory.
pub(super) fn exponential(chance: &mut SmallRng, mean: Duration) -> Duration {
    scaled(mean, -(1.0 - chance.random::<f64>()).ln())
}

/// A log-normal time around a median: how long people stay.
pub(super) fn log_normal(chance: &mut SmallRng, median: Duration, sigma: f64) -> Duration {
    scaled(median, (sigma * normal(chance)).exp())
}

/// The standard normal distribution (Box and Muller, 1958).
fn normal(chance: &mut SmallRng) -> f64 {
    let radius = (-2.0 * (1.0 - chance.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * chance.random::<f64>()).cos()
}

fn scaled(span: Duration, factor: f64) -> Duration {
    let seconds = (span.as_secs_f64() * factor).min(LONGEST.as_secs_f64());
    Duration::from_secs_f64(seconds)
}

/// A Zipf law over ranks from 0: the nth is chosen 1/n^s as often as the first.
#[derive(Debug)]
pub(super) struct Zipf {
    /// The sums of the weights up to each rank.
    sums: Vec<f64>,
}

impl Zipf {
    /// Over so many ranks.
    pub(super) fn new(ranks: usize, exponent: f64) -> Self {
        let weights = (1..=ranks).map(|rank| (rank as f64).powf(-exponent));
        let sums = weights.scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        Self { sums: sums.collect() }
    }

    /// A rank.
    pub(super) fn draw(&self, chance: &mut SmallRng) -> usize {
        let all = self.sums.last().copied().unwrap_or_default();
        let point = chance.random::<f64>() * all;
        self.sums.partition_point(|sum| *sum <= point).min(self.sums.len().saturating_sub(1))
    }
}

/// An open loop: what is due at fixed intervals, whether or not it could be done
/// in time. What is late stays due at its moment (no coordinated omission).
#[derive(Clone, Copy, Debug)]
pub(super) struct Beat {
    due_us: u64,
    interval_us: f64,
    count: u64,
}

impl Beat {
    /// The first one is due at `start_us`.
    pub(super) fn new(start_us: u64, interval: Duration) -> Self {
        Self { due_us: start_us, interval_us: interval.as_secs_f64() * 1e6, count: 0 }
    }

    /// When the next one is due, in microseconds since 1970.
    pub(super) fn due_us(&self) -> u64 {
        self.due_us + (self.interval_us * self.count as f64) as u64
    }

    /// The next one is done.
    pub(super) fn done(&mut self) {
        self.count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(draw: impl FnMut() -> f64) -> f64 {
        std::iter::repeat_with(draw).take(20_000).sum::<f64>() / 20_000.0
    }

    #[test]
    fn draws_follow_their_laws() {
        let mut chance = chance_of(1, 2);
        let second = Duration::from_secs(1);
        let exponential = mean(|| exponential(&mut chance, second).as_secs_f64());
        assert!((exponential - 1.0).abs() < 0.05, "{exponential}");
        // The mean of a log-normal distribution is exp(sigma²/2) times its median.
        let log_normal = mean(|| log_normal(&mut chance, second, 0.5).as_secs_f64());
        assert!((log_normal - 1.133).abs() < 0.05, "{log_normal}");
        let zipf = Zipf::new(3, 1.0);
        let first = mean(|| f64::from(u8::from(zipf.draw(&mut chance) == 0)));
        assert!((first - 6.0 / 11.0).abs() < 0.05, "{first}");
    }

    #[test]
    fn the_same_seed_gives_the_same_and_people_differ() {
        let draw = |seed, person| chance_of(seed, person).random::<u64>();
        assert_eq!(draw(1, 2), draw(1, 2));
        assert_ne!(draw(1, 2), draw(1, 3));
        assert_ne!(draw(1, 2), draw(2, 1));
    }

    #[test]
    fn what_is_late_stays_due_at_its_moment() {
        let mut beat = Beat::new(1_000_000, Duration::from_micros(333));
        let dues = [0; 4].map(|_| {
            let due = beat.due_us();
            beat.done();
            due - 1_000_000
        });
        assert_eq!(dues, [0, 333, 666, 999]);
    }
}
