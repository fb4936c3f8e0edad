//! The closed sets of names and numbers on the wire.

use serde::{Deserialize, Serialize};

/// Why a message was refused: the `code` of an `error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not JSON, no known type, or a field that is missing or not as it must be.
    BadMessage,
    /// The room is none that the sender ever had.
    NotInRoom,
    /// A message over [`MAX_MESSAGE_BYTES`](super::MAX_MESSAGE_BYTES).
    TooLarge,
    /// The service can't do this now.
    Unavailable,
    /// Too much at once.
    RateLimited,
    /// The person is kept out.
    Banned,
}

impl ErrorCode {
    /// Every code, for the metrics.
    pub const ALL: [Self; 6] = [
        Self::BadMessage,
        Self::NotInRoom,
        Self::TooLarge,
        Self::Unavailable,
        Self::RateLimited,
        Self::Banned,
    ];

    /// Its name on the wire and as a metric's label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadMessage => "bad_message",
            Self::NotInRoom => "not_in_room",
            Self::TooLarge => "too_large",
            Self::Unavailable => "unavailable",
            Self::RateLimited => "rate_limited",
            Self::Banned => "banned",
        }
    }
}

/// With what a WebSocket is closed (RFC 6455 section 7.4, and the protocol's
/// own from 4000 up).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum CloseCode {
    /// The client is done.
    Normal = 1000,
    /// The service stops.
    GoingAway = 1001,
    /// The peer broke the WebSocket protocol (RFC 6455).
    Protocol = 1002,
    /// A text that is not UTF-8.
    InvalidText = 1007,
    /// Repeated bad messages, or far too many.
    Policy = 1008,
    /// A message over the limit.
    TooLarge = 1009,
    /// Full, or the client does not read.
    TryAgainLater = 1013,
    /// The person is kept out.
    Banned = 4001,
    /// The session was resumed elsewhere.
    Replaced = 4002,
}

impl CloseCode {
    /// Every code that the service closes with, for the metrics.
    pub const ALL: [Self; 9] = [
        Self::Normal,
        Self::GoingAway,
        Self::Protocol,
        Self::InvalidText,
        Self::Policy,
        Self::TooLarge,
        Self::TryAgainLater,
        Self::Banned,
        Self::Replaced,
    ];

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }
}

/// Who makes the first offer. The answerer is the polite side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Makes the first offer.
    Offerer,
    /// Answers it, and gives way when both offer.
    Answerer,
}

/// Whether and how people's addresses are hidden from their partners here
/// (rule 9): the `privacy` of a `welcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OfferedPrivacy {
    /// None is.
    Off,
    /// Those are whose `join` says `private`.
    Choice,
    /// All are.
    Always,
}

/// Why a room is over: the `reason` of a `peerLeft`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhyLeft {
    /// The partner wants somebody new.
    Next,
    /// The partner stopped.
    Left,
    /// The partner's connection ended.
    Disconnected,
    /// The partner was banned.
    Removed,
}

/// What a partner is reported for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReportReason {
    /// Unwanted nudity.
    Nudity,
    /// A person who seems under age.
    Minor,
    /// Harassment or hate.
    Harassment,
    /// Advertising or fraud.
    Spam,
    /// Violence or threats.
    Violence,
    /// Anything else.
    Other,
}

impl ReportReason {
    /// Its name on the wire and as a metric's label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nudity => "nudity",
            Self::Minor => "minor",
            Self::Harassment => "harassment",
            Self::Spam => "spam",
            Self::Violence => "violence",
            Self::Other => "other",
        }
    }
}
