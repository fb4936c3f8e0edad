//! When reports alone are enough to keep somebody out for a while.

use std::time::Duration;

/// What of it can be set. The defaults are what `docs/moderation.md` describes and
/// what the simulations run with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Reports of one person within this time count together.
    pub within: Duration,
    /// What they must weigh together. One by an ordinary person weighs 1.
    pub weight: f64,
    /// By how many people who have nothing to do with each other they must be.
    pub people: usize,
    /// How many times as much is needed against an address that stands for several
    /// devices: several people may be behind it.
    pub address_factor: u32,
    /// How long the person is kept out.
    pub lasts: Duration,
    /// How long a report is remembered, and what somebody reported before is known.
    pub memory: Duration,
    /// How many people somebody ordinary reports within the memory. A report by one who
    /// reported n times as many weighs an nth.
    pub ordinary: usize,
    /// A device is new until it was first seen this long ago, but not in the first day
    /// of the service, and in its second no longer than it is past the first.
    pub new_for: Duration,
    /// What a report by a new device weighs.
    pub new_weight: f64,
    /// Devices that were first seen within this time may be one person's. On a younger
    /// service it is less: a 600th of its age for three and more devices, a 20,000th for
    /// two. So seldom strangers are taken for one.
    pub cohort: Duration,
    /// People who reported so many others together before are one party.
    pub together: usize,
    /// What a party of three or more weighs, as a share of what the weightiest of them
    /// does alone; and what one weighs who is of such a party, as far as is known.
    pub party_weight: f64,
    /// A report by somebody whom the reported one had reported this shortly before is
    /// maybe made in return.
    pub retaliation: Duration,
    /// What it then weighs, as a share. More, if little weighs what the reported one
    /// reports: nobody is safe from reports by being the first to report everybody.
    pub retaliation_weight: f64,
    /// Whoever weighs less than a half counts little. All of those together never weigh
    /// more than this, so that no number of them takes one ordinary person's place.
    pub little: f64,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            within: HOUR,
            weight: 3.0,
            people: 3,
            address_factor: 2,
            lasts: DAY,
            memory: DAY,
            ordinary: 5,
            new_for: DAY,
            new_weight: 0.1,
            cohort: 5 * MINUTE,
            together: 2,
            party_weight: 0.25,
            retaliation: 10 * MINUTE,
            retaliation_weight: 0.5,
            little: 0.9,
        }
    }
}

impl Thresholds {
    /// How long a device is new on a service of the given age.
    pub(super) fn new_for(&self, service_age: Duration) -> Duration {
        service_age.saturating_sub(DAY).min(self.new_for)
    }

    /// Within what time so many devices are first seen together on a service of the given
    /// age. In its first hour none are: then everybody comes at once.
    pub(super) fn cohort(&self, devices: usize, service_age: Duration) -> Option<Duration> {
        let rarity = if devices > 2 { 600 } else { 20_000 };
        (service_age >= HOUR).then(|| (service_age / rarity).min(self.cohort))
    }
}
