//! Where a person stands.

/// Where a session stands, as far as its person knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load) enum Standing {
    /// In no room and no queue.
    Idle,
    /// Asked for a partner.
    Waiting,
    /// In a room that it has not left.
    InRoom,
}
