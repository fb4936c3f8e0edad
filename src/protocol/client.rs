//! What a client says, and the decoding of it.

use std::borrow::Cow;

use serde::Deserialize;

use super::fields::Fields;
use super::json::Json;
use super::layout::{self, KnownRoom};
use super::text::unquote;
use super::{Preferences, Report};
use crate::ids::RoomId;

/// The most characters of a `chat`.
pub(super) const MAX_CHAT_CHARS: usize = 2000;

/// A message of a client, checked as far as it can be without knowing who says
/// it. `'a` is the frame's text, which payloads borrow.
#[derive(Debug)]
pub enum ClientMessage<'a> {
    /// Wait for a partner with these preferences.
    Join(Preferences),
    /// Leave the room, if any, and wait again.
    Next {
        /// The room that the sender means to leave.
        room: Option<RoomId>,
    },
    /// Leave the room or the queue.
    Leave,
    /// Something for the partner.
    Signal(Signal<'a>),
    /// A report of the partner.
    Report(Report<'a>),
    /// Never to meet the partner again.
    Block {
        /// Of this room.
        room: RoomId,
    },
}

impl<'a> ClientMessage<'a> {
    /// The signal, if it is one.
    #[must_use]
    pub const fn signal(&self) -> Option<&Signal<'a>> {
        match self {
            Self::Signal(signal) => Some(signal),
            _ => None,
        }
    }
}

/// A message that goes on to the partner with its payload unchanged.
#[derive(Clone, Copy, Debug)]
pub struct Signal<'a> {
    /// Where the sender believes to be.
    pub room: RoomId,
    /// What is sent.
    pub payload: Payload<'a>,
    /// The whole message without its last brace, where it came in as it goes out.
    written: Option<&'a str>,
}

impl<'a> Signal<'a> {
    /// One that brings `payload` to the partner in `room`.
    #[must_use]
    pub const fn new(room: RoomId, payload: Payload<'a>) -> Self {
        Self { room, payload, written: None }
    }

    /// The same, whose message is `written` but for its last brace.
    pub(super) const fn written(room: RoomId, payload: Payload<'a>, written: &'a str) -> Self {
        Self { room, payload, written: Some(written) }
    }

    /// Its message without the last brace, where that is known.
    pub(super) const fn as_written(&self) -> Option<&'a str> {
        self.written
    }
}

/// The payloads, each as the bytes that came in.
#[derive(Clone, Copy, Debug)]
pub enum Payload<'a> {
    /// An SDP offer; `fresh` where it comes from a new connection.
    CreateOffer {
        /// A JSON string.
        sdp: Json<'a>,
        /// As it was sent, if it was.
        fresh: Option<bool>,
    },
    /// An SDP answer.
    CreateAnswer {
        /// A JSON string.
        sdp: Json<'a>,
    },
    /// One trickled candidate.
    AddIceCandidate {
        /// An RTCIceCandidateInit object, or null for the end of candidates.
        candidate: Json<'a>,
    },
    /// A line of text.
    Chat {
        /// A JSON string.
        text: Json<'a>,
    },
    /// Whether the sender is typing.
    Typing {
        /// As it was sent.
        active: bool,
    },
}

impl Payload<'_> {
    /// The names of all payloads, for the metrics.
    pub const NAMES: [&'static str; 5] =
        ["createOffer", "createAnswer", "addIceCandidate", "chat", "typing"];

    /// The message's `type`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        Self::NAMES[self.index()]
    }

    /// What was written, if it is a line of text.
    #[must_use]
    pub fn line(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Chat { text } => unquote(text.get()),
            _ => None,
        }
    }

    /// Its place in [`Payload::NAMES`].
    #[must_use]
    pub const fn index(&self) -> usize {
        match self {
            Self::CreateOffer { .. } => 0,
            Self::CreateAnswer { .. } => 1,
            Self::AddIceCandidate { .. } => 2,
            Self::Chat { .. } => 3,
            Self::Typing { .. } => 4,
        }
    }
}

/// Why a text is no message of the protocol, in words for its sender.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(Cow<'static, str>);

impl From<&'static str> for Malformed {
    fn from(words: &'static str) -> Self {
        Self(Cow::Borrowed(words))
    }
}

/// Reads one message.
///
/// # Errors
/// What is wrong with it. The words never repeat what the client wrote.
pub fn decode(text: &str) -> Result<ClientMessage<'_>, Malformed> {
    decode_in(text, None)
}

/// The same, most likely a signal in the room that is `known`, which is quicker then.
///
/// # Errors
/// As above.
pub fn decode_in<'a>(
    text: &'a str,
    known: Option<&KnownRoom>,
) -> Result<ClientMessage<'a>, Malformed> {
    match layout::signal(text, known) {
        Some(signal) => Ok(ClientMessage::Signal(signal)),
        None => decode_any(text),
    }
}

/// Reads a message by its fields, however it is written.
pub(super) fn decode_any(text: &str) -> Result<ClientMessage<'_>, Malformed> {
    let fields = Fields::of(text)?;
    let kind = fields.kind.ok_or("`type` is missing")?;
    let kind = unquote(kind.get()).ok_or("`type` must be a string")?;
    match &*kind {
        "join" => fields.join(),
        "next" => fields.next(),
        "leave" => Ok(ClientMessage::Leave),
        "createOffer" => fields.signal(Payload::CreateOffer {
            sdp: string("sdp", fields.sdp)?,
            fresh: optional(fields.fresh, "`fresh` must be true or false")?,
        }),
        "createAnswer" => fields.signal(Payload::CreateAnswer { sdp: string("sdp", fields.sdp)? }),
        "addIceCandidate" => {
            fields.signal(Payload::AddIceCandidate { candidate: candidate(fields.candidate)? })
        }
        "chat" => fields.signal(Payload::Chat { text: chat_text(fields.text)? }),
        "typing" => fields.signal(Payload::Typing { active: fields.active()? }),
        "report" => Report::of(&fields).map(ClientMessage::Report),
        "block" => Ok(ClientMessage::Block { room: fields.room()? }),
        _ => Err("no such `type`".into()),
    }
}

impl<'a> Fields<'a> {
    fn join(&self) -> Result<ClientMessage<'a>, Malformed> {
        let mode = optional(self.mode, "`mode` must be \"video\" or \"text\"")?;
        let private: Option<bool> = optional(self.private, "`private` must be true or false")?;
        optional_string("claim", self.claim)?;
        optional_string("proof", self.proof)?;
        let interests: Strings<'_> =
            optional(self.interests, "`interests` must be a list of strings")?.unwrap_or_default();
        let languages: Strings<'_> =
            optional(self.languages, "`languages` must be a list of strings")?.unwrap_or_default();
        let (mode, private) = (mode.unwrap_or_default(), private.unwrap_or_default());
        Preferences::new(mode, &interests, &languages, private)
            .map(ClientMessage::Join)
            .map_err(Malformed::from)
    }

    fn next(&self) -> Result<ClientMessage<'a>, Malformed> {
        optional_string("proof", self.proof)?;
        Ok(ClientMessage::Next { room: self.optional_room()? })
    }

    fn signal(&self, payload: Payload<'a>) -> Result<ClientMessage<'a>, Malformed> {
        Ok(ClientMessage::Signal(Signal::new(self.room()?, payload)))
    }

    fn active(&self) -> Result<bool, Malformed> {
        let active = self.active.ok_or("`active` is missing")?;
        parse(active, "`active` must be true or false")
    }

    pub(super) fn room(&self) -> Result<RoomId, Malformed> {
        self.optional_room()?.ok_or_else(|| "`room` is missing".into())
    }

    /// A string that is no id names a room that nobody ever had.
    fn optional_room(&self) -> Result<Option<RoomId>, Malformed> {
        let Some(room) = self.room else { return Ok(None) };
        let room = unquote(room.get()).ok_or("`room` must be a string")?;
        Ok(Some(RoomId::parse(&room).unwrap_or(RoomId::NOBODYS)))
    }
}

type Strings<'a> = Vec<Cow<'a, str>>;

pub(super) fn parse<'a, T: Deserialize<'a>>(
    json: Json<'a>,
    words: &'static str,
) -> Result<T, Malformed> {
    serde_json::from_str(json.get()).map_err(|_| words.into())
}

pub(super) fn optional<'a, T: Deserialize<'a>>(
    json: Option<Json<'a>>,
    words: &'static str,
) -> Result<Option<T>, Malformed> {
    json.map(|json| parse(json, words)).transpose()
}

pub(super) fn string<'a>(
    name: &'static str,
    json: Option<Json<'a>>,
) -> Result<Json<'a>, Malformed> {
    let json = json.ok_or_else(|| Malformed(format!("`{name}` is missing").into()))?;
    if json.get().starts_with('"') {
        Ok(json)
    } else {
        Err(Malformed(format!("`{name}` must be a string").into()))
    }
}

fn optional_string(name: &'static str, json: Option<Json<'_>>) -> Result<(), Malformed> {
    if json.is_some() { string(name, json).map(drop) } else { Ok(()) }
}

pub(super) fn candidate(json: Option<Json<'_>>) -> Result<Json<'_>, Malformed> {
    let json = json.ok_or("`candidate` is missing")?;
    if json.get().starts_with('{') || json.get() == "null" {
        Ok(json)
    } else {
        Err("`candidate` must be an RTCIceCandidateInit object or null".into())
    }
}

pub(super) fn chat_text(json: Option<Json<'_>>) -> Result<Json<'_>, Malformed> {
    let json = string("text", json)?;
    let text = unquote(json.get()).ok_or("`text` must be a string")?;
    if (1..=MAX_CHAT_CHARS).contains(&text.chars().count()) {
        Ok(json)
    } else {
        Err("`text` must have 1 to 2000 characters".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(text: &str) -> Result<(), String> {
        let frame = format!(r#"{{"type":"chat","room":"r","text":{text}}}"#);
        decode(&frame).map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn a_list_is_no_message() {
        let list = format!(r#"["leave"{}]"#, ",null".repeat(13));
        assert_eq!(decode(&list).unwrap_err().to_string(), "a message must be a JSON object");
    }

    #[test]
    fn payloads_are_the_bytes_that_came_in() {
        let text = r#"{"type":"addIceCandidate","room":"x","candidate":{ "n" : 0.10000000000000000555, "m":1e400 }}"#;
        let Ok(ClientMessage::Signal(Signal {
            payload: Payload::AddIceCandidate { candidate },
            ..
        })) = decode(text)
        else {
            panic!("a candidate");
        };
        assert_eq!(candidate.get(), r#"{ "n" : 0.10000000000000000555, "m":1e400 }"#);
    }

    #[test]
    fn a_character_of_a_chat_is_a_code_point() {
        assert_eq!(chat(&format!("\"{}\"", "\u{1F600}".repeat(2000))), Ok(()));
        assert_eq!(chat(&format!("\"{}\"", r"\ud83d\ude00".repeat(2000))), Ok(()));
        assert!(chat(&format!("\"{}\"", "x".repeat(2001))).is_err());
        assert!(chat("\"\"").is_err());
        assert!(chat(r#""\ud83d""#).is_err());
    }

    #[test]
    fn null_stands_for_an_optional_field_that_is_absent() {
        let next = decode(r#"{"type":"next","room":null,"proof":null}"#);
        assert!(matches!(next, Ok(ClientMessage::Next { room: None })));
        let end = decode(r#"{"type":"addIceCandidate","room":"x","candidate":null}"#);
        assert!(matches!(end, Ok(ClientMessage::Signal(_))), "but here it means something");
        assert!(decode(r#"{"type":"addIceCandidate","room":"x"}"#).is_err());
    }

    #[test]
    fn words_to_the_client_never_repeat_what_it_wrote() {
        for secret in [r#"{"type":"secret"}"#, r#"{"type":"join","mode":"secret"}"#, "secret"] {
            let words = decode(secret).unwrap_err().to_string();
            assert!(!words.contains("secret"), "{words}");
        }
    }
}
