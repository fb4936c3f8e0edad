//! What reports of one person weigh together. Pure.
//!
//! Each reporter is weighed alone, then those who may be one person or one party are
//! put together and count once: devices of one address, devices first seen within the
//! same minutes, and people who reported the same others before.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::docket::{Docket, Person};
use super::record::{ReportFact, ReportId};
use super::thresholds::Thresholds;
use crate::identity::Identity;

/// The most reporters that are weighed against each other: those who count most.
const MAX_REPORTERS: usize = 64;

/// The most of somebody's own reports that are looked at, the newest: with so many
/// what they report weighs next to nothing.
const MAX_OWN: usize = 200;

/// So many are a party. Two may have done the same by chance, and count as one.
const PARTY: usize = 3;

/// Reports of one person that weigh enough.
pub(super) struct Weighed {
    /// How many people who have nothing to do with each other reported.
    pub(super) people: usize,
    /// The reports that were weighed.
    pub(super) reports: Vec<ReportId>,
}

/// Somebody who reported.
struct Reporter<'a> {
    fact: &'a ReportFact,
    weight: f64,
}

/// Those who count as one.
#[derive(Clone, Copy, Default)]
struct Group {
    weight: f64,
    people: usize,
    party: bool,
}

/// Weighs `facts`, all of one person, in the light of all others; none where that is
/// less than `enough`.
pub(super) fn weigh(docket: &Docket, facts: Vec<&ReportFact>, enough: f64) -> Option<Weighed> {
    let reporters = reporters(docket, facts);
    let little = docket.thresholds().little;
    // To put people together only takes from what they weigh.
    let at_most = total(reporters.iter().map(|reporter| reporter.weight), little);
    if at_most < enough {
        return None;
    }
    let mut groups = Groups::new(reporters.len());
    join_same_addresses(&reporters, &mut groups);
    join_cohorts(docket, &reporters, &mut groups);
    join_parties(docket, &reporters, &mut groups);
    let groups = groups.weighed(&reporters, docket.thresholds());
    let weight = total(groups.iter().copied(), little);
    let reports = reporters.iter().map(|reporter| reporter.fact.id).collect();
    (weight >= enough).then_some(Weighed { people: groups.len(), reports })
}

/// What people weigh together. Those who count little, all together, no more than
/// `little`.
fn total(weights: impl Iterator<Item = f64>, little: f64) -> f64 {
    let (full, rest): (Vec<_>, Vec<_>) = weights.partition(|weight| *weight >= 0.5);
    full.iter().sum::<f64>() + rest.iter().sum::<f64>().min(little)
}

/// Each device that reported, once, by its first report; nobody counts against himself.
fn reporters<'a>(docket: &Docket, facts: Vec<&'a ReportFact>) -> Vec<Reporter<'a>> {
    let mut seen = HashSet::new();
    let others = facts.into_iter().filter(|fact| fact.reporter.device != fact.reported.device);
    let first = others.filter(|fact| seen.insert(fact.reporter.device));
    let weighed = first.map(|fact| Reporter { fact, weight: weight(docket, fact) });
    let mut reporters = weighed.collect::<Vec<_>>();
    // Stable: among equals the earlier ones stay.
    reporters.sort_by(|one, other| other.weight.total_cmp(&one.weight));
    reporters.truncate(MAX_REPORTERS);
    reporters
}

/// What a report weighs alone.
fn weight(docket: &Docket, fact: &ReportFact) -> f64 {
    let thresholds = docket.thresholds();
    let mut weight = standing(docket, &fact.reporter, fact);
    if is_of_a_party(docket, fact) {
        weight *= thresholds.party_weight;
    }
    if in_return(docket, fact) {
        // The less it counts that the reported one reported first, the more this does.
        let first = standing(docket, &fact.reported, fact);
        weight *= 1.0 - (1.0 - thresholds.retaliation_weight) * first;
    }
    weight
}

/// What anything that `who` reports weighs, at the time of `fact`.
fn standing(docket: &Docket, who: &Identity, fact: &ReportFact) -> f64 {
    let thresholds = docket.thresholds();
    let new_for = thresholds.new_for(fact.at.since(docket.service_since()));
    let new = fact.at.since(who.since) < new_for;
    let reported: HashSet<_> =
        docket.made_by(who).take(MAX_OWN).map(|fact| Person::of(&fact.reported)).collect();
    let often = reported.len().max(thresholds.ordinary) as f64 / thresholds.ordinary as f64;
    if new { thresholds.new_weight / often } else { 1.0 / often }
}

/// Whether the reported one had just reported the reporter.
fn in_return(docket: &Docket, fact: &ReportFact) -> bool {
    let from = fact.at.before(docket.thresholds().retaliation);
    let mut before = docket.of_device(fact.reporter.device, from, fact.at);
    before.any(|before| before.reporter.device == fact.reported.device)
}

fn join_same_addresses(reporters: &[Reporter<'_>], groups: &mut Groups) {
    let mut first = HashMap::new();
    for (number, reporter) in reporters.iter().enumerate() {
        groups.join(number, *first.entry(reporter.fact.reporter.address).or_insert(number));
    }
}

/// Devices that were first seen within a short time of each other.
fn join_cohorts(docket: &Docket, reporters: &[Reporter<'_>], groups: &mut Groups) {
    let since = |number: usize| reporters[number].fact.reporter.since;
    let latest = reporters.iter().map(|reporter| reporter.fact.at).max().unwrap_or_default();
    let service_age = latest.since(docket.service_since());
    let mut by_age = (0..reporters.len()).collect::<Vec<_>>();
    by_age.sort_by_key(|number| since(*number));
    for count in [2, PARTY] {
        let Some(span) = docket.thresholds().cohort(count, service_age) else { continue };
        for near in by_age.windows(count) {
            if since(near[count - 1]).since(since(near[0])) <= span {
                groups.join_party(near);
            }
        }
    }
}

/// Those who reported the same others before.
fn join_parties(docket: &Docket, reporters: &[Reporter<'_>], groups: &mut Groups) {
    let mut shared = HashMap::<Person, Vec<usize>>::new();
    for (number, reporter) in reporters.iter().enumerate() {
        for other in others(docket, reporter.fact) {
            shared.entry(other).or_default().push(number);
        }
    }
    let mut pairs = HashMap::<(usize, usize), usize>::new();
    for members in shared.values() {
        for (place, one) in members.iter().enumerate() {
            for other in &members[place + 1..] {
                *pairs.entry((*one, *other)).or_default() += 1;
            }
        }
    }
    let together = docket.thresholds().together;
    for ((one, other), _) in pairs.into_iter().filter(|(_, times)| *times >= together) {
        groups.join_party(&[one, other]);
    }
}

/// Whether so many as make a party reported the same others as the reporter, be they
/// among those who report now or not.
fn is_of_a_party(docket: &Docket, fact: &ReportFact) -> bool {
    let mut shared = HashMap::<Person, usize>::new();
    for other in others(docket, fact) {
        let who = docket.made_of(other).take(MAX_REPORTERS).map(|fact| fact.reporter);
        let who: HashSet<_> = who.map(|who| Person::of(&who)).collect();
        who.into_iter().for_each(|who| *shared.entry(who).or_default() += 1);
    }
    shared.remove(&Person::of(&fact.reporter));
    let together = docket.thresholds().together;
    shared.values().filter(|times| **times >= together).count() >= PARTY
}

/// Whom else the reporter of `fact` reported, each once. The same one with another
/// device is nobody else.
fn others(docket: &Docket, fact: &ReportFact) -> HashSet<Person> {
    let made = docket.made_by(&fact.reporter).take(MAX_OWN).map(|fact| &fact.reported);
    let others = made.filter(|other| {
        other.device != fact.reported.device && other.address != fact.reported.address
    });
    others.map(Person::of).collect()
}

/// Who belongs to whom: a forest, each tree one group.
struct Groups {
    parents: Vec<usize>,
    parties: Vec<bool>,
}

impl Groups {
    fn new(count: usize) -> Self {
        Self { parents: (0..count).collect(), parties: vec![false; count] }
    }

    fn of(&self, mut number: usize) -> usize {
        while self.parents[number] != number {
            number = self.parents[number];
        }
        number
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.of(one), self.of(other));
        self.parents[one] = other;
        self.parties[other] |= self.parties[one];
    }

    fn join_party(&mut self, members: &[usize]) {
        for pair in members.windows(2) {
            if self.of(pair[0]) != self.of(pair[1]) {
                self.join(pair[0], pair[1]);
                let group = self.of(pair[0]);
                self.parties[group] = true;
            }
        }
    }

    /// What each group weighs.
    fn weighed(&self, reporters: &[Reporter<'_>], thresholds: &Thresholds) -> Vec<f64> {
        // In order, so that every node adds up the same.
        let mut groups = BTreeMap::<usize, Group>::new();
        for (number, reporter) in reporters.iter().enumerate() {
            let root = self.of(number);
            let group = groups.entry(root).or_default();
            group.weight = group.weight.max(reporter.weight);
            group.people += 1;
            group.party = self.parties[root];
        }
        let is_party = |group: &Group| group.party && group.people >= PARTY;
        let share = |group: &Group| if is_party(group) { thresholds.party_weight } else { 1.0 };
        groups.values().map(|group| group.weight * share(group)).collect()
    }
}
