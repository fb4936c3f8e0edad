//! A private person's signal, made ready for the partner.

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::candidate::candidate as without_addresses;
use super::description::description;
use super::grammar::{UFRAG, is_ice_chars, is_token};
use crate::protocol::{Json, Payload};

/// A payload that bears no address of its sender. It owns what it had to write
/// anew and borrows the rest of what was sent. That may show addresses, so it
/// doesn't print itself.
pub struct Concealed<'a> {
    sent: Payload<'a>,
    /// What goes on in place of the JSON that was sent; nothing where that goes
    /// on as it is.
    instead: Option<Box<RawValue>>,
}

impl Concealed<'_> {
    /// What the partner gets.
    #[must_use]
    pub fn payload(&self) -> Payload<'_> {
        let Some(json) = self.instead.as_deref().map(Json::from) else { return self.sent };
        match self.sent {
            Payload::CreateOffer { fresh, .. } => Payload::CreateOffer { sdp: json, fresh },
            Payload::CreateAnswer { .. } => Payload::CreateAnswer { sdp: json },
            Payload::AddIceCandidate { .. } => Payload::AddIceCandidate { candidate: json },
            Payload::Chat { .. } | Payload::Typing { .. } => self.sent,
        }
    }
}

/// What the partner gets of a private sender's `payload` (rule 9); `None` where
/// that is nothing: a candidate that is no relay's or not well-formed. The end
/// of candidates, `chat` and `typing` pass as they are.
#[must_use]
pub fn conceal(payload: Payload<'_>) -> Option<Concealed<'_>> {
    let instead = match payload {
        Payload::CreateOffer { sdp, .. } | Payload::CreateAnswer { sdp } => Some(filtered(sdp)?),
        Payload::AddIceCandidate { candidate } if candidate.get() == "null" => None,
        Payload::AddIceCandidate { candidate } => Some(rebuilt(candidate)?),
        Payload::Chat { .. } | Payload::Typing { .. } => None,
    };
    Some(Concealed { sent: payload, instead })
}

/// The JSON string `sdp` with only the lines that are known to bear no address.
fn filtered(sdp: Json<'_>) -> Option<Box<RawValue>> {
    let sdp: String = serde_json::from_str(sdp.get()).ok()?;
    to_raw_value(&description(&sdp)).ok()
}

/// An RTCIceCandidateInit (W3C WebRTC section 4.8.1.1), with its defaults.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Init {
    #[serde(default)]
    candidate: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sdp_mid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sdp_m_line_index: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username_fragment: Option<String>,
}

impl Init {
    /// Whether the fields beside the candidate have no room for an address.
    fn is_harmless(&self) -> bool {
        self.sdp_mid.as_deref().is_none_or(is_token)
            && self.username_fragment.as_deref().is_none_or(|text| is_ice_chars(text, UFRAG))
    }
}

/// The object `candidate` with only the fields that are known.
fn rebuilt(candidate: Json<'_>) -> Option<Box<RawValue>> {
    let mut init: Init = serde_json::from_str(candidate.get()).ok()?;
    if !init.is_harmless() {
        return None;
    }
    // The empty text is the end of a generation's candidates.
    if !init.candidate.is_empty() {
        init.candidate = without_addresses(&init.candidate)?;
    }
    to_raw_value(&init).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Json<'_> {
        serde_json::from_str(json).expect("JSON")
    }

    /// The JSON that goes on of a candidate's.
    fn trickled(json: &str) -> Option<String> {
        let concealed = conceal(Payload::AddIceCandidate { candidate: raw(json) })?;
        let Payload::AddIceCandidate { candidate } = concealed.payload() else {
            panic!("a candidate")
        };
        Some(candidate.get().to_owned())
    }

    #[test]
    fn a_description_goes_on_without_addresses() {
        let sdp = raw(r#""v=0\r\nc=IN IP4 198.51.100.7\r\na=rtcp:9 IN IP4 198.51.100.7\r\n""#);
        let kept = r#""v=0\r\nc=IN IP4 0.0.0.0\r\n""#;
        let offer = conceal(Payload::CreateOffer { sdp, fresh: Some(true) }).unwrap();
        let Payload::CreateOffer { sdp: offered, fresh: Some(true) } = offer.payload() else {
            panic!("a fresh offer")
        };
        assert_eq!(offered.get(), kept);
        let answer = conceal(Payload::CreateAnswer { sdp }).unwrap();
        let Payload::CreateAnswer { sdp: answered } = answer.payload() else { panic!("an answer") };
        assert_eq!(answered.get(), kept);
    }

    #[test]
    fn an_escape_hides_nothing() {
        let sdp = raw(r#""\u0061=mid:0\u000aa=mid:198\u002e51\u002e100\u002e7""#);
        let answer = conceal(Payload::CreateAnswer { sdp }).unwrap();
        let Payload::CreateAnswer { sdp } = answer.payload() else { panic!("an answer") };
        assert_eq!(sdp.get(), r#""a=mid:0\r\n""#);
    }

    #[test]
    fn words_between_the_two_pass_as_they_are() {
        let text = raw(r#""my address is 198.51.100.7""#);
        let chat = conceal(Payload::Chat { text }).unwrap();
        assert!(matches!(chat.payload(), Payload::Chat { text: kept } if kept == text));
        let typing = conceal(Payload::Typing { active: true }).unwrap();
        assert!(matches!(typing.payload(), Payload::Typing { active: true }));
    }

    #[test]
    fn a_relay_goes_on_with_the_fields_that_are_known() {
        let sent = r#"{"candidate":"candidate:1 1 udp 5 192.0.2.1 9 typ relay raddr 198.51.100.7 rport 5",
            "sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"abcd","address":"198.51.100.7","x":{"y":"2001:db8::7"}}"#;
        let kept = r#"{"candidate":"candidate:1 1 udp 5 192.0.2.1 9 typ relay","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"abcd"}"#;
        assert_eq!(trickled(sent).as_deref(), Some(kept));
        assert_eq!(trickled(kept).as_deref(), Some(kept));
    }

    #[test]
    fn the_end_of_candidates_goes_on() {
        assert_eq!(trickled("null").as_deref(), Some("null"));
        assert_eq!(trickled("{}").as_deref(), Some(r#"{"candidate":""}"#));
        assert_eq!(
            trickled(r#"{"candidate":"","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":null}"#)
                .as_deref(),
            Some(r#"{"candidate":"","sdpMid":"0","sdpMLineIndex":0}"#)
        );
    }

    #[test]
    fn what_is_not_well_formed_or_has_room_for_an_address_does_not_go_on() {
        for sent in [
            r#"{"candidate":null}"#,
            r#"{"candidate":5}"#,
            r#"{"candidate":"candidate:1 1 udp 5 192.0.2.1 9 typ host"}"#,
            r#"{"candidate":"x"}"#,
            r#"{"candidate":" "}"#,
            r#"{"candidate":"","sdpMid":"198.51.100.7"}"#,
            r#"{"candidate":"","sdpMid":5}"#,
            r#"{"candidate":"","sdpMLineIndex":"198.51.100.7"}"#,
            r#"{"candidate":"","sdpMLineIndex":65536}"#,
            r#"{"candidate":"","sdpMLineIndex":-1}"#,
            r#"{"candidate":"","usernameFragment":"2001:db8::7"}"#,
            r#"{"candidate":"","candidate":""}"#,
        ] {
            assert_eq!(trickled(sent), None, "{sent}");
        }
    }
}
