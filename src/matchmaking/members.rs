//! What the indexes know of the waiting tickets.

use super::age_set::Waiter;
use super::fingerprint::Fingerprint;

/// A ticket as it stands in the indexes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member<'a> {
    pub(super) waiter: Waiter,
    pub(super) languages: &'a [Fingerprint],
    pub(super) relaxed: bool,
}

/// One of the interests of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Whose.
    pub(super) key: u32,
    /// Which of them, from 0 in the order of the preferences.
    pub(super) nth: usize,
}

impl Named {
    /// A ticket stands under no more of its interests. The protocol permits fewer;
    /// what another node offers is not counted.
    pub(super) const AT_MOST: usize = 16;
}

/// Who tells about the tickets that wait.
pub(super) trait Members {
    /// A ticket as it stands in the indexes.
    fn member(&self, key: u32) -> Member<'_>;
    /// What it named.
    fn interest(&self, named: Named) -> Fingerprint;
}
