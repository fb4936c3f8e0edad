//! A token bucket. Pure: time comes in.

use std::time::Duration;

use crate::clock::Moment;

/// How much is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// So many at once.
    pub burst: u32,
    /// And one more whenever this has passed.
    pub every: Duration,
}

/// What is left of an [`Allowance`].
#[derive(Clone, Copy, Debug)]
pub struct Limiter {
    allowance: Allowance,
    /// The moment at which the bucket is full again.
    full_at: Moment,
}

impl Limiter {
    /// With everything still allowed.
    #[must_use]
    pub fn new(allowance: Allowance) -> Self {
        Self { allowance, full_at: Moment::default() }
    }

    /// Takes one; whether it was allowed.
    pub fn take(&mut self, now: Moment) -> bool {
        let full_at = self.full_at.max(now) + self.allowance.every;
        let allowed = full_at - now <= self.allowance.every * self.allowance.burst;
        if allowed {
            self.full_at = full_at;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_one_at_a_time() {
        let every = Duration::from_secs(2);
        let mut limiter = Limiter::new(Allowance { burst: 3, every });
        let start = Moment::from_micros(5_000_000);
        assert_eq!([(); 4].map(|()| limiter.take(start)), [true, true, true, false]);
        assert!(!limiter.take(start + every / 2));
        assert!(limiter.take(start + every));
        assert!(!limiter.take(start + every));
        let later = start + every * 100;
        assert_eq!([(); 4].map(|()| limiter.take(later)), [true, true, true, false]);
    }
}
