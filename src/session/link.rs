//! Whether a session has a connection, and which. Pure.

/// Counts the connections of a session and their ends: odd while there is one,
/// even while there is none. So each connection has a number of its own, and of
/// two pieces of news the newer is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link(u64);

impl Link {
    /// A new connection, which takes the place of an older one.
    pub fn attach(&mut self) -> Self {
        self.0 += if self.here() { 2 } else { 1 };
        *self
    }

    /// The end of the connection `link`; the number that this state has, unless
    /// another connection has taken that one's place.
    pub fn detach(&mut self, link: Self) -> Option<Self> {
        let current = *self == link && self.here();
        if current {
            self.0 += 1;
        }
        current.then_some(*self)
    }

    /// The state of this number, as an earlier owner of the session or another
    /// node had it.
    #[must_use]
    pub const fn numbered(number: u64) -> Self {
        Self(number)
    }

    /// The session has another owner: none of its connections here counts.
    pub fn replace(&mut self) {
        self.0 += if self.here() { 1 } else { 2 };
    }

    /// The same without a connection.
    #[must_use]
    pub fn away(self) -> Self {
        Self(self.0 + u64::from(self.here()))
    }

    /// Whether there is a connection.
    #[must_use]
    pub fn here(self) -> bool {
        self.0 % 2 == 1
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_6_the_latest_connection_wins() {
        let mut link = Link::default();
        let first = link.attach();
        let second = link.attach();
        assert_eq!(link.detach(first), None, "replaced");
        assert!(link.here());
        let away = link.detach(second).unwrap();
        assert!(!link.here() && away > second);
        assert_eq!(link.detach(second), None, "once");
        assert!(link.attach() > away);
    }
}
