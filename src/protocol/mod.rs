//! The wire protocol, version 1: what a client may say, what the service says,
//! and the codes of both.
//!
//! Decoding checks everything that can be told from a message alone. Payloads
//! that only pass through (`sdp`, `candidate`, `text`) stay the bytes that came
//! in, as [`Json`].

mod client;
mod code;
mod encoded;
mod fields;
mod json;
mod layout;
mod plain;
mod preferences;
mod report;
mod server;
mod text;

use serde::{Deserialize, Serialize};

pub use client::{ClientMessage, Malformed, Payload, Signal, decode, decode_in};
pub use code::{CloseCode, ErrorCode, OfferedPrivacy, ReportReason, Role, WhyLeft};
pub use encoded::Encoded;
pub use json::Json;
pub use layout::KnownRoom;
pub use preferences::Preferences;
pub use report::{Quote, Report, Speaker};
pub use server::{ErrorNote, IceServer, RoomStanding, ServerMessage, Standing, Welcome};

/// The WebSocket subprotocol's name.
pub const SUBPROTOCOL: &str = "passerby.v1";

/// The most bytes of a client's message, after reassembly.
pub const MAX_MESSAGE_BYTES: usize = 65_536;

/// How two people talk. Modes never mix (rule 5).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Camera, microphone and text.
    #[default]
    Video,
    /// Text alone, relayed by the server.
    Text,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 2] = [Self::Video, Self::Text];

    /// Its name on the wire and as a metric's label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Text => "text",
        }
    }
}
