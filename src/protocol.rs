//! The wire protocol's vocabulary.

use serde::{Deserialize, Serialize};

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
}
