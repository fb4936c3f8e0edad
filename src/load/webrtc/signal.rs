//! What two peers tell each other through the service, as the wire has it.

use serde::{Deserialize, Serialize};

/// A message from one peer to the other. The room and the number are the
/// signalling's, and passed over when it is read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Signal {
    /// An offer.
    CreateOffer {
        /// The description (RFC 8866).
        sdp: String,
    },
    /// The answer to it.
    CreateAnswer {
        /// The description (RFC 8866).
        sdp: String,
    },
    /// A trickled candidate (RFC 8838).
    AddIceCandidate {
        /// The candidate; none where there are no more.
        candidate: Option<IceCandidate>,
    },
}

/// An RTCIceCandidateInit (W3C WebRTC section 4.8.1).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IceCandidate {
    /// The candidate-attribute (RFC 8839 section 5.1); empty where there are no
    /// more.
    pub candidate: String,
    /// The media section that it is for, by name.
    #[serde(default)]
    pub sdp_mid: Option<String>,
    /// The media section that it is for, by place.
    #[serde(default)]
    pub sdp_m_line_index: Option<u16>,
}

/// The kind alone: the rest tells of addresses and keys.
impl std::fmt::Debug for Signal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::CreateOffer { .. } => "CreateOffer(..)",
            Self::CreateAnswer { .. } => "CreateAnswer(..)",
            Self::AddIceCandidate { .. } => "AddIceCandidate(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn signals_are_as_the_wire_has_them() {
        let candidate = IceCandidate {
            candidate: "candidate:1 1 udp 5 192.0.2.1 9 typ host".into(),
            sdp_mid: Some("0".into()),
            sdp_m_line_index: Some(0),
        };
        let text = candidate.candidate.clone();
        for (signal, wire) in [
            (
                Signal::CreateOffer { sdp: "v=0".into() },
                json!({"type": "createOffer", "sdp": "v=0"}),
            ),
            (
                Signal::CreateAnswer { sdp: "v=0".into() },
                json!({"type": "createAnswer", "sdp": "v=0"}),
            ),
            (
                Signal::AddIceCandidate { candidate: Some(candidate) },
                json!({"type": "addIceCandidate",
                    "candidate": {"candidate": text, "sdpMid": "0", "sdpMLineIndex": 0}}),
            ),
            (
                Signal::AddIceCandidate { candidate: None },
                json!({"type": "addIceCandidate", "candidate": null}),
            ),
        ] {
            assert_eq!(serde_json::to_value(&signal).unwrap(), wire);
            let mut told = wire;
            told["room"] = "a".into();
            told["seq"] = 7.into();
            assert_eq!(serde_json::from_value::<Signal>(told).unwrap(), signal);
        }
    }

    #[test]
    fn a_signal_does_not_print_what_it_holds() {
        let signal = Signal::CreateOffer { sdp: "192.0.2.1".into() };
        assert_eq!(format!("{signal:?}"), "CreateOffer(..)");
    }
}
