//! The flags and environment variables.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::http::origin::AllowedOrigin;

/// Pairs strangers at random for a video or text chat.
#[derive(Debug, Parser)]
#[command(version, about, arg_required_else_help = false)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the binary does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the page and pair the people who come.
    ///
    /// Prints "listening on ..." for each port once it takes connections. Stops
    /// on SIGTERM or SIGINT after letting its people move; a second signal
    /// stops it at once.
    Serve(Serve),
}

/// The flags of `serve`. Durations are in milliseconds.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Where the page, /ws and /api/v1 are served.
    #[arg(long, env = "PASSERBY_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,

    /// Where /metrics, /healthz and /readyz are served. Keep it from the public.
    #[arg(
        long,
        env = "PASSERBY_OPS_LISTEN",
        default_value = "127.0.0.1:9464",
        value_name = "ADDRESS"
    )]
    pub ops_listen: SocketAddr,

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
    /// again; who comes back to a room is let in [default: the open-file limit
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

    /// Threads that serve connections [default: one a core].
    #[arg(long, env = "PASSERBY_WORKERS", value_name = "COUNT")]
    pub workers: Option<NonZeroUsize>,

    /// How logs are written to standard error. RUST_LOG filters them.
    #[arg(long, env = "PASSERBY_LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    pub log_format: LogFormat,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}

fn millis(text: &str) -> Result<Duration, std::num::ParseIntError> {
    // Thirty-two bits are 49 days: sums with them overflow nowhere.
    text.parse().map(|millis: u32| Duration::from_millis(millis.into()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn each_flag_is_also_an_environment_variable() {
        let mut command = Cli::command();
        command.build();
        let serve = command.find_subcommand("serve").unwrap();
        for flag in serve.get_arguments().filter(|flag| flag.get_id() != "help") {
            let long = flag.get_long().unwrap();
            let variable = format!("PASSERBY_{}", long.to_uppercase().replace('-', "_"));
            assert_eq!(flag.get_env().unwrap(), variable.as_str());
        }
    }
}
