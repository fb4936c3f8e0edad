//! A service with the reports of its last day.

use std::time::Duration;

use passerby::clock::UnixMillis;
use passerby::identity::{AddressHash, DeviceHash, Identity};
use passerby::moderation::{Docket, ReportFact, ReportId, Thresholds, Verdict};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

pub const NOW: UnixMillis = UnixMillis(1_800_000_000_000);
pub const MINUTE: Duration = Duration::from_secs(60);
pub const HOUR: Duration = Duration::from_secs(60 * 60);
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How many ordinary people there are who reported within the last day.
const PEOPLE: usize = 60;
/// How many reports there were of abusers, three or four of each, and of others.
const ABUSERS: usize = 30;
const FALSE_REPORTS: usize = 20;

#[derive(Clone)]
pub struct World {
    pub rng: Xoshiro256PlusPlus,
    pub docket: Docket,
    pub age: Duration,
    pub people: Vec<Identity>,
}

impl World {
    /// One that is so many days old.
    pub fn new(seed: u64, days: f64) -> Self {
        let age = DAY.mul_f64(days);
        let mut world = Self {
            rng: Xoshiro256PlusPlus::seed_from_u64(seed),
            docket: Docket::new(Thresholds::default(), NOW.before(age)),
            age,
            people: Vec::new(),
        };
        world.people = (0..PEOPLE).map(|_| world.ordinary()).collect();
        world.live_a_day();
        world
    }

    /// The same past, another present.
    pub fn fork(&self, run: u64) -> Self {
        let mut world = self.clone();
        let seed = world.rng.random::<u64>();
        world.rng = Xoshiro256PlusPlus::seed_from_u64(seed.wrapping_add(run));
        world
    }

    /// Abusers are reported by those who happened to meet them, until they are kept
    /// out; now and then somebody reports for no good reason.
    fn live_a_day(&mut self) {
        for _ in 0..ABUSERS {
            let (abuser, at) = (self.ordinary(), self.long_ago());
            let reports = self.rng.random_range(3..=4);
            for by in self.strangers(reports) {
                let at = at + self.within(HOUR);
                let _ = self.report(by, abuser, at);
            }
        }
        for _ in 0..FALSE_REPORTS {
            let (of, by, at) = (self.ordinary(), self.strangers(1)[0], self.long_ago());
            let _ = self.report(by, of, at);
        }
    }

    /// Before what is at issue now, within the last day.
    pub fn long_ago(&mut self) -> UnixMillis {
        let day = self.age.min(DAY).saturating_sub(HOUR * 4);
        NOW.before(HOUR * 3 + self.within(day))
    }

    /// Within the last hour.
    pub fn lately(&mut self) -> UnixMillis {
        NOW.before(self.within(HOUR - MINUTE))
    }

    /// Any part of `span`.
    pub fn within(&mut self, span: Duration) -> Duration {
        span.mul_f64(self.rng.random())
    }

    /// Somebody whose device came at any time, and is no longer new if one can be.
    pub fn ordinary(&mut self) -> Identity {
        let new_for = Thresholds::default().new_for.min(self.age.saturating_sub(DAY));
        let since = NOW.before(new_for + HOUR + self.within(self.age - new_for - HOUR));
        self.somebody(since)
    }

    /// Somebody whose device came within `span`.
    pub fn newcomer(&mut self, span: Duration) -> Identity {
        let since = NOW.before(self.within(span));
        self.somebody(since)
    }

    pub fn somebody(&mut self, since: UnixMillis) -> Identity {
        let (device, hash) = (self.rng.random(), self.rng.random());
        let address = AddressHash { key: 2976, hash };
        Identity { device: DeviceHash::from_bytes(device), since, presented: true, address }
    }

    /// Three such who have nothing to do with each other; nor did their devices come
    /// within the same minutes.
    pub fn three(&mut self) -> [Identity; 3] {
        loop {
            let mut three = [(); 3].map(|()| self.ordinary());
            three.sort_by_key(|one| one.since);
            if three.windows(2).all(|pair| pair[1].since.since(pair[0].since) > 5 * MINUTE) {
                return three;
            }
        }
    }

    /// So many different ones of those who report now and then.
    pub fn strangers(&mut self, count: usize) -> Vec<Identity> {
        for place in 0..count {
            let other = self.rng.random_range(place..self.people.len());
            self.people.swap(place, other);
        }
        self.people[..count].to_vec()
    }

    pub fn report(&mut self, by: Identity, of: Identity, at: UnixMillis) -> Option<Verdict> {
        let id = ReportId(Uuid::from_u128(self.rng.random()));
        self.docket.take(ReportFact { id, at, reporter: by, reported: of }, NOW)
    }

    /// A report on which nothing was done, whatever it weighed.
    pub fn reported_before(&mut self, by: Identity, of: Identity, at: UnixMillis) {
        let id = ReportId(Uuid::from_u128(self.rng.random()));
        assert!(self.docket.note(ReportFact { id, at, reporter: by, reported: of }, NOW));
    }

    /// Reports of one person within the last hour, in any order; the verdict, and by
    /// which of them it came.
    pub fn reported_by(&mut self, by: &[Identity], of: Identity) -> Option<(usize, Verdict)> {
        let mut by = by.to_vec();
        for place in 0..by.len() {
            let other = self.rng.random_range(place..by.len());
            by.swap(place, other);
        }
        by.into_iter().enumerate().find_map(|(place, by)| {
            let at = self.lately();
            self.report(by, of, at).map(|verdict| (place + 1, verdict))
        })
    }
}
