//! Where entries go that are to be kept.

use std::fmt;

use super::Entry;
use super::keeper::{Full, Keeper};

/// Takes entries and sees to it that they are kept. Never waits.
pub trait Archive: fmt::Debug + Send + Sync {
    /// Takes one.
    ///
    /// # Errors
    /// [`Overfull`]: it is not taken.
    fn file(&self, entry: Entry) -> Result<(), Overfull>;
}

/// So much waits to be kept already that nothing more is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too much waits to be stored")]
pub struct Overfull;

impl Archive for Keeper {
    fn file(&self, entry: Entry) -> Result<(), Overfull> {
        Self::file(self, entry).map_err(|Full| Overfull)
    }
}
