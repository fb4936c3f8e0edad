//! Into which parts the shared pool is split, and to which a ticket belongs.
//!
//! Two who suit each other have a part in common. With one part a mode that is
//! plain. With more, the languages choose: who names some belongs to the part of
//! each, who names none to all, and who has waited long enough that languages
//! matter less to the first as well.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::proposal::Part;
use crate::protocol::{Mode, Preferences};

/// All parts, where each mode has `count`.
pub fn all(count: u8) -> impl Iterator<Item = Part> {
    Mode::ALL.into_iter().flat_map(move |mode| (0..count).map(move |number| Part { mode, number }))
}

/// The parts that a ticket belongs to, where each mode has `count`.
#[must_use]
pub fn of(preferences: &Preferences, relaxed: bool, count: u8) -> Vec<Part> {
    let Preferences { mode, languages, .. } = preferences;
    let mut numbers: Vec<u8> = if languages.is_empty() || count == 1 {
        (0..count).collect()
    } else {
        let named = languages.iter().map(|language| number(language, count));
        named.chain(relaxed.then_some(0)).collect()
    };
    numbers.sort_unstable();
    numbers.dedup();
    numbers.into_iter().map(|number| Part { mode: *mode, number }).collect()
}

/// The same on every node: this hasher has no seed.
fn number(language: &str, count: u8) -> u8 {
    let mut hasher = DefaultHasher::new();
    language.hash(&mut hasher);
    u8::try_from(hasher.finish() % u64::from(count)).expect("less than a short number")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speaks(languages: &[&str]) -> Preferences {
        let languages = languages.iter().map(|&language| language.into()).collect();
        Preferences { languages, ..Preferences::default() }
    }

    #[test]
    fn two_who_suit_each_other_have_a_part_in_common() {
        let common = |a: &[Part], b: &[Part]| a.iter().any(|part| b.contains(part));
        for count in 1..9 {
            let people = [&[][..], &["en"], &["de", "en"], &["fr"], &["uk", "pt", "de"]];
            for (a, b) in people.iter().flat_map(|a| people.iter().map(move |b| (a, b))) {
                let share = a.is_empty() || b.is_empty() || a.iter().any(|named| b.contains(named));
                let (one, other) = (speaks(a), speaks(b));
                assert!(!share || common(&of(&one, false, count), &of(&other, false, count)));
                assert!(common(&of(&one, true, count), &of(&other, true, count)));
            }
        }
        assert!(of(&speaks(&["en"]), false, 8).len() == 1, "and no more than needed");
    }
}
