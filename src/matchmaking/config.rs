//! The pool's tunables.

use std::time::Duration;

/// How long the pool waits and remembers (rules 4 and 5 of the protocol).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// How long someone who named interests or languages waits for a shared one.
    pub interest_wait: Duration,
    /// How long two whose room ended are kept apart.
    pub rematch_wait: Duration,
    /// How long two whose room ended count as acquaintances.
    pub memory: Duration,
    /// How many of each one's last partners count as acquaintances.
    pub remembered: usize,
    /// Whether two sessions of one person may be paired; they are then kept apart
    /// like sessions of two.
    pub allow_self: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            interest_wait: Duration::from_secs(5),
            rematch_wait: Duration::from_secs(30),
            memory: Duration::from_secs(60 * 60),
            remembered: 20,
            allow_self: false,
        }
    }
}
