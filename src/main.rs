//! The command line: reads flags, sets up logs, and maps results to exit codes.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use passerby::app::{self, ServeError};
use passerby::config::{Cli, Command, Doctor, LoadCommand, LogFormat};
use passerby::doctor::{self, Verdict};
use passerby::moderate::{self, Mistake};
use passerby::{load, turn_alone};
use tikv_jemallocator::Jemalloc;
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// The system's own leaves what many needed at once in pieces between what they
/// keep, and so never gives it back.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// Crates that quote what clients and nodes sent: they are never heard, whatever the
/// filter says.
const SILENT: [&str; 16] = [
    "actix_http",
    "async_nats",
    "stun_types",
    "stun_proto",
    "turn_types",
    "str0m",
    "str0m_proto",
    "str0m_aws_lc_rs",
    "is",
    "dimpl",
    "sctp_proto",
    "sqlx",
    "tungstenite",
    "tokio_tungstenite",
    "ureq",
    "ureq_proto",
];
/// A flag, or its environment variable, is bad.
const BAD_FLAG: u8 = 2;

fn main() -> ExitCode {
    let command = match Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(error) => return refuse(&error),
    };
    let run = match command {
        Command::Serve(config) => {
            log(config.process.log_format);
            actix_rt::System::new().block_on(app::serve(*config))
        }
        Command::Turn(config) => {
            log(config.process.log_format);
            actix_rt::System::new().block_on(turn_alone::relay(*config))
        }
        Command::Doctor(flags) => return examine(&flags),
        Command::Load(command) => return load(&command),
        Command::Migrate(flags) => return said(moderate::migrate(&flags)),
        Command::Reports(command) => return said(moderate::reports(&command)),
        Command::Bans(command) => return said(moderate::bans(&command)),
    };
    match run {
        Ok(()) => ExitCode::SUCCESS,
        Err(
            error @ (ServeError::NothingToHideBehind
            | ServeError::NoSharedSecret
            | ServeError::Cluster(_)
            | ServeError::Traces(_)),
        ) => {
            eprintln!("error: {error}");
            ExitCode::from(BAD_FLAG)
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn load(command: &LoadCommand) -> ExitCode {
    match load::run(command) {
        Ok(ending) => ending.into(),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What is wrong ends with a failure, so that scripts can ask.
fn examine(flags: &Doctor) -> ExitCode {
    let found = match doctor::examine(flags) {
        Ok(found) => found,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let text: String = found.iter().map(|finding| format!("{finding}\n")).collect();
    let written = std::io::stdout().write_all(text.as_bytes());
    if written.is_ok() && doctor::verdict(&found) != Verdict::Wrong {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn said(outcome: Result<(), Mistake>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(mistake) => {
            eprintln!("error: {mistake}");
            ExitCode::FAILURE
        }
    }
}

/// Help goes out whole, in colour only on a terminal; of an error, the one line
/// that names the flag.
fn refuse(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return if error.print().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let text = error.to_string();
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or("error: bad flags");
    // The names of what is missing, and what may be said, stand on lines of their own.
    let belongs = |line: &&str| {
        line.starts_with("  [possible values") || first.ends_with(':') && line.starts_with("  ")
    };
    eprintln!("{first}{}", lines.take_while(belongs).collect::<String>());
    ExitCode::from(BAD_FLAG)
}

fn log(format: LogFormat) {
    let chosen = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,actix_server=warn"));
    let discreet = filter_fn(|about| {
        let crate_name = about.target().split("::").next();
        crate_name.is_none_or(|name| !SILENT.contains(&name))
    });
    let logs = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let logs = match format {
        LogFormat::Text => logs.boxed(),
        LogFormat::Json => logs.json().boxed(),
    };
    tracing_subscriber::registry().with(chosen).with(discreet).with(logs).init();
}
