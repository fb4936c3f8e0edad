//! Leave to go on without asking again, until it is withdrawn. Pure.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Good until whoever gave it withdraws it. A look at it takes no lock and writes nothing,
/// so threads that look don't wait for each other.
#[derive(Clone, Debug)]
pub struct Permit(Arc<AtomicBool>);

impl Permit {
    /// Whether it still counts.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The permits that somebody gave and has not withdrawn.
#[derive(Debug, Default)]
pub struct Permits(Option<Permit>);

impl Permits {
    /// Gives one.
    pub fn give(&mut self) -> Permit {
        self.0.get_or_insert_with(|| Permit(Arc::new(true.into()))).clone()
    }

    /// None of those that were given counts from now on.
    pub fn withdraw(&mut self) {
        if let Some(Permit(good)) = self.0.take() {
            good.store(false, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_is_good_until_it_is_withdrawn() {
        let mut permits = Permits::default();
        let [first, second] = [permits.give(), permits.give()];
        assert!(first.is_good() && second.is_good());
        permits.withdraw();
        assert!(!first.is_good() && !second.is_good());
        let third = permits.give();
        assert!(third.is_good() && !first.is_good());
    }
}
