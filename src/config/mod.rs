//! The flags and environment variables: each flag is also `PASSERBY_` and its
//! name in capitals.

mod cli;
mod cluster;
mod ice;
mod load;
mod load_values;
mod process;
mod serve;
mod turn;
mod values;

pub use cli::{Cli, Command, TurnAlone};
pub use cluster::{ClusterFlags, ClusterUrl, NotACluster};
pub use ice::{IceFlags, Private};
pub use load::{
    JudgingFlags, LoadCommand, LoadFlags, MergeFlags, MetricsUrl, OutputFlags, PeopleFlags,
};
pub use load_values::{Goal, LATENCIES, Share, Sources, TargetUrl};
pub use process::{LogFormat, ProcessFlags};
pub use serve::Serve;
pub use turn::TurnFlags;
pub use values::Ports;
