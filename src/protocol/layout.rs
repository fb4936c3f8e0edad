//! How a signal is written on its way to the partner. Most clients write it the same
//! way: then it is known by how it begins, and goes on as it stands but for its number.

use super::client::{candidate, chat_text, string};
use super::plain;
use super::{Payload, Signal};
use crate::ids::RoomId;

/// What stands before the room's id and what between that and the payload, by the
/// payload's place among [`Payload::NAMES`].
pub(super) const AROUND_ROOM: [[&str; 2]; 5] = [
    [r#"{"type":"createOffer","room":""#, r#"","sdp":"#],
    [r#"{"type":"createAnswer","room":""#, r#"","sdp":"#],
    [r#"{"type":"addIceCandidate","room":""#, r#"","candidate":"#],
    [r#"{"type":"chat","room":""#, r#"","text":"#],
    [r#"{"type":"typing","room":""#, r#"","active":"#],
];
/// Their places, the most frequent first.
const BY_FREQUENCY: [usize; 5] = [2, 3, 4, 0, 1];
/// The bytes of an id.
const ID_BYTES: usize = 36;

/// A room, and its id as signals name it.
#[derive(Clone, Copy, Debug)]
pub struct KnownRoom {
    id: RoomId,
    text: [u8; ID_BYTES],
}

impl KnownRoom {
    /// The room `id`.
    #[must_use]
    pub fn new(id: RoomId) -> Self {
        let mut text = [0; ID_BYTES];
        let _ = id.text(&mut text);
        Self { id, text }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> RoomId {
        self.id
    }
}

/// The signal that `text` is, most likely in the room that is `known`, if it is written as
/// it would go out. `None` where its fields are to be looked at: also of whatever is wrong.
pub(super) fn signal<'a>(text: &'a str, known: Option<&KnownRoom>) -> Option<Signal<'a>> {
    let written = text.strip_suffix('}')?;
    let (place, rest) = BY_FREQUENCY
        .iter()
        .find_map(|place| Some((*place, written.strip_prefix(AROUND_ROOM[*place][0])?)))?;
    let (id, rest) = rest.split_at_checked(ID_BYTES)?;
    let value = rest.strip_prefix(AROUND_ROOM[place][1])?;
    if place == 0 && !value.ends_with('"') {
        // `fresh` follows: a long SDP is not gone through in vain.
        return None;
    }
    let value = plain::value(value)?;
    let payload = match place {
        0 => Payload::CreateOffer { sdp: string("sdp", Some(value)).ok()?, fresh: None },
        1 => Payload::CreateAnswer { sdp: string("sdp", Some(value)).ok()? },
        2 => Payload::AddIceCandidate { candidate: candidate(Some(value)).ok()? },
        3 => Payload::Chat { text: chat_text(Some(value)).ok()? },
        _ => Payload::Typing { active: value.get().parse().ok()? },
    };
    Some(Signal::written(room(id, known)?, payload, written))
}

/// The id as it goes out has small letters alone.
fn room(id: &str, known: Option<&KnownRoom>) -> Option<RoomId> {
    if let Some(known) = known.filter(|known| known.text == id.as_bytes()) {
        return Some(known.id);
    }
    if id.bytes().fold(false, |capital, byte| capital | byte.is_ascii_uppercase()) {
        return None;
    }
    RoomId::parse(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "11111111-2222-4333-8444-55555555abcd";

    fn message(place: usize, payload: &str) -> String {
        let [before, after] = AROUND_ROOM[place];
        format!("{before}{ID}{after}{payload}}}")
    }

    #[test]
    fn a_signal_as_it_goes_out_is_known() {
        for (place, payload) in [
            (0, r#""v=0\r\n""#),
            (1, r#""v=0\r\n""#),
            (2, r#"{"candidate":"candidate:1","sdpMid":"0","sdpMLineIndex":0}"#),
            (2, "null"),
            (3, r#""grüße""#),
            (4, "false"),
        ] {
            let text = message(place, payload);
            let signal = signal(&text, None).expect(&text);
            assert_eq!((signal.payload.index(), signal.room.to_string()), (place, ID.into()));
        }
    }

    #[test]
    fn what_is_anything_else_is_left_to_those_who_look_closer() {
        for (place, payload) in [
            (0, r#""v=0","fresh":true"#),
            (1, "7"),
            (2, r#""a string""#),
            (2, "{}}"),
            (2, r#"{},"room":"another""#),
            (3, r#""""#),
            (3, "\"a\nb\""),
            (3, r#""\u0041""#),
            (4, "null"),
            (4, " true"),
        ] {
            assert!(signal(&message(place, payload), None).is_none(), "{place} {payload}");
        }
        let text = message(4, "true");
        for other in [
            text.replace(ID, &ID.to_uppercase()),
            text.replace(ID, &ID.replace('-', "0")),
            text.replace(ID, "short"),
            format!("{text} "),
            text.replace(':', ": "),
            text.replace("typing", "typed"),
        ] {
            assert!(signal(&other, None).is_none(), "{other}");
        }
    }

    #[test]
    fn a_room_is_itself_whichever_is_known() {
        let text = message(4, "true");
        let other = KnownRoom::new(RoomId::from_u128(7));
        let this = KnownRoom::new(RoomId::parse(ID).unwrap());
        for known in [None, Some(&other), Some(&this)] {
            assert_eq!(signal(&text, known).unwrap().room, this.id(), "{known:?}");
        }
        let capital = text.replace(ID, &ID.to_uppercase());
        assert!(signal(&capital, Some(&this)).is_none(), "it would go out otherwise");
    }
}
