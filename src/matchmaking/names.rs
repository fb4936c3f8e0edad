//! Interned names (interests, languages), each with a value of its own.
//!
//! A name lives while at least one ticket holds it, so that names which
//! clients make up cost nothing once they have gone. The table hashes with
//! SipHash, since whoever joins chooses the names.

use std::collections::HashMap;

use slab::Slab;

/// Names in use and what is kept under each.
pub(super) struct Names<V> {
    ids: HashMap<Box<str>, u32>,
    shelves: Slab<Shelf<V>>,
}

struct Shelf<V> {
    holders: u32,
    value: V,
}

impl<V: Default> Names<V> {
    pub(super) fn new() -> Self {
        Self { ids: HashMap::new(), shelves: Slab::new() }
    }

    /// Adds a holder of `name`; the id is good until this holder lets go.
    pub(super) fn hold(&mut self, name: &str) -> u32 {
        if let Some(&id) = self.ids.get(name) {
            self.shelves[id as usize].holders += 1;
            return id;
        }
        let slot = self.shelves.insert(Shelf { holders: 1, value: V::default() });
        let id = u32::try_from(slot).expect("fewer names are in use than memory could hold");
        self.ids.insert(name.into(), id);
        id
    }

    /// Takes a holder off; the last one takes the name and its value along.
    pub(super) fn release(&mut self, name: &str, id: u32) {
        let shelf = &mut self.shelves[id as usize];
        shelf.holders -= 1;
        if shelf.holders == 0 {
            self.shelves.remove(id as usize);
            self.ids.remove(name);
        }
    }

    pub(super) fn value(&self, id: u32) -> &V {
        &self.shelves[id as usize].value
    }

    pub(super) fn value_mut(&mut self, id: u32) -> &mut V {
        &mut self.shelves[id as usize].value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_id_and_value_while_someone_holds_it() {
        let mut names = Names::<u8>::new();
        let chess = names.hold("chess");
        *names.value_mut(chess) = 7;
        assert_eq!(names.hold("chess"), chess);
        names.release("chess", chess);
        assert_eq!(*names.value(chess), 7);
    }

    #[test]
    fn the_last_holder_takes_the_name_along() {
        let mut names = Names::<u8>::new();
        let chess = names.hold("chess");
        *names.value_mut(chess) = 7;
        names.release("chess", chess);
        assert!(names.ids.is_empty() && names.shelves.is_empty());
        let again = names.hold("chess");
        assert_eq!(*names.value(again), 0);
    }
}
