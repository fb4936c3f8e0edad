//! Time as a value, so that everything that decides runs in virtual time.
//!
//! Only the edge asks a [`Clock`]; below it a [`Moment`] comes in as an
//! argument.

use std::ops::{Add, Sub};
use std::time::Duration;

/// A point on the process's monotonic time line, in microseconds since an
/// arbitrary origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

impl Moment {
    /// The point `micros` microseconds after the origin.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// How many microseconds after the origin it is.
    #[must_use]
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// The point `span` before; the origin where that is nearer.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(span.as_micros()).unwrap_or(u64::MAX)))
    }

    /// How long ago `earlier` was; zero where it is still to come.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(micros))
    }
}

impl Sub for Moment {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

/// How far the clock's time line reaches back before its start, for what
/// happened in an earlier process.
const BEFORE_START: Duration = Duration::from_secs(24 * 60 * 60);

/// The running clock. It follows tokio's time, which tests may pause.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: tokio::time::Instant,
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { started: tokio::time::Instant::now() }
    }

    /// The present.
    #[must_use]
    pub fn now(&self) -> Moment {
        Moment::default() + BEFORE_START + self.started.elapsed()
    }

    /// When `moment` is on tokio's timers.
    #[must_use]
    pub fn instant(&self, moment: Moment) -> tokio::time::Instant {
        self.started + moment.since(Moment::default() + BEFORE_START)
    }
}
