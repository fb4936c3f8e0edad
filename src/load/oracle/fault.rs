//! What must never happen, and did.

/// A promise of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load) enum Rule {
    /// A text is a message, and those that take a number have one.
    WellFormed,
    /// `welcome` is the first message of a connection, and comes once.
    WelcomeFirst,
    /// Rule 1: nobody is matched who does not wait.
    OnlyWhoWaits,
    /// Rule 1: nobody is in two rooms.
    OneRoom,
    /// Rule 1: a room has two members.
    TwoToARoom,
    /// Exactly one of the two is the offerer.
    OneOfferer,
    /// Rule 5: modes never mix, and shared interests are the same for both.
    SameMode,
    /// Rule 3: nothing that is sent in a room is lost.
    NothingLost,
    /// Payloads come as they were sent.
    NothingChanged,
    /// Rule 3: what one side sends arrives in that order.
    OrderKept,
    /// Nothing comes twice.
    NothingRepeated,
    /// Rule 2: nothing comes from another room.
    NothingFromElsewhere,
    /// Rule 3: `peerLeft` comes after all of its room.
    PeerLeftLast,
    /// Rule 6: `seq` has no gaps save where a resume allows them.
    NumbersWithoutGaps,
}

impl Rule {
    /// The promise in short.
    pub(in crate::load) const fn words(self) -> &'static str {
        match self {
            Self::WellFormed => "messages are well-formed",
            Self::WelcomeFirst => "welcome first",
            Self::OnlyWhoWaits => "nobody is matched who does not wait",
            Self::OneRoom => "one room at a time",
            Self::TwoToARoom => "two to a room",
            Self::OneOfferer => "one offerer",
            Self::SameMode => "both of one mode and the same shared interests",
            Self::NothingLost => "nothing lost",
            Self::NothingChanged => "nothing changed",
            Self::OrderKept => "order kept",
            Self::NothingRepeated => "nothing repeated",
            Self::NothingFromElsewhere => "nothing from another room",
            Self::PeerLeftLast => "peerLeft after all of its room",
            Self::NumbersWithoutGaps => "seq without gaps",
        }
    }
}

/// One breach of a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::load) struct Fault {
    /// Which promise.
    pub(in crate::load) rule: Rule,
    /// What happened.
    pub(in crate::load) words: String,
}

impl Fault {
    pub(in crate::load) fn new(rule: Rule, words: impl Into<String>) -> Self {
        Self { rule, words: words.into() }
    }
}
