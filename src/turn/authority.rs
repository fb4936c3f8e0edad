//! Who may use the relay: a port that the credentials' owner implements.

/// Knows the usernames that were handed out.
pub trait Authority: Send + Sync {
    /// What stands behind a username, or nothing where it was never handed out.
    /// It is asked once an Allocate; an allocation that stands keeps the answer.
    fn account(&self, username: &str) -> Option<Account>;
}

/// What stands behind a username of the form `<unix expiry>:<name>`.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// What the username's holder signs with.
    pub password: String,
    /// By which allocations are counted and ended.
    pub name: String,
    /// Whether it may no longer allocate. What it has allocated stays usable.
    pub expired: bool,
}
