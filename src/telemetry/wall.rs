//! What the time of day was at a moment of this process.
//!
//! The two clocks are not read at once: between them a thread may be set aside for
//! milliseconds. Read anew for each span, what lay within another would be shown
//! outside it. So both are read once, and again only where the system's clock was set.

use std::time::{Duration, SystemTime};

use parking_lot::Mutex;

use crate::clock::{Clock, Moment};

/// The system's clock is taken to have been set where it is off by more.
const SET: Duration = Duration::from_millis(20);
/// Of so many readings the quickest counts.
const READINGS: u32 = 8;

/// The time of day, by the process's own time line.
#[derive(Debug)]
pub(super) struct Wall {
    clock: Clock,
    anchor: Mutex<Anchor>,
}

/// One instant by both clocks.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    moment: Moment,
    day: SystemTime,
}

impl Wall {
    pub(super) fn of(clock: Clock) -> Self {
        Self { clock, anchor: Mutex::new(read(&clock)) }
    }

    /// The time of day at each of `moments`, by one reading of the clocks.
    pub(super) fn at<const N: usize>(&self, moments: [Moment; N]) -> [SystemTime; N] {
        let mut anchor = self.anchor.lock();
        let seen = Anchor { moment: self.clock.now(), day: SystemTime::now() };
        if anchor.is_off(&seen) {
            // Or this thread was set aside between the two readings.
            let read = read(&self.clock);
            if anchor.is_off(&read) {
                *anchor = read;
            }
        }
        moments.map(|moment| anchor.at(moment))
    }
}

impl Anchor {
    fn at(&self, moment: Moment) -> SystemTime {
        let (ahead, back) = (moment - self.moment, self.moment - moment);
        (self.day + ahead).checked_sub(back).unwrap_or(SystemTime::UNIX_EPOCH)
    }

    fn is_off(&self, seen: &Self) -> bool {
        let expected = self.at(seen.moment);
        let off = seen.day.duration_since(expected).unwrap_or_else(|early| early.duration());
        off > SET
    }
}

/// Reads both clocks, a few times: what lies closest together counts.
fn read(clock: &Clock) -> Anchor {
    let readings = (0..READINGS).map(|_| {
        let (moment, day) = (clock.now(), SystemTime::now());
        (clock.now() - moment, Anchor { moment, day })
    });
    readings.min_by_key(|(took, _)| *took).expect("there is one").1
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_lies_within_another_is_shown_within_it() {
        let clock = Clock::start();
        let wall = Wall::of(clock);
        let began = clock.now();
        let ended = began + Duration::from_micros(1);
        let [outer, end] = wall.at([began, ended]);
        std::thread::sleep(Duration::from_millis(3));
        assert_eq!(wall.at([began, ended]), [outer, end], "whenever it is asked");
        assert_eq!(end.duration_since(outer).unwrap(), Duration::from_micros(1));
    }

    #[test]
    fn a_clock_that_was_set_is_read_anew() {
        let clock = Clock::start();
        let wall = Wall::of(clock);
        wall.anchor.lock().day -= 60 * SECOND;
        let [now] = wall.at([clock.now()]);
        assert!(now.elapsed().is_ok_and(|passed| passed < 30 * SECOND));
    }

    #[test]
    fn a_moment_may_lie_before_the_reading() {
        let day = SystemTime::UNIX_EPOCH + 100 * SECOND;
        let anchor = Anchor { moment: Moment::from_micros(5_000_000), day };
        assert_eq!(anchor.at(Moment::from_micros(3_000_000)), day - 2 * SECOND);
        assert_eq!(anchor.at(Moment::from_micros(6_000_000)), day + SECOND);
    }
}
