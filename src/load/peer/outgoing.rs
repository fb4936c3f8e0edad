//! What people say to the service.

use serde::Serialize;

use crate::ids::RoomId;
use crate::protocol::Mode;

/// A message to the service.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(super) enum Outgoing<'a> {
    Join { mode: Mode, interests: &'a [String] },
    Next { room: Option<RoomId> },
    Leave,
    CreateOffer { room: RoomId, sdp: &'a str },
    CreateAnswer { room: RoomId, sdp: &'a str },
    AddIceCandidate { room: RoomId, candidate: CandidateInit<'a> },
    Chat { room: RoomId, text: &'a str },
    Typing { room: RoomId, active: bool },
}

/// An RTCIceCandidateInit (W3C WebRTC section 4.8.1.1).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CandidateInit<'a> {
    pub(super) candidate: &'a str,
    pub(super) sdp_mid: &'a str,
    #[serde(rename = "sdpMLineIndex")]
    pub(super) sdp_m_line_index: u16,
}

impl Outgoing<'_> {
    /// As it goes out.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).expect("a message is plain data")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::decode;

    #[test]
    fn the_service_reads_all_of_them() {
        let room = RoomId::from_u128(1);
        let candidate =
            CandidateInit { candidate: "candidate:1", sdp_mid: "0", sdp_m_line_index: 0 };
        for message in [
            Outgoing::Join { mode: Mode::Text, interests: &["tea".to_owned()] },
            Outgoing::Next { room: Some(room) },
            Outgoing::Next { room: None },
            Outgoing::Leave,
            Outgoing::CreateOffer { room, sdp: "v=0\r\n" },
            Outgoing::CreateAnswer { room, sdp: "v=0\r\n" },
            Outgoing::AddIceCandidate { room, candidate },
            Outgoing::Chat { room, text: "hi" },
            Outgoing::Typing { room, active: true },
        ] {
            assert!(decode(&message.text()).is_ok(), "{}", message.text());
        }
    }
}
