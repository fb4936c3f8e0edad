//! What the service says, read with the client's eyes.

use std::borrow::Cow;

use serde::Deserialize;

use crate::ids::RoomId;
use crate::load::oracle::Kind;
use crate::protocol::{Mode, Role};

/// A message of the service: the fields of all types, of which each has some.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::load) struct Incoming<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    pub(in crate::load) seq: Option<u64>,
    pub(in crate::load) room: Option<RoomId>,
    pub(in crate::load) role: Option<Role>,
    pub(in crate::load) mode: Option<Mode>,
    pub(in crate::load) interests: Option<Vec<Box<str>>>,
    pub(in crate::load) resume: Option<Box<str>>,
    pub(in crate::load) resumed: Option<bool>,
    pub(in crate::load) waiting: Option<bool>,
    pub(in crate::load) last_seq: Option<u64>,
    pub(in crate::load) missed: Option<bool>,
    pub(in crate::load) privacy: Option<Box<str>>,
    pub(in crate::load) reason: Option<Box<str>>,
    pub(in crate::load) code: Option<Box<str>>,
    pub(in crate::load) retry_after_ms: Option<u64>,
    sdp: Option<String>,
    text: Option<String>,
    candidate: Option<Candidate>,
}

/// An RTCIceCandidateInit (W3C WebRTC section 4.8.1.1), of which the candidate
/// itself bears the mark.
#[derive(Debug, Deserialize)]
struct Candidate {
    candidate: Option<String>,
}

/// The type of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load) enum Heard {
    Welcome,
    Waiting,
    Matched,
    Signal(Kind),
    Typing,
    PeerLeft,
    PeerAway,
    PeerBack,
    Idle,
    Online,
    GoingAway,
    Refused,
    /// One that is not known, or of no interest here.
    Other,
}

impl Heard {
    /// Whether a message of this type has a `seq`.
    pub(in crate::load) const fn numbered(self) -> bool {
        !matches!(
            self,
            Self::Welcome | Self::Online | Self::GoingAway | Self::Refused | Self::Other
        )
    }
}

impl Heard {
    /// Whether after it a person knows where it stands.
    pub(in crate::load) const fn settles(self) -> bool {
        matches!(self, Self::Matched | Self::Waiting | Self::Idle | Self::PeerLeft)
    }
}

impl Incoming<'_> {
    /// Its type.
    pub(in crate::load) fn heard(&self) -> Heard {
        match &*self.kind {
            "welcome" => Heard::Welcome,
            "waiting" => Heard::Waiting,
            "matched" => Heard::Matched,
            "createOffer" => Heard::Signal(Kind::Offer),
            "createAnswer" => Heard::Signal(Kind::Answer),
            "addIceCandidate" => Heard::Signal(Kind::Candidate),
            "chat" => Heard::Signal(Kind::Chat),
            "typing" => Heard::Typing,
            "peerLeft" => Heard::PeerLeft,
            "peerAway" => Heard::PeerAway,
            "peerBack" => Heard::PeerBack,
            "idle" => Heard::Idle,
            "online" => Heard::Online,
            "goingAway" => Heard::GoingAway,
            "error" => Heard::Refused,
            _ => Heard::Other,
        }
    }

    /// The text that bears the mark of a signal; empty where there is none.
    pub(in crate::load) fn payload(&self) -> &str {
        let candidate = self.candidate.as_ref().and_then(|init| init.candidate.as_deref());
        self.sdp.as_deref().or(self.text.as_deref()).or(candidate).unwrap_or_default()
    }
}
