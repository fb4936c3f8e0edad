//! A running server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use self::process::{NO_LIMITS, SESSIONS, binary, command, read_log, spawn, turn_command};
use super::client::Client;
use super::folder::Folder;
use super::nodes::{self, Node, Nodes, Visits};

#[path = "process.rs"]
pub mod process;

/// How long anything may take that a test waits for. Machines are noisy: only a
/// failure takes as long.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// The binary, serving on free ports of the loopback from a folder of its own, by as
/// many nodes as the run asks for; killed when dropped.
pub struct Server {
    child: Child,
    folder: Arc<Folder>,
    log: Option<JoinHandle<String>>,
    nodes: Nodes,
    /// Where else its first node listens.
    listening: Box<dyn Iterator<Item = SocketAddr> + Send>,
}

impl Server {
    /// Starts one with further flags.
    pub fn start(flags: &[&str]) -> Self {
        Self::start_in(Arc::new(Folder::new()), flags, Visits::default())
    }

    /// Starts one with its limits, which is without them else: most tests do more
    /// from one address than people do.
    pub fn limited(flags: &[&str]) -> Self {
        let folder = Arc::new(Folder::new());
        let mut command = command(&folder, flags);
        command.env_remove(NO_LIMITS).stderr(Stdio::inherit());
        Self::spawn(&mut command, folder, flags, Visits::default())
    }

    /// Has everybody connect to the first node, for a scenario that is about one node.
    pub fn pinned(self) -> Self {
        self.nodes.pin();
        self
    }

    /// Starts one that takes over what an earlier one leaves in its folder.
    pub fn successor(&self, flags: &[&str]) -> Self {
        Self::start_in(self.folder.clone(), flags, self.nodes.visits())
    }

    /// Starts one that keeps a log with this filter.
    pub fn start_with_log(flags: &[&str], filter: &str) -> Self {
        Self::start_with_log_in(Arc::new(Folder::new()), flags, filter, Visits::default())
    }

    /// A successor that keeps a log with this filter.
    pub fn successor_with_log(&self, flags: &[&str], filter: &str) -> Self {
        Self::start_with_log_in(self.folder.clone(), flags, filter, self.nodes.visits())
    }

    /// Starts the relay alone; it is `public` where it relays.
    pub fn start_turn(flags: &[&str]) -> Self {
        let folder = Arc::new(Folder::new());
        let mut command = turn_command(&folder, flags);
        let (child, mut listening) = spawn(command.stderr(Stdio::inherit()));
        let (ops, public) = (listening.next().unwrap(), listening.next().unwrap());
        let nodes = Nodes::new(vec![Node { public, ops }], Visits::default());
        Self { child, folder, log: None, nodes, listening: Box::new(listening) }
    }

    /// Starts one whose standard output nobody reads, on ports that were free. It is
    /// one node: more need free ports in a row, and nobody learns of others.
    pub async fn start_unread(flags: &[&str]) -> Self {
        let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (public, ops, folder) = (free(), free(), Arc::new(Folder::new()));
        let mut command = binary(&folder);
        let (listen, ops_listen) = (public.to_string(), ops.to_string());
        command.args(["serve", "--listen", &listen, "--ops-listen", &ops_listen]).args(flags);
        let mut child = command.spawn().expect("it starts");
        drop(child.stdout.take());
        let begun = Instant::now();
        while tokio::net::TcpStream::connect(public).await.is_err() {
            assert!(begun.elapsed() < DEADLINE, "it does not listen");
            assert_eq!(child.try_wait().unwrap(), None, "it ended");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let nodes = Nodes::new(vec![Node { public, ops }], Visits::default());
        Self { child, folder, log: None, nodes, listening: Box::new(std::iter::empty()) }
    }

    fn start_in(folder: Arc<Folder>, flags: &[&str], visits: Visits) -> Self {
        let mut command = command(&folder, flags);
        Self::spawn(command.stderr(Stdio::inherit()), folder, flags, visits)
    }

    fn start_with_log_in(
        folder: Arc<Folder>,
        flags: &[&str],
        filter: &str,
        visits: Visits,
    ) -> Self {
        let mut command = command(&folder, flags);
        command.env("RUST_LOG", filter).stderr(Stdio::piped());
        Self::spawn(&mut command, folder, flags, visits)
    }

    fn spawn(command: &mut Command, folder: Arc<Folder>, flags: &[&str], visits: Visits) -> Self {
        let count = nodes::wanted();
        if count > 1 {
            command.args(["--cluster-url", &format!("memory:{count}")]);
        }
        let (mut child, mut listening) = spawn(command);
        // From the begin: it may log more than a pipe holds before it listens.
        let log = child.stderr.take().map(|stderr| std::thread::spawn(|| read_log(stderr)));
        let (all, relay) = nodes::read(count, flags, &mut listening);
        let listening = Box::new(relay.into_iter().chain(listening));
        let nodes = Nodes::new(all, visits);
        if !nodes.succeed {
            nodes.all().iter().for_each(|node| node.meets(count));
        }
        Self { child, folder, log, nodes, listening }
    }

    /// Where the page and `/ws` are, of the next node.
    pub fn public(&self) -> SocketAddr {
        self.nodes.next()
    }

    /// The same of a node where the session of `token` was not last.
    pub fn elsewhere(&self, token: &str) -> SocketAddr {
        self.nodes.elsewhere(token)
    }

    /// Whether its nodes may not know yet who has the sessions of an earlier process.
    pub fn may_not_know(&self) -> bool {
        nodes::several() && self.nodes.succeed
    }

    /// Notes that the session of `token` began at `address`.
    pub fn visited(&self, token: &str, address: SocketAddr) {
        self.nodes.visited(token, address);
    }

    /// Where each node listens.
    pub fn nodes(&self) -> &[Node] {
        self.nodes.all()
    }

    /// Where the relay of the first node is, which is said after the other ports.
    pub fn turn(&mut self) -> SocketAddr {
        self.listening.next().expect("a line for each port")
    }

    /// Where each node leaves its sessions.
    pub fn sessions_files(&self) -> Vec<PathBuf> {
        let further = (1..self.nodes().len()).map(|number| format!("{SESSIONS}.{number}"));
        let names = std::iter::once(SESSIONS.to_owned()).chain(further);
        names.map(|name| self.file(&name)).collect()
    }

    /// What stands in its folder beside its secret and its database.
    pub fn left_files(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.folder.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let stays = |name: &String| name == "passerby.secret" || name.starts_with("passerby.db");
        names.filter(|name| !stays(name)).collect()
    }

    /// All that the server logged, which has ended.
    pub fn log(mut self) -> String {
        self.log.take().expect("a log was wanted").join().expect("the log was read")
    }

    /// A file in its folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The memory that the process holds.
    pub fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
    }

    /// A client that has been welcomed, by the next node.
    pub async fn client(&self) -> Client {
        let address = self.public();
        let client = Client::connect(address).await;
        self.visited(client.token(), address);
        client
    }

    /// A client on each node.
    pub async fn client_everywhere(&self) -> Vec<Client> {
        let mut clients = Vec::new();
        for _ in self.nodes() {
            clients.push(self.client().await);
        }
        clients
    }

    /// Two clients in one room.
    pub async fn pair(&self) -> (Client, Client) {
        let (mut one, mut other) = (self.client().await, self.client().await);
        one.join().await;
        other.join().await;
        one.matched().await;
        other.matched().await;
        (one, other)
    }

    /// Sends a signal to the process.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Has the process stop without waiting for anybody.
    pub async fn cut_short(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.has_ended() {
                return status;
            }
            // Two signals at once may count as one.
            self.signal("TERM");
            assert!(begun.elapsed() < DEADLINE, "the server did not end");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Ends the process without a word.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// How the process ended, if it has.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for the process to end by itself.
    pub fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.has_ended() {
                return status;
            }
            assert!(begun.elapsed() < DEADLINE, "the server did not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The value of a metric, as `/metrics` of all nodes together have it: the sum of
    /// all series with the labels that are named; zero where there is none.
    pub async fn metric(&self, series: &str) -> f64 {
        let mut sum = 0.0;
        for node in self.nodes() {
            let text = get(node.ops, "/metrics").await.1;
            let lines = text.lines().filter_map(|line| line.rsplit_once(' '));
            let values = lines.filter(|(found, _)| nodes::is_of(found, series));
            sum += values.map(|(_, value)| value.parse::<f64>().unwrap()).sum::<f64>();
        }
        sum
    }

    /// Waits until a metric's series has a value.
    pub async fn metric_becomes(&self, series: &str, value: f64) {
        self.metric_is(series, |now| (now - value).abs() < 1e-9).await;
    }

    /// Waits until two series together have a value.
    pub async fn metrics_become(&self, series: [&str; 2], value: f64) {
        let begun = Instant::now();
        loop {
            let now = self.metric(series[0]).await + self.metric(series[1]).await;
            if (now - value).abs() < 1e-9 {
                return;
            }
            assert!(begun.elapsed() < DEADLINE, "{series:?} are {now}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until a metric's series is below a bound.
    pub async fn metric_falls(&self, series: &str, below: f64) {
        self.metric_is(series, |now| now < below).await;
    }

    async fn metric_is(&self, series: &str, wanted: impl Fn(f64) -> bool) {
        let begun = Instant::now();
        loop {
            let now = self.metric(series).await;
            if wanted(now) {
                return;
            }
            assert!(begun.elapsed() < DEADLINE, "{series} is {now}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The status and body of a GET.
pub async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let head = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    request(address, &head).await
}

/// The status and the rest of the answer to a request as it stands.
pub async fn request(address: SocketAddr, head: &str) -> (u16, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let exchange = async {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let answer = tokio::time::timeout(DEADLINE, exchange).await.expect("an answer");
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer)
}
