//! The flags of `load`.

use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{Args, Subcommand};

use super::load_values::{Goal, Share, Sources, TargetUrl};
use super::values::millis;
use crate::protocol::Mode;

/// What to play.
#[derive(Clone, Debug, Subcommand)]
pub enum LoadCommand {
    /// People who are connected and do nothing.
    ///
    /// Each connects in its turn, is welcomed, and rests. Shows what a connection
    /// costs the service in memory, and how fast it takes new ones.
    ///
    ///   passerby load idle --connections 20000 --connect-rate 2000 --pid 4711
    #[command(verbatim_doc_comment)]
    Idle(Box<LoadFlags>),
    /// All join at once.
    ///
    /// They connect, and at one moment all of them send "join". Measures the time
    /// to a partner when a crowd comes in.
    ///
    ///   passerby load pair --connections 5000 --max-p99-ms match=1000
    #[command(verbatim_doc_comment)]
    Pair(Box<LoadFlags>),
    /// Pairs exchange SDP of 3 KB and candidates of 250 bytes.
    ///
    /// Without --rate in a closed loop: so many signals of a pair are under way
    /// as --window says, and one that arrives is answered by the next. With --rate in an open
    /// loop: each signal has its moment, and its latency counts from then.
    ///
    ///   passerby load relay --connections 200 --window 4
    ///   passerby load relay --connections 2000 --rate 10000
    #[command(verbatim_doc_comment)]
    Relay(Box<LoadFlags>),
    /// People press Next at exponential times.
    ///
    /// Who is in a room stays for --stay-ms on average, or so long that all
    /// together press --rate times a second. A few people soon know each other:
    /// start the service with --rematch-wait-ms 0 for fewer than some hundred.
    ///
    ///   passerby load churn --connections 2000 --stay-ms 5000
    #[command(verbatim_doc_comment)]
    Churn(Box<LoadFlags>),
    /// Whole calls: join, offer, answer, eight candidates each way, next.
    ///
    /// A call is done for a person when all of the partner's signals are there;
    /// after --stay-ms on average comes the next one.
    ///
    ///   passerby load call --connections 500 --max-p99-ms call=250
    #[command(verbatim_doc_comment)]
    Call(Box<LoadFlags>),
    /// People as they are.
    ///
    /// They name interests by a Zipf law, want video or text, skip at once or stay
    /// for a log-normal time, chat and type, and some lose their connection and
    /// come back within the grace.
    ///
    ///   passerby load mix --connections 2000 --seconds 300 --html mix.html
    #[command(verbatim_doc_comment)]
    Mix(Box<LoadFlags>),
    /// Everybody loses the connection and comes back at once.
    ///
    /// All are in rooms and talk; every --storm-ms all connections break and all
    /// resume at that moment. Measures the time until they are back.
    ///
    ///   passerby load storm --connections 5000 --storm-ms 10000
    #[command(verbatim_doc_comment)]
    Storm(Box<LoadFlags>),
    /// The mix for hours, with a check for leaks.
    ///
    /// At the end the memory, threads and files of the service (--pid) are compared with
    /// those after the first minutes.
    ///
    ///   passerby load soak --connections 1000 --seconds 14400 --pid 4711
    #[command(verbatim_doc_comment)]
    Soak(Box<LoadFlags>),
    /// Join the results of several machines.
    ///
    ///   passerby load merge one.json two.json --html both.html
    #[command(verbatim_doc_comment)]
    Merge(MergeFlags),
    /// A worker process: takes its plan from standard input.
    #[command(hide = true)]
    Work,
}

/// The flags of all scenarios.
#[derive(Clone, Debug, Args)]
pub struct LoadFlags {
    /// Where the people connect, in turn; with commas between, or more than once.
    #[arg(
        long,
        env = "PASSERBY_TARGET",
        default_value = "ws://127.0.0.1:8080/ws",
        value_delimiter = ',',
        value_name = "URL"
    )]
    pub target: Vec<TargetUrl>,

    /// How many people there are at once.
    #[arg(long, env = "PASSERBY_CONNECTIONS", default_value = "100", value_name = "COUNT")]
    pub connections: NonZeroU32,

    /// How many of them connect a second, at the begin.
    #[arg(long, env = "PASSERBY_CONNECT_RATE", default_value = "1000", value_name = "COUNT")]
    pub connect_rate: NonZeroU32,

    /// How long it goes on after all should be connected.
    #[arg(long, env = "PASSERBY_SECONDS", default_value = "30", value_name = "COUNT")]
    pub seconds: NonZeroU32,

    /// With the same seed people do the same [default: by chance; the report has it].
    #[arg(long, env = "PASSERBY_SEED", value_name = "NUMBER")]
    pub seed: Option<u64>,

    /// The addresses that people connect from, to have more than 28,000 ports:
    /// addresses of this machine, or ranges as 127.0.1.1-127.0.1.8, with commas
    /// between.
    #[arg(long, env = "PASSERBY_SOURCE_ADDRESSES", value_delimiter = ',', value_name = "IP[-IP]")]
    pub source_addresses: Vec<Sources>,

    /// Worker processes [default: one for each 15,000 people].
    #[arg(long, env = "PASSERBY_WORKERS", value_name = "COUNT")]
    pub workers: Option<NonZeroU16>,

    /// What people do.
    #[command(flatten)]
    pub people: PeopleFlags,

    /// What is watched and wanted.
    #[command(flatten)]
    pub judging: JudgingFlags,

    /// Where the result goes.
    #[command(flatten)]
    pub output: OutputFlags,
}

/// What people do.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "People")]
pub struct PeopleFlags {
    /// Signals a second of all together (relay), or how often all together press
    /// Next a second (churn).
    #[arg(long, env = "PASSERBY_RATE", value_name = "PER_SECOND", value_parser = rate)]
    pub rate: Option<f64>,

    /// Signals of a pair that are under way at once (relay without --rate).
    #[arg(long, env = "PASSERBY_WINDOW", default_value = "1", value_name = "COUNT")]
    pub window: NonZeroU32,

    /// How people talk; in a mix each by chance if it is not given.
    #[arg(long, env = "PASSERBY_MODE", value_name = "video|text", value_parser = mode)]
    pub mode: Option<Mode>,

    /// How long a person stays with a partner: the mean (churn, call), the median
    /// (mix).
    #[arg(long, env = "PASSERBY_STAY_MS", default_value = "5000", value_name = "MS", value_parser = millis)]
    pub stay_ms: Duration,

    /// The share of people who name interests (mix).
    #[arg(long, env = "PASSERBY_INTERESTS", default_value = "0.5", value_name = "SHARE")]
    pub interests: Share,

    /// The share who want text alone (mix).
    #[arg(long, env = "PASSERBY_TEXT", default_value = "0.3", value_name = "SHARE")]
    pub text: Share,

    /// The share of partners who are skipped at once (mix).
    #[arg(long, env = "PASSERBY_SKIP", default_value = "0.3", value_name = "SHARE")]
    pub skip: Share,

    /// The share of stays in which the connection drops and comes back (mix).
    #[arg(long, env = "PASSERBY_DROP", default_value = "0.05", value_name = "SHARE")]
    pub drop: Share,

    /// How often all connections break (storm).
    #[arg(long, env = "PASSERBY_STORM_MS", default_value = "10000", value_name = "MS", value_parser = millis)]
    pub storm_ms: Duration,

    /// So many of the pairs are real WebRTC peers: ICE, DTLS and a data channel
    /// that echoes.
    #[arg(long, env = "PASSERBY_WEBRTC", default_value = "0", value_name = "COUNT")]
    pub webrtc: u32,

    /// The WebRTC peers talk through the relay only.
    #[arg(
        long,
        env = "PASSERBY_WEBRTC_RELAY",
        value_parser = BoolishValueParser::new(),
        requires = "webrtc"
    )]
    pub webrtc_relay: bool,
}

/// What is watched and wanted.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Watching and goals")]
pub struct JudgingFlags {
    /// The service's process on this machine: its CPU, memory, threads and files
    /// are watched.
    #[arg(long, env = "PASSERBY_PID", value_name = "PID")]
    pub pid: Option<u32>,

    /// The service's metrics, put beside what people see:
    /// http://HOST:PORT/metrics.
    #[arg(long, env = "PASSERBY_METRICS_URL", value_name = "URL")]
    pub metrics_url: Option<MetricsUrl>,

    /// A goal: the 99th percentile of a latency (connect, match, next, relay,
    /// call, resume, webrtc), or without a name of each, is at most so many
    /// milliseconds.
    #[arg(long, env = "PASSERBY_MAX_P99_MS", value_delimiter = ',', value_name = "[NAME=]MS")]
    pub max_p99_ms: Vec<Goal>,

    /// A goal: at most this share of what people tried failed.
    #[arg(long, env = "PASSERBY_MAX_ERROR_RATE", value_name = "SHARE")]
    pub max_error_rate: Option<Share>,
}

/// Where the result goes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Result")]
pub struct OutputFlags {
    /// Write the report to a file, for programs and "passerby load merge".
    #[arg(long, env = "PASSERBY_JSON", value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Write it as one page with charts.
    #[arg(long, env = "PASSERBY_HTML", value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// No progress, and no table where nothing went wrong.
    #[arg(long, env = "PASSERBY_QUIET", value_parser = BoolishValueParser::new())]
    pub quiet: bool,
}

/// The flags of `merge`.
#[derive(Clone, Debug, Args)]
pub struct MergeFlags {
    /// Files that --json wrote.
    #[arg(required = true, num_args = 1.., value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Where the result goes.
    #[command(flatten)]
    pub output: OutputFlags,
}

/// The address of a metrics page, `http://HOST:PORT/PATH`.
#[derive(Clone, Debug)]
pub struct MetricsUrl {
    /// `HOST:PORT`.
    pub authority: String,
    /// With its slash.
    pub path: String,
}

impl std::str::FromStr for MetricsUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = TargetUrl::read(&[("http", 80)], text)?;
        Ok(Self { authority: url.authority, path: url.path })
    }
}

impl LoadFlags {
    /// Every address that people connect from; none: as the system likes.
    #[must_use]
    pub fn sources(&self) -> Vec<IpAddr> {
        self.source_addresses.iter().flat_map(|sources| sources.0.iter().copied()).collect()
    }
}

fn rate(text: &str) -> Result<f64, &'static str> {
    match text.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        _ => Err("a rate is a number above 0"),
    }
}

fn mode(text: &str) -> Result<Mode, &'static str> {
    Mode::ALL.into_iter().find(|mode| mode.name() == text).ok_or("a mode is video or text")
}
