//! What the service says, and the encoding of it.

use std::borrow::Cow;

use serde::Serialize;

use super::client::{Payload, Signal};
use super::layout::AROUND_ROOM;
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

/// A message that still lacks its number, which is known only when it takes its
/// place in the receiver's outbox.
#[derive(Clone, Debug)]
pub struct Encoded<'a> {
    body: Body<'a>,
    numbered: bool,
    room: Option<RoomId>,
}

/// What stands before the number.
#[derive(Clone, Debug)]
enum Body<'a> {
    /// JSON without its closing brace.
    Written(Cow<'a, [u8]>),
    /// What is written but once, in its place.
    Signal(Signal<'a>),
}

/// The room that `,"seq":` and a number take at most, with the closing brace.
const TAIL_BYTES: usize = 28;
/// What a signal takes at most beside its payload and its tail.
const SIGNAL_BYTES: usize = 110;
/// What a message takes as a rule, so that it seldom has to grow.
const PLAIN_BYTES: usize = 120;
const WITH_ICE_SERVERS_BYTES: usize = 1000;

impl<'a> Encoded<'a> {
    /// A signal for `room` as it was put into [`text`](Self::text), or
    /// [written](Signal::write) otherwise.
    #[must_use]
    pub fn forwarded(room: RoomId, text: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { body: Body::Written(text.into()), numbered: true, room: Some(room) }
    }

    /// What stands before the number, for another node.
    #[must_use]
    pub fn text(&self) -> String {
        let mut body = Vec::new();
        match &self.body {
            Body::Written(json) => body.extend_from_slice(json),
            Body::Signal(signal) => signal.write(&mut body),
        }
        String::from_utf8(body).expect("a message is text")
    }

    /// Whether the message takes a number.
    #[must_use]
    pub const fn numbered(&self) -> bool {
        self.numbered
    }

    /// The room that the message belongs to, if it belongs to one.
    #[must_use]
    pub const fn room(&self) -> Option<RoomId> {
        self.room
    }

    /// The bytes of the whole text, at most.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let body = match &self.body {
            Body::Written(json) => json.len(),
            Body::Signal(signal) => signal.payload.json().len() + SIGNAL_BYTES,
        };
        body + TAIL_BYTES
    }

    /// Has `write` write the whole text, of the length and the parts that it is
    /// given, under the number `seq` where the message takes one.
    pub fn finish<R>(&self, seq: u64, write: impl FnOnce(usize, &[&[u8]]) -> R) -> R {
        let mut tail = [0; TAIL_BYTES];
        let tail = if self.numbered { numbered_tail(seq, &mut tail) } else { b"}" };
        let write = |parts: &[&[u8]]| write(parts.iter().map(|part| part.len()).sum(), parts);
        match &self.body {
            Body::Written(json) => write(&[json, tail]),
            Body::Signal(signal) => {
                let mut id = [0; 36];
                let [a, b, c, d, e] = signal.parts(&mut id).map(str::as_bytes);
                write(&[a, b, c, d, e, tail])
            }
        }
    }

    /// The whole text.
    #[cfg(test)]
    fn whole(&self, seq: u64) -> String {
        self.finish(seq, |_, parts| String::from_utf8(parts.concat()).unwrap())
    }
}

/// What ends a message that has the number `seq`.
fn numbered_tail(seq: u64, buffer: &mut [u8; TAIL_BYTES]) -> &[u8] {
    let mut end = 0;
    for part in [",\"seq\":", itoa::Buffer::new().format(seq), "}"] {
        buffer[end..end + part.len()].copy_from_slice(part.as_bytes());
        end += part.len();
    }
    &buffer[..end]
}

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
        Encoded { body: Body::Written(json.into()), numbered, room: self.room() }
    }
}

impl<'a> Signal<'a> {
    /// The message that carries it on to the partner.
    #[must_use]
    pub const fn encode(self) -> Encoded<'a> {
        Encoded { room: Some(self.room), body: Body::Signal(self), numbered: true }
    }

    /// Puts all of that before the number at the end of `text`.
    pub fn write(&self, text: &mut Vec<u8>) {
        match self.as_written() {
            Some(written) => text.extend_from_slice(written.as_bytes()),
            None => text.extend_from_slice(self.parts(&mut [0; 36]).concat().as_bytes()),
        }
    }

    /// All of the message before its number; `id` is for the room's.
    fn parts<'b>(&'b self, id: &'b mut [u8; 36]) -> [&'b str; 5] {
        if let Some(written) = self.as_written() {
            return [written, "", "", "", ""];
        }
        let [before_room, before_json] = AROUND_ROOM[self.payload.index()];
        let fresh = match self.payload {
            Payload::CreateOffer { fresh: Some(true), .. } => r#","fresh":true"#,
            Payload::CreateOffer { fresh: Some(false), .. } => r#","fresh":false"#,
            _ => "",
        };
        [before_room, self.room.text(id), before_json, self.payload.json(), fresh]
    }
}

impl Payload<'_> {
    fn json(&self) -> &str {
        match self {
            Self::CreateOffer { sdp: json, .. }
            | Self::CreateAnswer { sdp: json }
            | Self::AddIceCandidate { candidate: json }
            | Self::Chat { text: json } => json.get(),
            Self::Typing { active: true } => "true",
            Self::Typing { active: false } => "false",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ClientMessage, decode};

    fn forwarded(text: &str) -> String {
        let Ok(ClientMessage::Signal(signal)) = decode(text) else { panic!("a signal: {text}") };
        signal.encode().whole(7)
    }

    const ROOM: &str = "11111111-2222-4333-8444-555555555555";

    #[test]
    fn a_signal_goes_out_as_it_came_in_and_numbered() {
        for field in [
            r#""type":"createOffer","room":"ROOM","sdp":"v=0\r\n\ud83d\ude00 \u0041","fresh":true"#,
            r#""type":"createOffer","room":"ROOM","sdp":"é""#,
            r#""type":"createAnswer","room":"ROOM","sdp":"""#,
            r#""type":"addIceCandidate","room":"ROOM","candidate":{ "sdpMLineIndex" : 0.0, "x":1e400 }"#,
            r#""type":"addIceCandidate","room":"ROOM","candidate":null"#,
            r#""type":"chat","room":"ROOM","text":"\/ \u2028""#,
            r#""type":"typing","room":"ROOM","active":false"#,
        ] {
            let fields = field.replace("ROOM", ROOM);
            assert_eq!(forwarded(&format!("{{{fields}}}")), format!("{{{fields},\"seq\":7}}"));
        }
    }

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
