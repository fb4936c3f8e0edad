//! A server that is measured: a process of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Kind {
    Passerby,
    Floor,
    Node,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Passerby, Self::Floor, Self::Node];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Passerby => "passerby",
            Self::Floor => "floor",
            Self::Node => "node ws",
        }
    }
}

/// A running server; it ends with this.
pub struct Server {
    pub address: SocketAddr,
    process: Child,
    folder: Option<PathBuf>,
}

impl Server {
    /// Starts one on a free port, on so many `threads` where it has a choice, and waits
    /// until it listens.
    pub fn start(kind: Kind, threads: Option<NonZeroUsize>) -> Self {
        let (mut command, folder) = match kind {
            Kind::Passerby => {
                let folder = std::env::temp_dir().join(format!("passerby-bench-{}", fresh()));
                fs::create_dir_all(&folder).expect("a temporary folder");
                let mut command = Command::new(env!("CARGO_BIN_EXE_passerby"));
                command.current_dir(&folder).args(PASSERBY);
                command.args(threads.map(|threads| format!("--workers={threads}")));
                (command, Some(folder))
            }
            Kind::Floor => {
                let mut command = Command::new(std::env::current_exe().expect("this program"));
                command.arg("floor").args(threads.map(|threads| format!("--threads={threads}")));
                (command, None)
            }
            Kind::Node => {
                let mut command = Command::new("node");
                command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/node/relay.js"));
                (command, None)
            }
        };
        let spawned = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut process = spawned.unwrap_or_else(|error| panic!("{}: {error}", kind.name()));
        let lines = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let mut addresses =
            lines.map_while(Result::ok).filter_map(|line| listening(&line).map(|at| (line, at)));
        let (_, address) = addresses.next().unwrap_or_else(|| panic!("{} ended", kind.name()));
        Self { address, process, folder }
    }

    /// CPU time that all its threads took, as the scheduler counts it.
    pub fn cpu(&self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.process.id())).expect("it runs");
        let nanos = threads.flatten().filter_map(|thread| {
            let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(nanos.sum())
    }

    /// Bytes of memory that it shares with nobody (proc(5), smaps_rollup).
    pub fn private_memory(&self) -> u64 {
        let path = format!("/proc/{}/smaps_rollup", self.process.id());
        let text = fs::read_to_string(path).expect("it runs");
        let private = text.lines().filter_map(|line| {
            let line = line.strip_prefix("Private_")?;
            let (kind, amount) = line.split_once(':')?;
            (kind != "Hugetlb")
                .then(|| amount.trim().trim_end_matches(" kB").parse::<u64>().ok())?
        });
        private.sum::<u64>() * 1024
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Some(folder) = &self.folder {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// As people run it, but on free ports.
const PASSERBY: &[&str] = &[
    "serve",
    "--no-limits",
    "--listen=127.0.0.1:0",
    "--ops-listen=127.0.0.1:0",
    "--turn-listen=127.0.0.1:0",
];

fn listening(line: &str) -> Option<SocketAddr> {
    let rest = line.strip_prefix("listening on ")?;
    let end = rest.find(|c: char| c.is_whitespace()).unwrap_or(rest.len());
    rest[..end].trim_start_matches("http://").parse().ok()
}

fn fresh() -> String {
    uuid::Uuid::new_v4().to_string()
}
