//! Time that all processes of a run share: microseconds since 1970.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// A clock that runs evenly from its start, whatever is done to the system's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeline {
    started: Instant,
    started_us: u64,
}

impl Timeline {
    /// A clock set by the system's.
    pub(super) fn start() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), started_us: micros(since) }
    }

    /// Now.
    pub(super) fn now_us(&self) -> u64 {
        self.started_us + micros(self.started.elapsed())
    }

    /// When this is on tokio's timers.
    pub(super) fn instant(&self, us: u64) -> Instant {
        self.started + Duration::from_micros(us.saturating_sub(self.started_us))
    }
}

/// Whole microseconds; more than half a million years stay that many.
pub(super) fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
