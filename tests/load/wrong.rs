//! What a server can do wrong.

/// One wrong of a server that is right otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// All is well.
    Nothing,
    /// `matched` for somebody who did not ask.
    MatchesIdle,
    /// A room of three.
    ThreeToARoom,
    /// Somebody in a room is matched again.
    TwoRooms,
    /// Both are told that they are the offerer.
    TwoOfferers,
    /// The two are told of different modes.
    TwoModes,
    /// A signal is not passed on.
    Loses,
    /// No `typing` is passed on.
    LosesTyping,
    /// A letter of a signal is another.
    Changes,
    /// Two signals change places.
    Reorders,
    /// A signal is passed on twice.
    Repeats,
    /// A signal goes to somebody in another room.
    Misdirects,
    /// The same, under the name of the receiver's room.
    Readdresses,
    /// A number is left out.
    SkipsASeq,
    /// A number is used twice.
    RepeatsASeq,
    /// A signal comes behind its room's `peerLeft`.
    AfterPeerLeft,
    /// The first message is none.
    NoWelcome,
    /// A message without its number.
    NoSeq,
    /// It says nothing at all.
    Silent,
    /// It hides everybody's address, and says so.
    HidesAddresses,
}
