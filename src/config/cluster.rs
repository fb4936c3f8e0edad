//! The flags by which a process is one of many.

use std::fmt;
use std::str::FromStr;

use clap::Args;

/// The most nodes of a cluster in one process.
const MAX_NODES: u8 = 16;
/// In front of their number.
const MEMORY: &str = "memory:";

/// How a process joins others.
#[derive(Clone, Debug, Args)]
pub struct ClusterFlags {
    /// The NATS servers by which any number of processes are one service, as
    /// nats://HOST:PORT, with commas between; JetStream must be on. All processes
    /// need the same --secret. "memory:3" runs three nodes in this one process on
    /// ports that follow each other, to try what a cluster does.
    #[arg(long, env = "PASSERBY_CLUSTER_URL", hide_env_values = true, value_name = "URL")]
    pub cluster_url: Option<ClusterUrl>,

    /// What this process is called in logs of the others [default: its random id].
    #[arg(long, env = "PASSERBY_NODE_NAME", value_name = "TEXT")]
    pub node_name: Option<String>,

    /// Into how many parts each mode's shared pool is split, by language. Each part
    /// is held by one node at a time; the same on all.
    #[arg(long, env = "PASSERBY_CLUSTER_PARTS", default_value = "1", value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub cluster_parts: u8,
}

/// Where the cluster is. It doesn't print itself: it may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub enum ClusterUrl {
    /// Servers of NATS, with commas between.
    Nats(String),
    /// So many nodes in this process.
    Memory(u8),
}

/// A text that names no cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not nats://HOST:PORT (or tls://...), nor memory:COUNT with a count from 1 to 16")]
pub struct NotACluster;

impl FromStr for ClusterUrl {
    type Err = NotACluster;

    fn from_str(text: &str) -> Result<Self, NotACluster> {
        if let Some(count) = text.strip_prefix(MEMORY) {
            let count = count.parse().ok().filter(|count| (1..=MAX_NODES).contains(count));
            return count.map(Self::Memory).ok_or(NotACluster);
        }
        let nats = |url: &str| {
            let rest = url.strip_prefix("nats://").or_else(|| url.strip_prefix("tls://"));
            rest.is_some_and(|rest| !rest.is_empty())
        };
        if text.split(',').all(|url| nats(url.trim())) {
            Ok(Self::Nats(text.to_owned()))
        } else {
            Err(NotACluster)
        }
    }
}

impl fmt::Debug for ClusterUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClusterUrl(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_nats_or_in_memory() {
        assert_eq!("memory:3".parse(), Ok(ClusterUrl::Memory(3)));
        let several = "nats://a:4222, nats://user:word@b:4222";
        assert_eq!(several.parse(), Ok(ClusterUrl::Nats(several.to_owned())));
        for bad in ["", "memory:", "memory:0", "memory:17", "http://a", "nats://", "nats://a,,"] {
            assert_eq!(bad.parse::<ClusterUrl>(), Err(NotACluster), "{bad}");
        }
        let url: ClusterUrl = "nats://user:word@b".parse().unwrap();
        assert!(!format!("{url:?}").contains("word"));
    }
}
