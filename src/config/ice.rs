//! The flags of what people's browsers are told of STUN and TURN.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::values::millis;
use crate::ice::{IceUrl, Privacy};
use crate::secret::Secret;

/// Which servers, which credentials, and who hides an address.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Ways through networks")]
pub struct IceFlags {
    /// Whether a STUN and TURN server runs inside this process.
    #[arg(long, env = "PASSERBY_TURN", default_value = "on", value_name = "ON|OFF")]
    pub turn: Switch,

    /// STUN servers to name instead of the one inside, with commas between:
    /// stun:HOST[:PORT].
    #[arg(long, env = "PASSERBY_STUN_URLS", value_delimiter = ',', value_name = "URL", value_parser = stun_url)]
    pub stun_urls: Vec<IceUrl>,

    /// TURN servers to name instead of the one inside, which is not started then,
    /// with commas between: turn:HOST[:PORT][?transport=udp|tcp] or turns:...
    #[arg(long, env = "PASSERBY_TURN_URLS", value_delimiter = ',', value_name = "URL", value_parser = turn_url)]
    pub turn_urls: Vec<IceUrl>,

    /// The secret that the servers of --turn-urls share ("static-auth-secret" of
    /// coturn) [default: that of --secret].
    #[arg(
        long,
        env = "PASSERBY_TURN_SECRET",
        hide_env_values = true,
        value_name = "TEXT",
        requires = "turn_urls"
    )]
    pub turn_secret: Option<Secret>,

    /// How long credentials for TURN are good for making new allocations; those
    /// that stand go on.
    #[arg(long, env = "PASSERBY_TURN_TTL_MS", default_value = "600000", value_name = "MS", value_parser = millis)]
    pub turn_ttl_ms: Duration,

    /// Who has their address hidden from their partner: nobody, who asks for it,
    /// or everybody. Hidden calls go through the relay.
    #[arg(long, env = "PASSERBY_PRIVATE", default_value = "choice", value_name = "WHO")]
    pub private: Private,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It runs.
    On,
    /// It does not.
    Off,
}

/// The choices of `--private`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Private {
    /// Nobody hides an address.
    Off,
    /// Who asks for it does.
    Choice,
    /// Everybody does.
    Always,
}

impl From<Private> for Privacy {
    fn from(private: Private) -> Self {
        match private {
            Private::Off => Self::Off,
            Private::Choice => Self::Choice,
            Private::Always => Self::Always,
        }
    }
}

impl IceFlags {
    /// Whether the server inside is wanted.
    #[must_use]
    pub fn relay_inside(&self) -> bool {
        self.turn == Switch::On && self.turn_urls.is_empty()
    }

    /// Whether a relay is wanted at all.
    #[must_use]
    pub fn relay_wanted(&self) -> bool {
        self.turn == Switch::On || !self.turn_urls.is_empty()
    }
}

fn stun_url(text: &str) -> Result<IceUrl, String> {
    ice_url(text, false).ok_or_else(|| "not like stun:HOST[:PORT]".to_owned())
}

fn turn_url(text: &str) -> Result<IceUrl, String> {
    ice_url(text, true)
        .ok_or_else(|| "not like turn:HOST[:PORT][?transport=udp|tcp] or turns:...".to_owned())
}

fn ice_url(text: &str, relays: bool) -> Option<IceUrl> {
    text.parse().ok().filter(|url: &IceUrl| url.relays() == relays)
}
