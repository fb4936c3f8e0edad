//! The flags of `serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::cluster::ClusterFlags;
use super::guard::GuardFlags;
use super::ice::IceFlags;
use super::process::ProcessFlags;
use super::store::StoreFlags;
use super::telemetry::TelemetryFlags;
use super::turn::TurnFlags;
use super::values::millis;
use crate::http::origin::AllowedOrigin;

/// The flags of `serve`. Durations are in milliseconds.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Where the page, /ws and /api/v1 are served.
    #[arg(long, env = "PASSERBY_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,

    /// How long someone who named interests waits for a shared one.
    #[arg(long, env = "PASSERBY_INTEREST_WAIT_MS", default_value = "5000", value_name = "MS", value_parser = millis)]
    pub interest_wait_ms: Duration,

    /// How long two people whose room ended are kept apart.
    #[arg(long, env = "PASSERBY_REMATCH_WAIT_MS", default_value = "30000", value_name = "MS", value_parser = millis)]
    pub rematch_wait_ms: Duration,

    /// How long a dropped connection keeps its session: its room, or its place in
    /// the queue.
    #[arg(long, env = "PASSERBY_GRACE_MS", default_value = "15000", value_name = "MS", value_parser = millis)]
    pub grace_ms: Duration,

    /// With more connections than this, new people are sent away and told to come
    /// again; who comes back to a session is let in [default: the open-file limit
    /// less 500].
    #[arg(long, env = "PASSERBY_MAX_CONNECTIONS", value_name = "COUNT")]
    pub max_connections: Option<u64>,

    /// Where sessions are kept while the server is replaced: written on stopping,
    /// read and deleted on starting [default: passerby-PORT.sessions].
    #[arg(long, env = "PASSERBY_SESSIONS_FILE", value_name = "FILE")]
    pub sessions_file: Option<PathBuf>,

    /// Hosts beside its own whose pages may connect, with commas between.
    #[arg(
        long,
        env = "PASSERBY_ALLOWED_ORIGINS",
        value_delimiter = ',',
        value_name = "HOST[:PORT]"
    )]
    pub allowed_origins: Vec<AllowedOrigin>,

    /// How long a stopping server lets its people move.
    #[arg(long, env = "PASSERBY_DRAIN_MS", default_value = "20000", value_name = "MS", value_parser = millis)]
    pub drain_ms: Duration,

    /// How long a stopping server still takes connections after it says on
    /// /readyz that it is not ready.
    #[arg(long, env = "PASSERBY_DRAIN_DELAY_MS", default_value = "0", value_name = "MS", value_parser = millis)]
    pub drain_delay_ms: Duration,

    /// Operations, secret, threads and logs.
    #[command(flatten)]
    pub process: ProcessFlags,

    /// What browsers are told of STUN and TURN.
    #[command(flatten)]
    pub ice: IceFlags,

    /// The STUN and TURN server.
    #[command(flatten)]
    pub turn: TurnFlags,

    /// Others.
    #[command(flatten)]
    pub cluster: ClusterFlags,

    /// What must last.
    #[command(flatten)]
    pub store: StoreFlags,

    /// What keeps people from harm.
    #[command(flatten)]
    pub guard: GuardFlags,

    /// Where pairs are traced to.
    #[command(flatten)]
    pub telemetry: TelemetryFlags,
}

impl Serve {
    /// The flags of one of several nodes in this process: its ports are so far
    /// above the first one's, and its file has another name.
    #[must_use]
    pub fn of_node(&self, number: u16) -> Self {
        let mut config = self.clone();
        let turn = config.turn.turn_listen.iter_mut();
        for address in turn.chain([&mut config.listen, &mut config.process.ops_listen]) {
            // Port 0 is any that is free.
            if address.port() > 0 {
                address.set_port(address.port().saturating_add(number));
            }
        }
        if let Some(file) = config.sessions_file.as_mut().filter(|_| number > 0) {
            file.as_mut_os_string().push(format!(".{number}"));
        }
        config
    }
}
