//! Who has met whom lately, and who must never meet again (rule 4).
//!
//! The memory is mutual: each meeting stands with both. It is kept while the
//! rule needs it, as long as either of the two counts the other among its last
//! partners, and its clean-up is done in small steps with each new meeting.

use std::collections::VecDeque;
use std::time::Duration;

use slab::Slab;

pub(super) use self::past::Past;
pub use self::record::Meeting;
use super::person::Person;
use super::proposal::Acquaintance;
use super::table::Table;
use crate::clock::Moment;
use crate::ids::PersonId;

mod past;
mod record;

/// How many people, and how many meetings that nobody counts any more, are
/// looked over at each new meeting. A meeting adds at most two of either, so
/// the clean-up keeps ahead.
const SWEPT: usize = 4;

/// How two people stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Strangers,
    /// They met lately: paired only where there is no stranger.
    Acquainted,
    /// Their room ended so lately that they are kept apart until then.
    ApartUntil(Moment),
    /// One reported the other.
    ApartForGood,
}

/// How long and how much is remembered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    /// How long two are kept apart.
    pub(super) apart: Duration,
    /// How long they then are acquaintances.
    pub(super) acquainted: Duration,
    /// How many last partners each counts.
    pub(super) counted: usize,
}

/// Everyone's acquaintances.
pub(super) struct Acquaintances {
    memory: Memory,
    slots: Table<PersonId, u32>,
    people: Slab<Person>,
    meetings: usize,
    /// Meetings that neither side counts any more but which still keep the two
    /// apart, with when that ends at the latest; in order of it.
    uncounted: VecDeque<(Moment, u32, u32)>,
    /// Where the sweep over `people` goes on.
    cursor: usize,
}

impl Acquaintances {
    pub(super) fn new(memory: Memory) -> Self {
        Self {
            memory,
            slots: Table::default(),
            people: Slab::new(),
            meetings: 0,
            uncounted: VecDeque::new(),
            cursor: 0,
        }
    }

    /// How many meetings are remembered.
    pub(super) fn meetings(&self) -> usize {
        self.meetings
    }

    /// What is remembered of `person`, if anything.
    pub(super) fn past(&self, person: PersonId) -> Option<Past<'_>> {
        let slot = self.slots.get(&person)?;
        Some(Past { all: self, person: &self.people[*slot as usize] })
    }

    /// Notes that a room of the two ended at `now`.
    pub(super) fn met(&mut self, now: Moment, a: PersonId, b: PersonId) {
        if a != b {
            let (a, b) = (self.slot(a), self.slot(b));
            self.meetings += usize::from(self.person(a).meet(b, now));
            self.person(b).meet(a, now);
            self.trim(now, a);
            self.trim(now, b);
        }
        self.sweep(now);
    }

    /// Keeps the two apart for good.
    pub(super) fn separate(&mut self, a: PersonId, b: PersonId) {
        if a != b {
            let (a, b) = (self.slot(a), self.slot(b));
            self.person(a).avoid(b);
            self.person(b).avoid(a);
        }
    }

    /// Drops all that is known of `person`, on the other sides too.
    pub(super) fn forget(&mut self, person: PersonId) {
        let Some(slot) = self.slots.remove(&person) else { return };
        let person = self.people.remove(slot as usize);
        self.meetings -= person.meetings();
        for other in person.everyone() {
            self.person(other).lose(slot);
            self.drop_if_blank(other);
        }
    }

    /// Notes that `person` is one of this node's people from now on.
    pub(super) fn comes(&mut self, person: PersonId) {
        let slot = self.slot(person);
        self.person(slot).set_here(true);
    }

    /// `person` goes to another node, and what is known of it with it. What concerns
    /// this node's people stays with them, as of anybody whom they meet across
    /// nodes: else it would be lost where the other node is. So all that is kept is
    /// bounded by what this node's people count.
    pub(super) fn goes(&mut self, person: PersonId) {
        let Some(&slot) = self.slots.get(&person) else { return };
        self.person(slot).set_here(false);
        let everyone = self.people[slot as usize].everyone();
        let elsewhere = everyone.filter(|other| !self.people[*other as usize].is_here());
        for other in elsewhere.collect::<Vec<_>>() {
            self.lose(slot, other);
        }
        self.drop_if_blank(slot);
    }

    /// Takes on what is known elsewhere of one person. What is known here already
    /// and is newer stays.
    pub(super) fn acquaint(&mut self, now: Moment, person: PersonId, others: &[Acquaintance]) {
        for other in others {
            let Some(ago) = other.ended_ago else {
                self.separate(person, other.person);
                continue;
            };
            let ended = now.before(ago);
            if self.last_met(person, other.person).is_none_or(|known| known < ended) {
                self.met(ended, person, other.person);
            }
        }
    }

    fn last_met(&self, a: PersonId, b: PersonId) -> Option<Moment> {
        let (a, b) = (self.slots.get(&a)?, self.slots.get(&b)?);
        self.people[*a as usize].met(*b)
    }

    fn slot(&mut self, person: PersonId) -> u32 {
        *self.slots.entry(person).or_insert_with(|| {
            let slot = self.people.insert(Person::new(person));
            u32::try_from(slot).expect("fewer people are known than memory could hold")
        })
    }

    fn person(&mut self, slot: u32) -> &mut Person {
        &mut self.people[slot as usize]
    }

    /// Lets `slot` count no more partners than it should.
    fn trim(&mut self, now: Moment, slot: u32) {
        let Memory { apart, counted, .. } = self.memory;
        while let Some(other) = self.person(slot).uncount_beyond(counted) {
            if self.person(other).counts(slot) {
                continue;
            }
            match self.person(slot).met(other) {
                Some(ended) if ended + apart <= now => self.lose_meeting(slot, other),
                _ => self.uncounted.push_back((now + apart, slot, other)),
            }
        }
    }

    fn sweep(&mut self, now: Moment) {
        for _ in 0..SWEPT {
            self.sweep_uncounted(now);
            self.sweep_person(now);
        }
    }

    fn sweep_uncounted(&mut self, now: Moment) {
        let Some(&(end, a, b)) = self.uncounted.front() else { return };
        if end > now {
            return;
        }
        self.uncounted.pop_front();
        // The two may have met again since, or be forgotten and their places
        // taken by others, who are then judged likewise.
        let Some(person) = self.people.get(a as usize) else { return };
        let Some(ended) = person.met(b) else { return };
        let counted = person.counts(b) || self.people[b as usize].counts(a);
        if !counted && ended + self.memory.apart <= now {
            self.lose_meeting(a, b);
        }
    }

    /// Forgets what is too old of the person at the cursor.
    fn sweep_person(&mut self, now: Moment) {
        let slot = self.cursor;
        self.cursor = if slot + 1 < self.people.capacity() { slot + 1 } else { 0 };
        let kept = self.memory.acquainted.max(self.memory.apart);
        while let Some((other, ended)) = self.people.get(slot).and_then(Person::oldest_counted) {
            if ended + kept > now {
                break;
            }
            let slot = u32::try_from(slot).expect("every place of the slab has a short number");
            self.lose_meeting(slot, other);
        }
    }

    /// Drops all that concerns the two; `a` keeps its place.
    fn lose(&mut self, a: u32, b: u32) {
        self.meetings -= usize::from(self.person(a).met(b).is_some());
        self.person(a).lose(b);
        self.person(b).lose(a);
        self.drop_if_blank(b);
    }

    fn lose_meeting(&mut self, a: u32, b: u32) {
        self.meetings -= 1;
        for (slot, other) in [(a, b), (b, a)] {
            self.person(slot).lose_meeting(other);
            self.drop_if_blank(slot);
        }
    }

    /// A person of whom nothing is known takes no place.
    fn drop_if_blank(&mut self, slot: u32) {
        if self.person(slot).is_blank() {
            let person = self.people.remove(slot as usize);
            self.slots.remove(&person.id());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY: Memory = Memory {
        apart: Duration::from_secs(30),
        acquainted: Duration::from_secs(3600),
        counted: 20,
    };

    fn at(seconds: u64) -> Moment {
        Moment::from_micros(seconds * 1_000_000)
    }

    fn person(number: u128) -> PersonId {
        PersonId::from_u128(number)
    }

    fn relation(all: &Acquaintances, a: u128, b: u128, seconds: u64) -> Relation {
        let seen = |a, b| {
            all.past(person(a))
                .map_or(Relation::Strangers, |past| past.with(person(b), at(seconds)))
        };
        assert_eq!(seen(a, b), seen(b, a), "the memory is mutual");
        seen(a, b)
    }

    #[test]
    fn a_meeting_fades_in_two_steps() {
        let mut all = Acquaintances::new(MEMORY);
        all.met(at(10), person(1), person(2));
        assert_eq!(relation(&all, 1, 2, 39), Relation::ApartUntil(at(40)));
        assert_eq!(relation(&all, 1, 2, 40), Relation::Acquainted);
        assert_eq!(relation(&all, 1, 2, 3610), Relation::Strangers);
        assert_eq!(relation(&all, 1, 3, 11), Relation::Strangers);
    }

    #[test]
    fn a_report_outlasts_the_memory() {
        let mut all = Acquaintances::new(MEMORY);
        all.met(at(0), person(1), person(2));
        all.separate(person(2), person(1));
        assert_eq!(relation(&all, 1, 2, 1_000_000), Relation::ApartForGood);
    }

    #[test]
    fn a_partner_is_kept_while_either_counts_it() {
        let mut all = Acquaintances::new(MEMORY);
        (1..=25).for_each(|other| all.met(at(0), person(0), person(other)));
        // 0 counts 6..=25, but 1..=5 have met nobody since.
        assert_eq!(relation(&all, 0, 1, 60), Relation::Acquainted);
        (100..120).for_each(|other| all.met(at(60), person(1), person(other)));
        all.met(at(120), person(200), person(201));
        assert_eq!(relation(&all, 0, 1, 120), Relation::Strangers);
        assert_eq!(relation(&all, 0, 6, 120), Relation::Acquainted);
    }

    #[test]
    fn who_is_no_longer_counted_is_forgotten_once_they_need_not_be_kept_apart() {
        let mut all = Acquaintances::new(Memory { counted: 1, ..MEMORY });
        all.met(at(0), person(0), person(1));
        all.met(at(29), person(0), person(2));
        all.met(at(29), person(1), person(3));
        assert_eq!(all.meetings(), 3, "0 and 1 are kept apart for a second more");
        all.met(at(59), person(0), person(4));
        assert_eq!(all.meetings(), 3, "0 and 1 are forgotten, 2 counts 0");
        all.met(at(59), person(2), person(5));
        assert_eq!(all.meetings(), 3, "0 and 2 are forgotten at once");
        assert!(all.uncounted.is_empty());
    }

    #[test]
    fn whoever_met_is_kept_apart_however_many_came_between() {
        let mut all = Acquaintances::new(Memory { counted: 1, ..MEMORY });
        all.met(at(0), person(0), person(1));
        (2..50).for_each(|other| all.met(at(1), person(0), person(other)));
        (102..150).for_each(|other| all.met(at(1), person(1), person(other)));
        assert_eq!(relation(&all, 0, 1, 29), Relation::ApartUntil(at(30)));
    }

    #[test]
    fn a_person_that_is_forgotten_leaves_nothing() {
        let mut all = Acquaintances::new(MEMORY);
        all.met(at(0), person(1), person(2));
        all.separate(person(1), person(3));
        all.forget(person(1));
        assert_eq!(relation(&all, 1, 2, 1), Relation::Strangers);
        assert!(all.people.is_empty() && all.slots.get(&person(1)).is_none());
        assert_eq!(all.meetings(), 0);
    }

    #[test]
    fn what_concerns_this_node_s_people_stays_when_the_other_goes_to_another_node() {
        let mut all = Acquaintances::new(MEMORY);
        (1..=3).for_each(|here| all.comes(person(here)));
        all.met(at(0), person(1), person(2));
        all.separate(person(3), person(1));
        all.goes(person(1));
        assert_eq!(relation(&all, 1, 2, 29), Relation::ApartUntil(at(30)));
        assert_eq!(relation(&all, 1, 3, 29), Relation::ApartForGood);
        all.goes(person(2));
        assert_eq!(relation(&all, 1, 2, 29), Relation::Strangers, "they have it themselves");
        all.forget(person(3));
        assert!(all.people.is_empty() && all.slots.get(&person(1)).is_none());
        assert_eq!(all.meetings(), 0);
    }

    #[test]
    fn what_concerns_two_of_other_nodes_is_not_kept() {
        let mut all = Acquaintances::new(MEMORY);
        all.comes(person(1));
        all.met(at(0), person(1), person(2));
        all.separate(person(1), person(3));
        all.goes(person(1));
        assert!(all.people.is_empty() && all.slots.get(&person(1)).is_none());
        assert_eq!(all.meetings(), 0);
    }

    #[test]
    fn old_meetings_are_swept_out() {
        let mut all = Acquaintances::new(MEMORY);
        (0..100).for_each(|pair| all.met(at(0), person(2 * pair), person(2 * pair + 1)));
        (0..200).for_each(|_| all.met(at(3600), person(1000), person(1001)));
        assert_eq!((all.meetings(), all.people.len()), (1, 2));
    }

    #[test]
    fn one_who_meets_many_leaves_no_more_than_they_count() {
        let mut all = Acquaintances::new(Memory { counted: 2, ..MEMORY });
        for round in 0..1000_u64 {
            let (a, b) = (round % 10, (round * 7 + round / 10) % 10);
            all.met(at(31 * round), person(a.into()), person(b.into()));
        }
        assert!(all.meetings() <= 2 * 10 + SWEPT, "{} meetings", all.meetings());
        assert!(all.uncounted.len() <= SWEPT);
    }
}
