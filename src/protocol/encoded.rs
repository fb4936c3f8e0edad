//! A message of the service on its way to its number.

use std::borrow::Cow;

use super::client::{Payload, Signal};
use super::layout::AROUND_ROOM;
use crate::ids::RoomId;

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

/// What `,"seq":`, a number and the closing brace take at most.
const TAIL_BYTES: usize = 28;
/// What a signal takes at most beside its payload and its tail.
const SIGNAL_BYTES: usize = 110;

impl<'a> Encoded<'a> {
    /// A signal for `room` as it was put into [`text`](Self::text), or
    /// [written](Signal::write) otherwise.
    #[must_use]
    pub fn forwarded(room: RoomId, text: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { body: Body::Written(text.into()), numbered: true, room: Some(room) }
    }

    /// A message of which `json` is all but the closing brace.
    pub(super) fn written(json: Vec<u8>, numbered: bool, room: Option<RoomId>) -> Self {
        Self { body: Body::Written(json.into()), numbered, room }
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
    pub(super) fn whole(&self, seq: u64) -> String {
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

impl<'a> Signal<'a> {
    /// The message that carries it on to the partner.
    #[must_use]
    pub const fn encode(self) -> Encoded<'a> {
        Encoded { room: Some(self.room), body: Body::Signal(self), numbered: true }
    }

    /// Puts all of that before the number at the end of `text`.
    pub fn write(&self, text: &mut Vec<u8>) {
        for part in self.parts(&mut [0; 36]).into_iter().filter(|part| !part.is_empty()) {
            text.extend_from_slice(part.as_bytes());
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
}
