//! What the service says.

use serde::Serialize;

use super::encoded::Encoded;
use super::{ErrorCode, Mode, OfferedPrivacy, Role, WhyLeft};
use crate::ids::{RoomId, SessionId};

/// A message of the service.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum ServerMessage<'a> {
    /// Always the first message.
    Welcome(Welcome<'a>),
    /// A wait begins.
    Waiting {},
    /// Somebody was found.
    Matched {
        /// The room of the two.
        room: RoomId,
        /// Who makes the first offer.
        role: Role,
        /// How they talk.
        mode: Mode,
        /// Those that both named, in compared form.
        interests: &'a [Box<str>],
        /// RTCIceServer objects (W3C WebRTC section 4.2.2).
        #[serde(rename = "iceServers")]
        ice_servers: &'a [IceServer<'a>],
        /// How long their credentials are good for, in seconds.
        #[serde(rename = "iceTtl")]
        ice_ttl: u64,
        /// Whether the receiver's address is hidden.
        private: bool,
    },
    /// The room is over.
    PeerLeft {
        /// Which.
        room: RoomId,
        /// Why.
        reason: WhyLeft,
    },
    /// The partner's connection dropped and is within its grace.
    PeerAway {
        /// In which room.
        room: RoomId,
    },
    /// The partner came back.
    PeerBack {
        /// In which room.
        room: RoomId,
    },
    /// In no room and no queue.
    Idle {},
    /// A report was taken.
    Reported {
        /// Of the partner in this room.
        room: RoomId,
    },
    /// The partner of a room is never met again.
    Blocked {
        /// Which room.
        room: RoomId,
    },
    /// How many people are connected.
    Online {
        /// Their number.
        count: u64,
    },
    /// This server is being replaced.
    GoingAway {
        /// When to connect again, in milliseconds.
        #[serde(rename = "retryAfterMs")]
        retry_after_ms: u64,
    },
    /// What was refused and why.
    Error {
        /// For programs.
        code: ErrorCode,
        /// For people.
        message: &'a str,
        /// What some errors say beside.
        #[serde(flatten)]
        note: ErrorNote<'a>,
    },
}

/// What some errors say beside their code and words.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorNote<'a> {
    /// `rate_limited`, `unavailable`: when to try again, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// `banned`: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
    /// `banned`: until when, in milliseconds since 1970; absent where it is for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
    /// `banned`: how to appeal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appeal: Option<&'a str>,
}

/// The fields of a `welcome`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome<'a> {
    /// The session's id.
    pub session: SessionId,
    /// The token that would resume it.
    pub resume: &'a str,
    /// Whether this goes on with an earlier connection's session.
    pub resumed: bool,
    /// The number of people connected.
    pub online: u64,
    /// RTCIceServer objects.
    pub ice_servers: &'a [IceServer<'a>],
    /// How long their credentials are good for, in seconds.
    pub ice_ttl: u64,
    /// Whether and how addresses are hidden here.
    pub privacy: OfferedPrivacy,
    /// How long a dropped connection keeps its session, in milliseconds.
    pub grace_ms: u64,
    /// Where the session stands, after a resume.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing<'a>>,
}

/// Where a resumed session stands.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing<'a> {
    /// The room, if it still stands.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomStanding<'a>>,
    /// Whether it is queued.
    #[serde(skip_serializing_if = "is_false")]
    pub waiting: bool,
    /// The last number already used.
    pub last_seq: u64,
    /// Whether something after the client's number is no longer kept.
    #[serde(skip_serializing_if = "is_false")]
    pub missed: bool,
}

/// The room of a resumed session: what its `matched` said.
#[derive(Debug, Serialize)]
pub struct RoomStanding<'a> {
    /// The room.
    pub room: RoomId,
    /// Who made the first offer.
    pub role: Role,
    /// How they talk.
    pub mode: Mode,
    /// Those that both named.
    pub interests: &'a [Box<str>],
    /// Whether the receiver's address is hidden.
    pub private: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// An RTCIceServer (W3C WebRTC section 4.2.2).
#[derive(Clone, Debug, Serialize)]
pub struct IceServer<'a> {
    /// `stun:`, `turn:` and `turns:` addresses (RFC 7064, RFC 7065).
    pub urls: &'a [String],
    /// For TURN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// For TURN: the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// What a message takes as a rule, so that it seldom has to grow.
const PLAIN_BYTES: usize = 120;
const WITH_ICE_SERVERS_BYTES: usize = 1000;

impl ServerMessage<'_> {
    const fn room(&self) -> Option<RoomId> {
        match self {
            Self::Matched { room, .. }
            | Self::PeerLeft { room, .. }
            | Self::PeerAway { room }
            | Self::PeerBack { room }
            | Self::Reported { room }
            | Self::Blocked { room } => Some(*room),
            Self::Welcome(_)
            | Self::Waiting {}
            | Self::Idle {}
            | Self::Online { .. }
            | Self::GoingAway { .. }
            | Self::Error { .. } => None,
        }
    }

    /// The message as JSON.
    #[must_use]
    pub fn encode(&self) -> Encoded<'static> {
        let numbered = !matches!(
            self,
            Self::Welcome(_) | Self::Online { .. } | Self::GoingAway { .. } | Self::Error { .. }
        );
        let mut json = Vec::with_capacity(match self {
            Self::Welcome(_) | Self::Matched { .. } => WITH_ICE_SERVERS_BYTES,
            _ => PLAIN_BYTES,
        });
        // Writing plain data into memory has no way to fail.
        serde_json::to_writer(&mut json, self).expect("a message is plain data");
        json.pop();
        Encoded::written(json, numbered, self.room())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: &str = "11111111-2222-4333-8444-555555555555";

    #[test]
    fn only_what_can_be_replayed_is_numbered() {
        let idle = ServerMessage::Idle {}.encode();
        assert_eq!(idle.whole(u64::MAX), r#"{"type":"idle","seq":18446744073709551615}"#);
        let online = ServerMessage::Online { count: 3 }.encode();
        assert_eq!(online.whole(9), r#"{"type":"online","count":3}"#);
    }

    #[test]
    fn matched_is_as_the_protocol_has_it() {
        let matched = ServerMessage::Matched {
            room: RoomId::parse(ROOM).unwrap(),
            role: Role::Offerer,
            mode: Mode::Text,
            interests: &["tea \"time\"".into()],
            ice_servers: &[],
            ice_ttl: 600,
            private: false,
        };
        let expected = format!(
            r#"{{"type":"matched","room":"{ROOM}","role":"offerer","mode":"text","interests":["tea \"time\""],"iceServers":[],"iceTtl":600,"private":false,"seq":1}}"#
        );
        assert_eq!(matched.encode().whole(1), expected);
    }
}
