//! What goes into the pool and what comes out of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{PersonId, SessionId};
use crate::protocol::Preferences;

/// One session's wish for a partner.
#[derive(Clone, Debug)]
pub struct Ticket<T> {
    /// Who waits. A session has one ticket at most.
    pub session: SessionId,
    /// Who is kept apart from whom. Tickets of one person are never paired.
    pub person: PersonId,
    /// What the partner should share.
    pub preferences: Arc<Preferences>,
    /// When the wait began: it counts on where a ticket replaces another.
    pub since: Moment,
    /// The caller's own, handed back as it came.
    pub owner: T,
}

/// Under which names two people are kept apart, each one's own first.
pub type Names = [PersonId; 2];

/// Those of two, each given by session and person. Where two sessions of one
/// person may meet, they count as two.
#[must_use]
pub fn names(one: (SessionId, PersonId), other: (SessionId, PersonId)) -> Names {
    if one.1 == other.1 { [one.0.into(), other.0.into()] } else { [one.1, other.1] }
}

/// Two tickets that left the pool together, to be told of each other.
#[derive(Clone, Debug)]
pub struct Match<T> {
    /// Who makes the first offer.
    pub offerer: Ticket<T>,
    /// Who answers it.
    pub answerer: Ticket<T>,
    /// The interests that both named, each once, in compared form.
    pub shared: Vec<Box<str>>,
    /// What brought the two together.
    pub by: MatchedBy,
}

/// What two who were paired have in common, the most telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MatchedBy {
    /// They share an interest.
    Interest,
    /// No interest, but both named languages and share one.
    Language,
    /// Neither: at least one named none, or both have waited long enough.
    Any,
}

impl MatchedBy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Interest, Self::Language, Self::Any];

    /// Its name as a metric's label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interest => "interest",
            Self::Language => "language",
            Self::Any => "any",
        }
    }
}
