//! The reports of the last day, and whom they are enough to keep out. Pure: runs in
//! virtual time.
//!
//! It is the same on every node that is fed the same reports, in whatever order. What
//! each weighs is decided in `weights`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use foldhash::{HashMap, HashMapExt, HashSet};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::record::{BanId, BanTarget, ReportFact, ReportId};
use super::thresholds::Thresholds;
use super::weights;
use crate::clock::UnixMillis;
use crate::identity::{AddressHash, DeviceHash, Identity};

/// The most reports that are remembered. When there are more the oldest go.
const MAX_FACTS: usize = 20_000;

/// Where a report stands: by its time.
type Place = (UnixMillis, ReportId);

/// Who somebody is: the device that presented its cookie, else the address.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Person {
    Device(DeviceHash),
    Address(AddressHash),
}

/// What reports are looked up by.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    OfDevice(DeviceHash),
    OfAddress(AddressHash),
    ByDevice(DeviceHash),
    ByAddress(AddressHash),
}

/// Reports are enough.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The ban's id: the same on each node that judges by the same reports.
    pub id: BanId,
    /// Who is to be kept out.
    pub target: BanTarget,
    /// When the last of the reports was made.
    pub at: UnixMillis,
    /// Until when.
    pub until: UnixMillis,
    /// The reports that were weighed.
    pub reports: Vec<ReportId>,
}

/// The reports of the last day.
#[derive(Clone)]
pub struct Docket {
    thresholds: Thresholds,
    service_since: UnixMillis,
    facts: BTreeMap<Place, ReportFact>,
    ids: HashSet<ReportId>,
    index: HashMap<Key, BTreeSet<Place>>,
    /// When somebody was last judged. A report counts for one verdict.
    judged: HashMap<Person, UnixMillis>,
}

impl Docket {
    /// Without a report, of a service that began at `service_since`.
    #[must_use]
    pub fn new(thresholds: Thresholds, service_since: UnixMillis) -> Self {
        let (facts, ids, index) = Default::default();
        Self { thresholds, service_since, facts, ids, index, judged: HashMap::new() }
    }

    /// Takes note of when the service began.
    pub fn set_service_since(&mut self, since: UnixMillis) {
        self.service_since = since;
    }

    /// Remembers a report, and says whether whom it names is now to be kept out. One
    /// that is known or too old changes nothing.
    pub fn take(&mut self, fact: ReportFact, now: UnixMillis) -> Option<Verdict> {
        self.note(fact, now).then(|| self.judge(&fact.reported, now)).flatten()
    }

    /// Remembers a report that was acted on before, as at a start; whether it is new.
    pub fn note(&mut self, fact: ReportFact, now: UnixMillis) -> bool {
        self.forget(now);
        let place = (fact.at, fact.id);
        let full = self.facts.len() >= MAX_FACTS;
        let oldest = self.facts.first_key_value().map(|(oldest, _)| *oldest);
        let too_old = fact.at <= now.before(self.thresholds.memory)
            || full && oldest.is_some_and(|oldest| place < oldest);
        if too_old || !self.ids.insert(fact.id) {
            return false;
        }
        for key in keys(&fact) {
            self.index.entry(key).or_default().insert(place);
        }
        self.facts.insert(place, fact);
        if full {
            self.forget_oldest();
        }
        true
    }

    /// How many reports are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// The widest of the bans that reports are enough for, if any.
    fn judge(&mut self, reported: &Identity, now: UnixMillis) -> Option<Verdict> {
        let verdict = self.by_address(reported, now).or_else(|| self.by_device(reported, now))?;
        for person in people(&verdict.target) {
            self.judged.insert(person, now);
        }
        Some(verdict)
    }

    fn by_device(&self, reported: &Identity, now: UnixMillis) -> Option<Verdict> {
        let target = BanTarget { device: Some(reported.device), address: None };
        let key = Key::OfDevice(reported.device);
        let facts = self.recent(key, Person::Device(reported.device), now);
        self.verdict(target, facts.collect(), 1, now)
    }

    /// Against the address: by all reports of devices there that presented no cookie,
    /// or, if there are many more, of all that are young, for a cookie is soon had.
    fn by_address(&self, reported: &Identity, now: UnixMillis) -> Option<Verdict> {
        let target = BanTarget { device: Some(reported.device), address: Some(reported.address) };
        let key = Key::OfAddress(reported.address);
        let here = || self.recent(key, Person::Address(reported.address), now);
        let without = |who: &Identity| !who.presented;
        let young = |who: &Identity| without(who) || now.since(who.since) < self.thresholds.new_for;
        if !young(reported) {
            return None;
        }
        let bare = without(reported).then(|| here().filter(|fact| without(&fact.reported)));
        let bare = bare.and_then(|facts| self.verdict(target, facts.collect(), 1, now));
        bare.or_else(|| {
            let facts = here().filter(|fact| young(&fact.reported)).collect();
            self.verdict(target, facts, self.thresholds.address_factor, now)
        })
    }

    /// The reports of somebody that count now.
    fn recent(
        &self,
        key: Key,
        person: Person,
        now: UnixMillis,
    ) -> impl Iterator<Item = &ReportFact> + use<'_> {
        let began = now.before(self.thresholds.within);
        let judged = self.judged.get(&person).copied().unwrap_or_default();
        self.found(key, began.max(judged), UnixMillis(u64::MAX))
    }

    fn verdict(
        &self,
        target: BanTarget,
        facts: Vec<&ReportFact>,
        factor: u32,
        now: UnixMillis,
    ) -> Option<Verdict> {
        let needed = self.thresholds.people * factor as usize;
        if facts.len() < needed {
            return None;
        }
        let enough = self.thresholds.weight * f64::from(factor);
        // The same on all nodes, whenever they hear of it.
        let at = facts.iter().map(|fact| fact.at).max().unwrap_or(now);
        let weighed = weights::weigh(self, facts, enough)?;
        if weighed.people < needed {
            return None;
        }
        let reports = weighed.reports;
        let id = ban_id(&target, &reports);
        Some(Verdict { id, target, at, until: at + self.thresholds.lasts, reports })
    }

    pub(super) const fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    pub(super) const fn service_since(&self) -> UnixMillis {
        self.service_since
    }

    /// The reports that somebody made, the newest first.
    pub(super) fn made_by(&self, who: &Identity) -> impl Iterator<Item = &ReportFact> + use<'_> {
        self.newest(match Person::of(who) {
            Person::Device(device) => Key::ByDevice(device),
            Person::Address(address) => Key::ByAddress(address),
        })
    }

    /// The reports of somebody, the newest first.
    pub(super) fn made_of(&self, who: Person) -> impl Iterator<Item = &ReportFact> + use<'_> {
        self.newest(match who {
            Person::Device(device) => Key::OfDevice(device),
            Person::Address(address) => Key::OfAddress(address),
        })
    }

    fn newest(&self, key: Key) -> impl Iterator<Item = &ReportFact> + use<'_> {
        self.index.get(&key).into_iter().flatten().rev().map(|place| &self.facts[place])
    }

    /// The reports of a device after `from` and until `to`.
    pub(super) fn of_device(
        &self,
        device: DeviceHash,
        from: UnixMillis,
        to: UnixMillis,
    ) -> impl Iterator<Item = &ReportFact> {
        self.found(Key::OfDevice(device), from, to)
    }

    fn found(
        &self,
        key: Key,
        after: UnixMillis,
        until: UnixMillis,
    ) -> impl Iterator<Item = &ReportFact> + use<'_> {
        let last = ReportId(Uuid::max());
        let range = (Bound::Excluded((after, last)), Bound::Included((until.max(after), last)));
        let places = (until > after).then(|| self.index.get(&key)).flatten();
        places.into_iter().flat_map(move |places| places.range(range)).map(|at| &self.facts[at])
    }

    fn forget(&mut self, now: UnixMillis) {
        let until = now.before(self.thresholds.memory);
        while self.facts.first_key_value().is_some_and(|((at, _), _)| *at <= until) {
            self.forget_oldest();
        }
        // As many as there are reports at most: a verdict rests on three.
        let within = now.before(self.thresholds.within);
        self.judged.retain(|_, at| *at > within);
    }

    fn forget_oldest(&mut self) {
        let Some((place, fact)) = self.facts.pop_first() else { return };
        self.ids.remove(&fact.id);
        for key in keys(&fact) {
            let Some(places) = self.index.get_mut(&key) else { continue };
            places.remove(&place);
            if places.is_empty() {
                self.index.remove(&key);
            }
        }
    }
}

impl Person {
    pub(super) const fn of(who: &Identity) -> Self {
        if who.presented { Self::Device(who.device) } else { Self::Address(who.address) }
    }
}

fn keys(fact: &ReportFact) -> [Key; 4] {
    [
        Key::OfDevice(fact.reported.device),
        Key::OfAddress(fact.reported.address),
        Key::ByDevice(fact.reporter.device),
        Key::ByAddress(fact.reporter.address),
    ]
}

fn people(target: &BanTarget) -> impl Iterator<Item = Person> + use<> {
    let device = target.device.map(Person::Device);
    device.into_iter().chain(target.address.map(Person::Address))
}

/// A UUID (version 8, RFC 9562) of what the ban rests on.
fn ban_id(target: &BanTarget, reports: &[ReportId]) -> BanId {
    let mut sorted = reports.to_vec();
    sorted.sort_unstable();
    let mut hash = Sha256::new();
    hash.update(target.device.map_or([0; 16], DeviceHash::bytes));
    hash.update(target.address.map_or([0; 16], |address| address.hash));
    for report in sorted {
        hash.update(report.0.as_bytes());
    }
    let hash: [u8; 32] = hash.finalize().into();
    let bytes = *hash.first_chunk().expect("a hash of 32 bytes");
    BanId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

impl std::fmt::Debug for Docket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Docket").field("facts", &self.facts.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
