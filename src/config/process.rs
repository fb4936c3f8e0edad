//! The flags that every process of the service has.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::secret::Secret;

/// The HTTP server starts no more threads.
const MAX_WORKERS: u16 = 512;

/// Operations, secret, threads and logs.
#[derive(Clone, Debug, Args)]
pub struct ProcessFlags {
    /// Where /metrics, /healthz and /readyz are served. Keep it from the public.
    #[arg(
        long,
        env = "PASSERBY_OPS_LISTEN",
        default_value = "127.0.0.1:9464",
        value_name = "ADDRESS"
    )]
    pub ops_listen: SocketAddr,

    /// What signs what this service gives out, such as credentials for TURN; the
    /// same on all its machines. Better by file or environment, where no list of
    /// processes shows it.
    #[arg(
        long,
        env = "PASSERBY_SECRET",
        hide_env_values = true,
        value_name = "TEXT",
        conflicts_with = "secret_file"
    )]
    pub secret: Option<Secret>,

    /// A file with the secret. "serve" makes one at its first start [default:
    /// passerby.secret].
    #[arg(long, env = "PASSERBY_SECRET_FILE", value_name = "FILE")]
    pub secret_file: Option<PathBuf>,

    /// Threads that serve connections [default: one a core].
    #[arg(
        long,
        env = "PASSERBY_WORKERS",
        value_name = "COUNT",
        value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_WORKERS))
    )]
    pub workers: Option<u16>,

    /// How logs are written to standard error. RUST_LOG filters them.
    #[arg(long, env = "PASSERBY_LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    pub log_format: LogFormat,
}

impl ProcessFlags {
    /// How many threads serve connections.
    #[must_use]
    pub fn workers(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, Into::into);
        self.workers.map_or_else(cores, usize::from).min(MAX_WORKERS.into())
    }
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}
