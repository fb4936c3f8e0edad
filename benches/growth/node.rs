//! One node, and what it has taken so far.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Of the kernel's clock, a second.
const TICKS: f64 = 100.0;

/// A process of the service, in a folder of its own; ended when dropped.
pub struct Node {
    child: Child,
    folder: PathBuf,
    pub public: SocketAddr,
    ops: SocketAddr,
}

impl Node {
    /// Starts one, by itself or with others.
    pub fn start(cluster: Option<&str>) -> Self {
        let name = format!("growth-{}", rand::random::<u64>());
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_passerby"));
        command.args([
            "serve",
            "--no-limits",
            "--listen",
            "127.0.0.1:0",
            "--ops-listen",
            "127.0.0.1:0",
        ]);
        command.args(["--turn", "off", "--secret", "the same on all nodes", "--workers", "2"]);
        command.args(cluster.into_iter().flat_map(|url| ["--cluster-url", url]));
        command.current_dir(&folder).env("RUST_LOG", "error").stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut address = || {
            let line = lines.next().expect("it says where").expect("text");
            line.strip_prefix("listening on ").and_then(|at| at.parse().ok()).expect("an address")
        };
        let (public, ops) = (address(), address());
        Self { child, folder, public, ops }
    }

    /// Whether it knows all of so many nodes and who holds the shared pool.
    pub fn knows(&self, count: usize) -> bool {
        self.metric("passerby_cluster_nodes") >= count as f64
            && self.metric("passerby_lease_changes_total") >= 2.0
    }

    /// The sum of a metric's series that contain `part`.
    pub fn sum(&self, name: &str, part: &str) -> f64 {
        let text = self.get("/metrics");
        let lines = text.lines().filter(|line| line.starts_with(name) && line.contains(part));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    /// The same of one that has no labels.
    pub fn metric(&self, name: &str) -> f64 {
        self.sum(&format!("{name} "), "")
    }

    /// Memory that it alone has.
    pub fn private_bytes(&self) -> u64 {
        let path = format!("/proc/{}/smaps_rollup", self.child.id());
        let text = fs::read_to_string(path).expect("it runs");
        let line = text.lines().find_map(|line| line.strip_prefix("Private_Dirty:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.expect("the kernel says so") * 1024
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.ops).expect("it listens");
        let request = format!("GET {path} HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What all nodes together have taken and done.
pub struct Taken {
    pub cpu: Duration,
    pub pairs: f64,
    /// People who were told of a partner on another node.
    pub across: f64,
    pub letters: f64,
}

impl Taken {
    /// By these nodes so far.
    pub fn by(nodes: &[Node]) -> Self {
        let sum = |name: &str, part: &str| nodes.iter().map(|node| node.sum(name, part)).sum();
        Self {
            cpu: nodes.iter().map(|node| cpu(node.child.id())).sum(),
            pairs: sum("passerby_pairs_total", ""),
            across: sum("passerby_pairing_latency_seconds_count", "scope=\"cluster\""),
            letters: sum("passerby_cluster_letters_total", ""),
        }
    }
}

/// The CPU time that a process has had.
pub fn cpu(process: u32) -> Duration {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).expect("it runs");
    let (_, fields) = text.rsplit_once(')').expect("its name stands in brackets");
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = fields[11].parse::<f64>().unwrap_or(0.0) + fields[12].parse::<f64>().unwrap_or(0.0);
    Duration::from_secs_f64(ticks / TICKS)
}
