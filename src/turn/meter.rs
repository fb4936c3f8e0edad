//! How much of its bandwidth an allocation has used. Pure: time comes in.

use std::time::Duration;

use crate::clock::Moment;

/// What may be sent at once after a pause, as a time at the full rate.
const BURST: Duration = Duration::from_secs(1);

/// A token bucket of bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meter {
    bytes_per_second: u32,
    /// When the bucket is full again, in nanoseconds of the clock's time line.
    full_at: u64,
}

impl Meter {
    /// With a whole burst at hand.
    pub(super) fn new(bytes_per_second: u32) -> Self {
        Self { bytes_per_second: bytes_per_second.max(1), full_at: 0 }
    }

    /// Takes so many bytes; whether they were there.
    pub(super) fn take(&mut self, bytes: usize, now: Moment) -> bool {
        let now = nanos(now.since(Moment::default()));
        let cost = bytes as u64 * 1_000_000_000 / u64::from(self.bytes_per_second);
        let full_at = self.full_at.max(now) + cost;
        let there = full_at - now <= nanos(BURST);
        if there {
            self.full_at = full_at;
        }
        there
    }
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_the_rate() {
        let mut meter = Meter::new(1000);
        let start = Moment::from_micros(9_000_000);
        assert_eq!([(); 4].map(|()| meter.take(300, start)), [true, true, true, false]);
        assert!(meter.take(100, start));
        assert!(!meter.take(1, start));
        assert!(meter.take(500, start + BURST / 2));
        assert!(!meter.take(2, start + BURST / 2));
    }
}
