//! What nodes say to each other to pair their people: offers to who holds the
//! shared pool, its proposals, and what the owners of both sides say to them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ticket::MatchedBy;
use crate::identity::Identity;
use crate::ids::{NodeId, PersonId, RoomId, SessionId};
use crate::protocol::{Mode, Preferences, Role};
use crate::session::state::Terms;
use crate::session::token::TokenHash;

/// A part of the shared pool, held by one node at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Part {
    /// Modes never mix.
    pub mode: Mode,
    /// Which of the parts of the mode.
    pub number: u8,
}

/// A ticket that its own node could not serve at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Offer {
    /// To which part of the shared pool.
    pub part: Part,
    /// Who waits.
    pub session: SessionId,
    /// Who is kept apart from whom.
    pub person: PersonId,
    /// What the partner should share.
    pub preferences: Preferences,
    /// For how long by now.
    pub waited: Duration,
    /// Under which a proposal must come.
    pub epoch: u64,
    /// Whom the person met lately or is kept apart from.
    pub acquaintances: Vec<Acquaintance>,
}

/// Someone whom a person met, or is kept apart from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acquaintance {
    /// Who.
    pub person: PersonId,
    /// How long ago their last room ended; `None` where one reported the other.
    pub ended_ago: Option<Duration>,
}

/// One side of a proposed pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Who decides whether it still waits.
    pub node: NodeId,
    /// Who waits.
    pub session: SessionId,
    /// Who is kept apart from whom.
    pub person: PersonId,
    /// Under which it was offered.
    pub epoch: u64,
}

/// Two who suit each other. It counts only if both sides' owners agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The room that would be theirs.
    pub room: RoomId,
    /// Who makes the first offer; its owner is asked first.
    pub offerer: Side,
    /// Who answers it.
    pub answerer: Side,
    /// What the two have in common.
    pub terms: Terms,
    /// What brought them together.
    pub by: MatchedBy,
    /// For how long who came first had waited, for a trace of the pair.
    #[serde(default)]
    pub waited: Duration,
}

/// Who sits opposite, as far as the other side's owner has to know: enough to
/// bring their session back where their node died.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likeness {
    /// Their session.
    pub session: SessionId,
    /// Who they are.
    pub identity: Identity,
    /// By which they come back.
    pub token: TokenHash,
    /// What they asked for.
    pub preferences: Preferences,
    /// The epoch under which they sat down, or a later one.
    pub epoch: u64,
}

impl Likeness {
    /// The session and the person.
    #[must_use]
    pub const fn name(&self) -> (SessionId, PersonId) {
        (self.session, self.identity.person())
    }
}

impl Side {
    /// The session and the person.
    #[must_use]
    pub const fn name(&self) -> (SessionId, PersonId) {
        (self.session, self.person)
    }
}

/// Asks the owner of the answerer's side to seat it first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The pair.
    pub proposal: Proposal,
    /// The offerer, who is promised.
    pub offerer: Likeness,
}

/// What became of a proposal, for who made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Both sit.
    Seated,
    /// The owner of a side refused.
    Refused(Role, Refusal),
}

/// Why an owner refuses a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// That side waits no longer, or under another epoch.
    Gone,
    /// It is promised to somebody else just now; if nothing comes of that, it is
    /// offered again.
    Busy,
    /// The two were in a room a short while ago.
    Apart,
    /// One of the two reported the other.
    ApartForGood,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gone, Self::Busy, Self::Apart, Self::ApartForGood];

    /// Its name as a metric's label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Busy => "busy",
            Self::Apart => "apart",
            Self::ApartForGood => "apart_for_good",
        }
    }
}

impl Proposal {
    /// The side of `role`.
    #[must_use]
    pub const fn side(&self, role: Role) -> &Side {
        match role {
            Role::Offerer => &self.offerer,
            Role::Answerer => &self.answerer,
        }
    }
}
