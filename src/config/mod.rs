//! The flags and environment variables: each flag is also `PASSERBY_` and its
//! name in capitals.

mod cli;
mod cluster;
mod doctor;
mod guard;
mod ice;
mod load;
mod load_values;
mod moderate;
mod process;
mod serve;
mod store;
mod telemetry;
mod turn;
mod values;

pub use cli::{Cli, Command, TurnAlone};
pub use cluster::{ClusterFlags, ClusterUrl, NotACluster};
pub use doctor::{Doctor, NotAPublicUrl, PublicUrl};
pub use guard::GuardFlags;
pub use ice::{IceFlags, Private};
pub use load::{
    JudgingFlags, LoadCommand, LoadFlags, MergeFlags, MetricsUrl, OutputFlags, PeopleFlags,
};
pub use load_values::{Goal, LATENCIES, Share, Sources, TargetUrl};
pub use moderate::{AddBan, BanLength, BansCommand, OneReport, ReportsCommand};
pub use process::{LogFormat, ProcessFlags};
pub use serve::Serve;
pub use store::{DatabaseFlags, StoreFlags};
pub use telemetry::{NotACollector, OtlpEndpoint, TelemetryFlags};
pub use turn::TurnFlags;
pub use values::Ports;
