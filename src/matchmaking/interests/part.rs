//! The places of names, and who stands at them.

use crate::matchmaking::members::Named;

/// A part's first number of places; a power of two, as all later ones.
const FIRST: usize = 4;

/// A share of the names, each at one of its places.
#[derive(Default)]
pub(super) struct Part {
    places: Box<[Place]>,
    taken: usize,
}

#[derive(Clone, Copy)]
pub(super) struct Place {
    tag: u32,
    holder: Holder,
}

/// Who stands at a place, in four bytes: a ticket's key and which of its interests, or
/// the slot of a crowd.
#[derive(Clone, Copy)]
pub(super) struct Holder(u32);

/// The same to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Nobody,
    One(Named),
    Crowd(usize),
}

impl Place {
    const FREE: Self = Self { tag: 0, holder: Holder(u32::MAX) };

    pub(super) const fn new(tag: u32, holder: Holder) -> Self {
        Self { tag, holder }
    }

    fn is_free(self) -> bool {
        self.holder.0 == u32::MAX
    }
}

impl Holder {
    const CROWD: u32 = 1 << 31;
    /// For which of a ticket's interests it is.
    const NTH_BITS: u32 = Named::AT_MOST.ilog2();

    pub(super) fn one(Named { key, nth }: Named) -> Self {
        let nth = u32::try_from(nth).ok().filter(|nth| nth >> Self::NTH_BITS == 0);
        assert!(key < Self::CROWD >> Self::NTH_BITS, "fewer tickets wait than memory could hold");
        Self(key << Self::NTH_BITS | nth.expect("a ticket names few interests"))
    }

    pub(super) fn crowd(slot: usize) -> Self {
        let slot = u32::try_from(slot).ok().filter(|slot| *slot < !Self::CROWD);
        Self(slot.expect("there are fewer crowds than memory could hold") | Self::CROWD)
    }

    fn read(self) -> Held {
        let Self(bits) = self;
        if bits == u32::MAX {
            Held::Nobody
        } else if bits & Self::CROWD != 0 {
            Held::Crowd((bits & !Self::CROWD) as usize)
        } else {
            let nth = (bits & ((1 << Self::NTH_BITS) - 1)) as usize;
            Held::One(Named { key: bits >> Self::NTH_BITS, nth })
        }
    }
}

impl Part {
    /// The first place from where `tag` would stand on that is free, or has that tag and
    /// is the one that is looked for; where the part has no places yet, one that is not
    /// there.
    pub(super) fn find(&self, tag: u32, is_it: impl Fn(&Held) -> bool) -> (usize, Held) {
        if self.places.is_empty() {
            return (0, Held::Nobody);
        }
        let mut at = self.home(tag);
        loop {
            let place = self.places[at];
            if place.tag == tag || place.is_free() {
                let held = place.holder.read();
                if is_it(&held) {
                    return (at, held);
                }
            }
            at = self.after(at);
        }
    }

    /// Puts `place` where it was found to be `free`.
    pub(super) fn fill(&mut self, free: usize, place: Place) {
        let free = if self.is_full() { self.grow(place.tag) } else { free };
        self.places[free] = place;
        self.taken += 1;
    }

    /// Leaves the place `at` to another `holder` of the same name.
    pub(super) fn give(&mut self, at: usize, holder: Holder) {
        self.places[at].holder = holder;
    }

    /// Reads the place from where `tag` is looked for, for the reading alone.
    pub(super) fn touch(&self, tag: u32) -> u32 {
        self.places.get(self.home(tag)).map_or(0, |place| place.tag)
    }

    /// A quarter stays free, so that looks are short.
    fn is_full(&self) -> bool {
        self.taken * 4 >= self.places.len() * 3
    }

    /// Makes room; the free place where `tag` would stand.
    fn grow(&mut self, tag: u32) -> usize {
        let count = (self.places.len() * 2).max(FIRST);
        let larger = vec![Place::FREE; count].into();
        for place in std::mem::replace(&mut self.places, larger) {
            if !place.is_free() {
                self.places[self.free(place.tag)] = place;
            }
        }
        self.free(tag)
    }

    fn free(&self, tag: u32) -> usize {
        self.find(tag, |held| *held == Held::Nobody).0
    }

    /// Frees the place `at`: what stands behind and was kept from its own place moves
    /// up, so that every look may end at a free place.
    pub(super) fn close_up(&mut self, at: usize) {
        self.taken -= 1;
        let (mut gap, mut next) = (at, self.after(at));
        while !self.places[next].is_free() {
            let home = self.home(self.places[next].tag);
            if self.way(home, next) >= self.way(gap, next) {
                self.places[gap] = self.places[next];
                gap = next;
            }
            next = self.after(next);
        }
        self.places[gap] = Place::FREE;
    }

    #[cfg(test)]
    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.places.len()
    }

    fn home(&self, tag: u32) -> usize {
        tag as usize & self.places.len().wrapping_sub(1)
    }

    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.places.len() - 1)
    }

    /// How many places on from `from`, around the end, `to` is.
    fn way(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.places.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_reads_as_what_was_written() {
        let most = Named { key: (1 << 27) - 1, nth: 15 };
        for named in [Named { key: 0, nth: 0 }, Named { key: 7, nth: 9 }, most] {
            assert_eq!(Holder::one(named).read(), Held::One(named));
        }
        let last = (1 << 31) - 2;
        for slot in [0, 1, last] {
            assert_eq!(Holder::crowd(slot).read(), Held::Crowd(slot));
        }
        assert!(Place::FREE.is_free());
        assert_eq!(Place::FREE.holder.read(), Held::Nobody);
        assert_eq!(size_of::<Place>(), 8);
    }
}
