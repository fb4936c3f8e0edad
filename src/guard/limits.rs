//! How much is allowed, by default.
//!
//! A session: a hundred of anything at once and some more, which no person needs and
//! a program that behaves may. An address: what several hundred people do who share one, as in
//! an office or behind a provider's translation; whoever has one address alone can
//! still take no more than that from the others.

use std::time::Duration;

use super::limiter::Allowance;

/// What can be too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// An address's connections.
    Connect,
    /// An address's requests for credentials of the relay.
    Credentials,
    /// An address's pictures.
    Picture,
    /// An address's reports.
    ReportOfAddress,
    /// An address's erasures, or a device's.
    Erasure,
    /// A session's `join` and `next`.
    Wait,
    /// Its offers, answers and candidates.
    Signal,
    /// Its lines of a chat.
    Line,
    /// Its reports.
    Report,
    /// Its blocks.
    Block,
    /// All its messages.
    Message,
}

impl Limit {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Connect,
        Self::Credentials,
        Self::Picture,
        Self::ReportOfAddress,
        Self::Erasure,
        Self::Wait,
        Self::Signal,
        Self::Line,
        Self::Report,
        Self::Block,
        Self::Message,
    ];

    /// Its name as a metric's label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Credentials => "credentials",
            Self::Picture => "picture",
            Self::ReportOfAddress => "report_address",
            Self::Erasure => "erasure",
            Self::Wait => "wait",
            Self::Signal => "signal",
            Self::Line => "line",
            Self::Report => "report",
            Self::Block => "block",
            Self::Message => "message",
        }
    }
}

/// What one session may do. A message counts for all and for its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionAllowances {
    /// All messages: whoever sends at most a hundred in any second is never refused.
    pub messages: Allowance,
    /// `join` and `next`: each may cost a search, and somebody else a room.
    pub waits: Allowance,
    /// Offers, answers and candidates.
    pub signals: Allowance,
    /// Lines of a chat.
    pub lines: Allowance,
    /// Reports: each is stored, read and weighed.
    pub reports: Allowance,
    /// Blocks: as many as there are people to meet.
    pub blocks: Allowance,
}

/// What one address (of IPv6 a /64) may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressAllowances {
    /// Connections at once.
    pub connections: u32,
    /// Connects: as many as it may hold, for all come back at once when a server
    /// was replaced.
    pub connects: Allowance,
    /// Reports, whoever's.
    pub reports: Allowance,
    /// Pictures: each is decoded, and stored.
    pub pictures: Allowance,
    /// Requests for credentials of the relay.
    pub credentials: Allowance,
    /// Erasures of what is kept: each has a place in the queue of what is stored. A
    /// device may have as many, wherever it is.
    pub erasures: Allowance,
}

impl Default for SessionAllowances {
    fn default() -> Self {
        Self {
            messages: Allowance::per_second(150, 100),
            waits: Allowance::per_second(120, 10),
            signals: Allowance::per_second(120, 100),
            lines: Allowance::per_second(120, 100),
            reports: Allowance::per_minute(10, 1),
            blocks: Allowance::per_second(120, 10),
        }
    }
}

impl Default for AddressAllowances {
    fn default() -> Self {
        Self {
            connections: 1024,
            connects: Allowance::per_second(1024, 50),
            reports: Allowance::per_minute(60, 6),
            pictures: Allowance::per_minute(60, 6),
            credentials: Allowance { burst: 1024, every: Duration::from_millis(100) },
            erasures: Allowance::per_minute(5, 1),
        }
    }
}
