//! What is remembered of one person. Others are named by their slots.

use std::collections::VecDeque;

use crate::clock::Moment;
use crate::ids::PersonId;

/// Places that are made with the second meeting, as many as most people need in
/// the end: so the pool doesn't grow while people stay. 20 last partners are
/// usual, and there is one more for a moment.
const COUNTED_PLACES: usize = 21;
/// Those as well who count the person longer than it counts them. Now and then more
/// do, for a while: then there are a few places more.
const MET_PLACES: usize = 32;
const MORE_PLACES: usize = 8;

/// One side of all of a person's meetings and separations.
pub(super) struct Person {
    id: PersonId,
    /// Everyone met, with when the last room of the two ended; in order of the
    /// slot.
    met: Vec<(u32, Moment)>,
    /// The last partners, each once, the latest last.
    counted: VecDeque<u32>,
    /// Those it is kept apart from for good, in order.
    avoided: Vec<u32>,
    /// Whether it is one of this node's people.
    here: bool,
}

impl Person {
    pub(super) fn new(id: PersonId) -> Self {
        Self { id, met: Vec::new(), counted: VecDeque::new(), avoided: Vec::new(), here: false }
    }

    pub(super) fn id(&self) -> PersonId {
        self.id
    }

    pub(super) fn is_here(&self) -> bool {
        self.here
    }

    pub(super) fn set_here(&mut self, here: bool) {
        self.here = here;
    }

    /// Notes a meeting; whether it is the first with `other`.
    pub(super) fn meet(&mut self, other: u32, ended: Moment) -> bool {
        self.make_places();
        self.counted.retain(|slot| *slot != other);
        self.counted.push_back(other);
        match self.find(other) {
            Ok(place) => {
                self.met[place].1 = ended;
                false
            }
            Err(place) => {
                if self.met.len() == self.met.capacity() {
                    self.met.reserve_exact(MORE_PLACES);
                }
                self.met.insert(place, (other, ended));
                true
            }
        }
    }

    /// For one meeting, then for all. Of people of other nodes most are known by
    /// one of this node's.
    fn make_places(&mut self) {
        let (met, counted) =
            if self.met.is_empty() { (1, 1) } else { (MET_PLACES, COUNTED_PLACES) };
        self.met.reserve_exact(met.saturating_sub(self.met.len()));
        self.counted.reserve_exact(counted.saturating_sub(self.counted.len()));
    }

    pub(super) fn avoid(&mut self, other: u32) {
        if let Err(place) = self.avoided.binary_search(&other) {
            self.avoided.insert(place, other);
        }
    }

    pub(super) fn avoids(&self, other: u32) -> bool {
        self.avoided.binary_search(&other).is_ok()
    }

    /// Everyone met, with when the last room of the two ended.
    pub(super) fn all_met(&self) -> impl Iterator<Item = (u32, Moment)> {
        self.met.iter().copied()
    }

    /// Those it is kept apart from for good.
    pub(super) fn all_avoided(&self) -> impl Iterator<Item = u32> {
        self.avoided.iter().copied()
    }

    /// When the last room with `other` ended.
    pub(super) fn met(&self, other: u32) -> Option<Moment> {
        self.find(other).ok().map(|place| self.met[place].1)
    }

    /// Whether `other` is among the last partners.
    pub(super) fn counts(&self, other: u32) -> bool {
        self.counted.contains(&other)
    }

    /// The one of the last partners that was met the longest ago.
    pub(super) fn oldest_counted(&self) -> Option<(u32, Moment)> {
        let other = *self.counted.front()?;
        self.met(other).map(|ended| (other, ended))
    }

    /// Stops counting the oldest of more than `bound` last partners.
    pub(super) fn uncount_beyond(&mut self, bound: usize) -> Option<u32> {
        if self.counted.len() > bound { self.counted.pop_front() } else { None }
    }

    pub(super) fn lose_meeting(&mut self, other: u32) {
        self.counted.retain(|slot| *slot != other);
        if let Ok(place) = self.find(other) {
            self.met.remove(place);
        }
        if self.met.capacity() > MET_PLACES && self.met.len() + MORE_PLACES <= MET_PLACES {
            self.met.shrink_to(MET_PLACES);
        }
    }

    /// Drops all that concerns `other`.
    pub(super) fn lose(&mut self, other: u32) {
        self.lose_meeting(other);
        if let Ok(place) = self.avoided.binary_search(&other) {
            self.avoided.remove(place);
        }
    }

    pub(super) fn meetings(&self) -> usize {
        self.met.len()
    }

    /// Everyone whom something is known about, each once.
    pub(super) fn everyone(&self) -> impl Iterator<Item = u32> {
        let met = self.met.iter().map(|(other, _)| *other);
        let only_avoided = self.avoided.iter().copied().filter(|other| self.met(*other).is_none());
        met.chain(only_avoided)
    }

    /// Whether it need take no place. Where it is counts, as long as it is here.
    pub(super) fn is_blank(&self) -> bool {
        !self.here && self.met.is_empty() && self.avoided.is_empty()
    }

    fn find(&self, other: u32) -> Result<usize, usize> {
        self.met.binary_search_by_key(&other, |(slot, _)| *slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> Person {
        Person::new(PersonId::from_u128(1))
    }

    #[test]
    fn meeting_again_renews_and_counts_once() {
        let mut person = person();
        let (early, late) = (Moment::from_micros(1), Moment::from_micros(2));
        assert!(person.meet(7, early) && person.meet(8, early));
        assert!(!person.meet(7, late));
        assert_eq!(person.met(7), Some(late));
        assert_eq!(person.oldest_counted(), Some((8, early)));
        assert_eq!(person.uncount_beyond(1), Some(8));
        assert_eq!(person.uncount_beyond(1), None);
        assert!(person.met(8).is_some() && !person.counts(8));
    }

    #[test]
    fn the_usual_number_of_partners_needs_no_more_than_two_do() {
        let mut person = person();
        person.meet(0, Moment::default());
        assert_eq!(person.met.capacity(), 1, "of most people of other nodes");
        person.meet(1, Moment::default());
        let places = person.counted.capacity();
        for other in 2..100 {
            person.meet(other, Moment::default());
            if let Some(oldest) = person.uncount_beyond(20) {
                person.lose_meeting(oldest);
            }
        }
        assert_eq!(person.counted.capacity(), places);
        assert_eq!(person.met.capacity(), MET_PLACES);
    }

    #[test]
    fn places_for_more_than_usual_are_few_and_given_back() {
        let mut person = person();
        (0..33).for_each(|other| assert!(person.meet(other, Moment::default())));
        assert_eq!(person.met.capacity(), MET_PLACES + MORE_PLACES);
        (0..9).for_each(|other| person.lose_meeting(other));
        assert_eq!(person.met.capacity(), MET_PLACES);
        assert!((9..33).all(|other| person.met(other).is_some()));
    }

    #[test]
    fn everyone_is_named_once() {
        let mut person = person();
        person.meet(7, Moment::default());
        person.avoid(7);
        person.avoid(9);
        assert_eq!(person.everyone().collect::<Vec<_>>(), [7, 9]);
        person.lose(7);
        person.lose(9);
        assert!(person.is_blank());
    }
}
