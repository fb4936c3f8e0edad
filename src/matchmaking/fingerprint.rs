//! Names (interests, languages) as 128-bit numbers.
//!
//! Clients make names up, so the indexes would hold millions that are used
//! once. A number in place of the text spares each of them an allocation and
//! the look at it. It is the SipHash of 128 bits under a random key of this
//! process: nobody can aim at a collision, and by accident ten million names
//! have one with a probability below 2^-80.

use siphasher::sip128::SipHasher13;

/// Stands for a name; two are equal where the names are.
pub(super) type Fingerprint = u128;

/// Makes fingerprints, which mean nothing to another maker.
pub(super) struct Fingerprints(SipHasher13);

impl Default for Fingerprints {
    fn default() -> Self {
        Self(SipHasher13::new_with_key(&rand::random()))
    }
}

impl Fingerprints {
    pub(super) fn of(&self, name: &str) -> Fingerprint {
        self.0.hash(name.as_bytes()).as_u128()
    }

    pub(super) fn of_all(&self, names: &[Box<str>]) -> Box<[Fingerprint]> {
        names.iter().map(|name| self.of(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_and_only_they_have_equal_fingerprints() {
        let prints = Fingerprints::default();
        assert_eq!(prints.of("chess"), prints.of("chess"));
        assert_ne!(prints.of("chess"), prints.of("Chess"));
        let print = prints.of("chess");
        assert_ne!(print >> 64, print & u128::from(u64::MAX), "the halves are independent");
    }
}
