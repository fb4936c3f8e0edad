//! The nodes of a server: one, or several in its one process.
//!
//! Scenarios don't know how many there are. Each connection goes to the next node in
//! turn, and whoever comes back goes to another one than before.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::server::DEADLINE;

/// The variable that says how many nodes a server has; one where it is not set.
const VARIABLE: &str = "PASSERBY_TEST_NODES";

/// Rule 8: within this two on different nodes are paired. What has not come by then
/// does not come.
pub const ACROSS: Duration = Duration::from_millis(500);

/// How many nodes a server has in this run.
pub fn wanted() -> usize {
    std::env::var(VARIABLE).map_or(1, |count| count.parse().expect("a number of nodes"))
}

/// Whether it has more than one.
pub fn several() -> bool {
    wanted() > 1
}

/// Where a node listens.
#[derive(Clone, Copy)]
pub struct Node {
    pub public: SocketAddr,
    pub ops: SocketAddr,
}

impl Node {
    /// Waits until it is ready and knows of `count` nodes, where there are several.
    pub fn meets(&self, count: usize) {
        let (begun, line) = (Instant::now(), format!("\npasserby_cluster_nodes {count}\n"));
        let ready = |answer: String| answer.split(' ').nth(1) == Some("200");
        while count > 1 && !(self.get("/metrics").contains(&line) && ready(self.get("/readyz"))) {
            assert!(begun.elapsed() < DEADLINE, "it does not know of the others");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = std::net::TcpStream::connect(self.ops).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// The nodes, and whose turn it is.
pub struct Nodes {
    all: Vec<Node>,
    turn: AtomicUsize,
    /// Whether it is always the first one's.
    pinned: AtomicBool,
    last: Visits,
    /// Whether they go on with sessions of an earlier process.
    pub succeed: bool,
}

/// Where the session of a token was last; a server's successors go on with it.
pub type Visits = Arc<Mutex<HashMap<String, usize>>>;

impl Nodes {
    /// These, of which the first is next.
    pub fn new(all: Vec<Node>, last: Visits) -> Self {
        let succeed = !last.lock().unwrap().is_empty();
        Self { all, succeed, turn: AtomicUsize::new(0), pinned: AtomicBool::new(false), last }
    }

    /// All of them.
    pub fn all(&self) -> &[Node] {
        &self.all
    }

    /// From now on it is always the first one's turn.
    pub fn pin(&self) {
        self.pinned.store(true, Ordering::Relaxed);
    }

    /// What a successor goes on with.
    pub fn visits(&self) -> Visits {
        self.last.clone()
    }

    /// The public port of the next one.
    pub fn next(&self) -> SocketAddr {
        self.all[self.turn()].public
    }

    /// Notes that the session of `token` began at `address`.
    pub fn visited(&self, token: &str, address: SocketAddr) {
        let at = self.all.iter().position(|node| node.public == address);
        self.last.lock().unwrap().extend(at.map(|at| (token.to_owned(), at)));
    }

    /// The public port of the next one where the session of `token` was not last.
    pub fn elsewhere(&self, token: &str) -> SocketAddr {
        let mut last = self.last.lock().unwrap();
        let mut at = self.turn();
        if self.all.len() > 1 && last.get(token) == Some(&at) {
            at = self.turn();
        }
        last.insert(token.to_owned(), at);
        self.all[at].public
    }

    fn turn(&self) -> usize {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.all.len();
        if self.pinned.load(Ordering::Relaxed) { 0 } else { turn }
    }
}

/// Reads where `count` nodes listen, and what more the first one says, if there are
/// others: they say as much each.
pub fn read(
    count: usize,
    flags: &[&str],
    listening: &mut impl Iterator<Item = SocketAddr>,
) -> (Vec<Node>, Vec<SocketAddr>) {
    let further = if count > 1 { relay_ports(flags) } else { 0 };
    let (mut all, mut first) = (Vec::new(), Vec::new());
    for number in 0..count {
        let (public, ops) = (listening.next().unwrap(), listening.next().unwrap());
        all.push(Node { public, ops });
        let relay = listening.by_ref().take(further);
        if number == 0 { first.extend(relay) } else { relay.for_each(drop) }
    }
    (all, first)
}

/// How many ports of a relay each node says.
fn relay_ports(flags: &[&str]) -> usize {
    let inside = flags.windows(2).any(|pair| pair == ["--turn", "on"]);
    usize::from(inside) + usize::from(flags.contains(&"--turn-cert"))
}

/// Whether a series is of the metric that `wanted` names, and has all its labels.
pub fn is_of(series: &str, wanted: &str) -> bool {
    let parts = |series: &str| -> (String, Vec<String>) {
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let labels = labels.trim_end_matches('}').split(',').map(String::from);
        (name.to_owned(), labels.filter(|label| !label.is_empty()).collect())
    };
    let ((name, labels), (wanted, named)) = (parts(series), parts(wanted));
    name == wanted && named.iter().all(|label| labels.contains(label))
}
