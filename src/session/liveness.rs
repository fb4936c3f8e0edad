//! When a connection is asked whether it lives, and when it is given up
//! (rule 7). Pure: time comes in.

use std::time::Duration;

use crate::clock::Moment;

/// How often a connection is pinged, and after what silence it is dead.
struct Pace {
    ping: Duration,
    silence: Duration,
}

const RELAXED: Pace = Pace { ping: Duration::from_secs(20), silence: Duration::from_secs(32) };
/// Somebody waiting must not be paired after 12 s of silence; the rest of the
/// time is for timers that run late.
const WATCHFUL: Pace = Pace { ping: Duration::from_secs(5), silence: Duration::from_secs(10) };

/// What is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing before this moment.
    At(Moment),
    /// A ping.
    Ping,
    /// The connection is dead.
    Dead,
}

/// One connection's signs of life.
#[derive(Debug)]
pub(super) struct Liveness {
    heard: Moment,
    pinged: Moment,
    watchful: bool,
}

impl Liveness {
    /// A connection that was made now.
    pub(super) fn new(now: Moment) -> Self {
        Self { heard: now, pinged: now, watchful: false }
    }

    /// Something came in.
    pub(super) fn heard(&mut self, now: Moment) {
        self.heard = now;
    }

    /// Whether silence matters soon. Where that begins the last sign of life, mostly
    /// one of just now, counts as the answer to a ping.
    pub(super) fn watch(&mut self, watchful: bool) {
        if watchful && !self.watchful {
            self.pinged = self.pinged.max(self.heard);
        }
        self.watchful = watchful;
    }

    /// When [`check`](Self::check) has something to do.
    pub(super) fn next(&self) -> Moment {
        let pace = self.pace();
        (self.pinged + pace.ping).min(self.heard + pace.silence)
    }

    /// What is due now; a ping is taken as sent.
    pub(super) fn check(&mut self, now: Moment) -> Due {
        let pace = self.pace();
        if now >= self.heard + pace.silence {
            Due::Dead
        } else if now >= self.pinged + pace.ping {
            self.pinged = now;
            Due::Ping
        } else {
            Due::At(self.next())
        }
    }

    fn pace(&self) -> Pace {
        if self.watchful { WATCHFUL } else { RELAXED }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::from_micros(seconds * 1_000_000)
    }

    /// The seconds of each ping and of death, for a peer that says nothing.
    fn silent_peer(watchful: bool) -> (Vec<u64>, u64) {
        let mut liveness = Liveness::new(at(0));
        liveness.watch(watchful);
        let mut pings = Vec::new();
        for second in 0.. {
            match liveness.check(at(second)) {
                Due::Ping => pings.push(second),
                Due::Dead => return (pings, second),
                Due::At(next) => assert!(next > at(second)),
            }
        }
        unreachable!("a silent peer dies")
    }

    #[test]
    fn rule_7_pings_every_20_s_and_every_5_s_while_watched() {
        assert_eq!(silent_peer(false), (vec![20], 32));
        assert_eq!(silent_peer(true), (vec![5], 10));
    }

    #[test]
    fn any_sign_of_life_counts() {
        let mut liveness = Liveness::new(at(0));
        for second in 1..1000 {
            liveness.heard(at(second));
            assert_ne!(liveness.check(at(second)), Due::Dead);
        }
    }

    #[test]
    fn who_begins_to_wait_is_pinged_soon() {
        let mut liveness = Liveness::new(at(0));
        liveness.heard(at(15));
        liveness.watch(true);
        assert_eq!(liveness.check(at(15)), Due::At(at(20)));
        assert_eq!(liveness.check(at(20)), Due::Ping);
        // Who was silent before is asked at once.
        let mut liveness = Liveness::new(at(0));
        assert_eq!(liveness.check(at(7)), Due::At(at(20)));
        liveness.watch(true);
        assert_eq!(liveness.check(at(7)), Due::Ping);
    }
}
