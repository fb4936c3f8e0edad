//! How often something may happen: the generic cell rate algorithm, by governor.
//! Pure: time comes in.
//!
//! governor's limiters hold their allowance and a clock each. Here a [`Bucket`] is
//! the state alone, eight bytes, and the allowance comes in with the time, so that
//! what many share is there once.

use std::cell::Cell;
use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{NotKeyed, StateStore};
use governor::{Quota, RateLimiter};

use crate::clock::Moment;

/// How much is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// So many at once.
    pub burst: u32,
    /// And one more whenever this has passed.
    pub every: Duration,
}

/// A refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too often; allowed again in {again:?}")]
pub struct Refused {
    /// After how long it is allowed again, if nothing else uses that up.
    pub again: Duration,
}

/// How much of an allowance was used: the time at which nothing is, in nanoseconds, if
/// something ever was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bucket(Option<NonZeroU64>);

/// What is left of an [`Allowance`] of its own.
#[derive(Clone, Copy, Debug)]
pub struct Limiter {
    allowance: Allowance,
    bucket: Bucket,
}

impl Allowance {
    /// So many at once, and so many more a second.
    ///
    /// # Panics
    /// Where `per_second` is 0.
    #[must_use]
    pub const fn per_second(burst: u32, per_second: u32) -> Self {
        Self { burst, every: Duration::from_nanos(1_000_000_000 / per_second as u64) }
    }

    /// So many at once, and so many more a minute.
    ///
    /// # Panics
    /// Where `per_minute` is 0.
    #[must_use]
    pub const fn per_minute(burst: u32, per_minute: u32) -> Self {
        Self { burst, every: Duration::from_nanos(60_000_000_000 / per_minute as u64) }
    }

    /// As governor has it; none where any number is allowed.
    fn quota(self, burst: NonZeroU32) -> Option<Quota> {
        Quota::with_period(self.every).map(|quota| quota.allow_burst(burst))
    }
}

impl Bucket {
    /// Takes one of what is allowed.
    ///
    /// # Errors
    /// [`Refused`], and nothing was taken.
    pub fn take(&mut self, allowance: Allowance, now: Moment) -> Result<(), Refused> {
        let Some(burst) = NonZeroU32::new(allowance.burst) else {
            return Err(Refused { again: allowance.every });
        };
        let Some(quota) = allowance.quota(burst) else { return Ok(()) };
        let place = Place(Cell::from_mut(&mut self.0));
        let limiter: RateLimiter<_, _, _, NoOpMiddleware<Nanos>> =
            RateLimiter::new(quota, place, Given::origin());
        limiter.clock().0.set(nanos(now));
        limiter.check().map_err(|refused| Refused { again: refused.wait_time_from(nanos(now)) })
    }

    /// Whether nothing is used: it is as good as a new one.
    #[must_use]
    pub fn is_unused(self, now: Moment) -> bool {
        self.0.is_none_or(|used_until| used_until.get() <= nanos(now).as_u64())
    }
}

impl Limiter {
    /// With everything still allowed.
    #[must_use]
    pub fn new(allowance: Allowance) -> Self {
        Self { allowance, bucket: Bucket::default() }
    }

    /// Takes one; whether it was allowed.
    pub fn take(&mut self, now: Moment) -> bool {
        self.bucket.take(self.allowance, now).is_ok()
    }
}

/// A moment as governor has it: nanoseconds since the time line's origin, at most a
/// century of them, to which every allowance can still be added.
fn nanos(moment: Moment) -> Nanos {
    const CENTURY: u64 = 100 * 365 * 24 * 60 * 60 * 1_000_000;
    Nanos::new(moment.micros().min(CENTURY) * 1_000)
}

/// A clock that shows what it is set to; first the origin, from which governor counts.
struct Given(Cell<Nanos>);

impl Given {
    fn origin() -> Self {
        Self(Cell::new(Nanos::new(0)))
    }
}

impl Clock for Given {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.get()
    }
}

/// Where governor finds a bucket's state. Nobody else uses it meanwhile.
struct Place<'a>(&'a Cell<Option<NonZeroU64>>);

impl StateStore for Place<'_> {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _key: &NotKeyed, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (taken, next) = decide(self.0.get().map(|nanos| nanos.get().into()))?;
        self.0.set(NonZeroU64::new(next.as_u64()));
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Moment = Moment::from_micros(5_000_000);

    #[test]
    fn a_burst_and_then_one_at_a_time() {
        let every = Duration::from_secs(2);
        let mut limiter = Limiter::new(Allowance { burst: 3, every });
        assert_eq!([(); 4].map(|()| limiter.take(START)), [true, true, true, false]);
        assert!(!limiter.take(START + every / 2));
        assert!(limiter.take(START + every));
        assert!(!limiter.take(START + every));
        let later = START + every * 100;
        assert_eq!([(); 4].map(|()| limiter.take(later)), [true, true, true, false]);
    }

    #[test]
    fn a_refusal_says_when_and_takes_nothing() {
        let allowance = Allowance::per_minute(2, 6);
        let mut bucket = Bucket::default();
        assert!(bucket.take(allowance, START).is_ok() && bucket.take(allowance, START).is_ok());
        let again = bucket.take(allowance, START).unwrap_err().again;
        assert_eq!(again, Duration::from_secs(10));
        let almost = (START + again).before(Duration::from_micros(1));
        assert!(bucket.take(allowance, almost).is_err());
        assert!(bucket.take(allowance, START + again).is_ok());
    }

    #[test]
    fn a_bucket_is_as_new_when_all_that_was_used_is_back() {
        let allowance = Allowance::per_second(100, 10);
        let mut bucket = Bucket::default();
        assert!(bucket.is_unused(Moment::default()));
        bucket.take(allowance, START).unwrap();
        assert!(!bucket.is_unused(START));
        assert!(bucket.is_unused(START + Duration::from_millis(100)));
        assert_eq!(size_of::<Bucket>(), 8);
    }

    #[test]
    fn nothing_all_and_the_ends_of_time() {
        let none = Allowance { burst: 0, every: Duration::from_secs(1) };
        assert_eq!(Bucket::default().take(none, START), Err(Refused { again: none.every }));
        let all = Allowance { burst: 1, every: Duration::ZERO };
        let mut bucket = Bucket::default();
        assert!((0..1000).all(|_| bucket.take(all, START).is_ok()));
        let slow = Allowance { burst: 1, every: Duration::from_secs(24 * 60 * 60) };
        for end in [Moment::default(), Moment::from_micros(u64::MAX)] {
            let mut bucket = Bucket::default();
            assert!(bucket.take(slow, end).is_ok());
            assert!(bucket.take(slow, end).is_err());
        }
    }
}
