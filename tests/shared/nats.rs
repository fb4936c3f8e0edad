//! Real NATS servers, each with its own process and folder on free ports of the
//! loopback; ended when dropped.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to be ready. Machines are noisy: only a failure takes
/// as long.
const READY: Duration = Duration::from_secs(60);
/// Servers of a cluster.
const THREE: usize = 3;
/// A port may be taken between the look and its use, and then the three never find
/// each other: so often they are started, each time on other ports, and so long
/// they are given but for the last time.
const STARTS: usize = 4;
const PATIENCE: Duration = Duration::from_secs(15);
/// Ports that the system gives nobody by itself.
const PORTS: std::ops::Range<u16> = 12_000..32_000;

/// One server, which may be down.
pub struct NatsServer {
    name: String,
    port: u16,
    monitor: u16,
    flags: Vec<String>,
    folder: Folder,
    child: Option<Child>,
}

impl NatsServer {
    /// One by itself, with JetStream.
    pub fn start() -> Self {
        Self::start_with(&["-js"])
    }

    /// One by itself with these flags.
    pub fn start_with(flags: &[&str]) -> Self {
        let mut server = Self::new("alone", flags.iter().map(ToString::to_string).collect());
        server.run();
        server
    }

    fn new(name: &str, flags: Vec<String>) -> Self {
        let (name, folder) = (name.to_owned(), Folder::new());
        Self { name, port: free_port(), monitor: free_port(), flags, folder, child: None }
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The same as an address of NATS.
    pub fn url(&self) -> String {
        format!("nats://{}", self.address())
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Ends it at once, as if its machine failed.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().and_then(|()| child.wait()).expect("it can be ended");
        }
    }

    /// Starts it again, with what it stored.
    pub fn run(&mut self) {
        self.spawn();
        self.wait(READY).unwrap_or_else(|why| panic!("{why}"));
    }

    /// Ends it, and starts it again with nothing of what it stored.
    pub fn restart_empty(&mut self) {
        self.lose();
        self.run();
    }

    /// Ends it, with all that it stored.
    fn lose(&mut self) {
        self.kill();
        self.folder = Folder::new();
    }

    fn spawn(&mut self) {
        self.kill();
        let (port, monitor) = (self.port.to_string(), self.monitor.to_string());
        let mut command = Command::new(binary());
        command.args(["-a", "127.0.0.1", "-p", &port, "-m", &monitor, "-n", &self.name]);
        command.arg("-sd").arg(&self.folder.0).args(&self.flags);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.child = Some(child.expect("nats-server starts"));
    }

    /// Waits until it serves, JetStream too where it has that.
    fn wait(&mut self, patience: Duration) -> Result<(), String> {
        let begun = Instant::now();
        while !self.is_ready() {
            if begun.elapsed() >= patience {
                return Err(format!("{} is not ready", self.name));
            }
            let child = self.child.as_mut().expect("it was started");
            if let Some(status) = child.try_wait().expect("it is a child") {
                return Err(format!("{} ended: {status}", self.name));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    fn is_ready(&self) -> bool {
        self.ask("/healthz").is_ok_and(|answer| answer.starts_with("HTTP/1.0 200"))
    }

    /// Whether a client of which it knows `name` is connected to it.
    pub fn serves(&self, name: &str) -> bool {
        self.ask("/connz").is_ok_and(|answer| answer.contains(name))
    }

    /// Asks its monitor.
    fn ask(&self, path: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.monitor))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Three servers that are one.
pub struct NatsCluster {
    /// Each of them.
    pub servers: Vec<NatsServer>,
}

impl NatsCluster {
    /// Starts three that keep copies for each other.
    pub fn start() -> Self {
        for _ in 1..STARTS {
            match Self::try_start(PATIENCE) {
                Ok(cluster) => return cluster,
                Err(why) => println!("{why}: once more, on other ports"),
            }
        }
        Self::try_start(READY).unwrap_or_else(|why| panic!("{why}"))
    }

    fn try_start(patience: Duration) -> Result<Self, String> {
        let ports: [u16; THREE] = std::array::from_fn(|_| free_port());
        let routes = ports.map(|port| format!("nats://127.0.0.1:{port}"));
        let server = |at: usize| {
            let flags = ["-js", "-cluster_name", "three", "-cluster", &routes[at], "-routes"];
            let flags = flags.into_iter().map(String::from).chain([routes.join(",")]);
            NatsServer::new(&format!("server-{at}"), flags.collect())
        };
        let servers = (0..THREE).map(server).collect::<Vec<_>>();
        let mut cluster = Self { servers };
        cluster.run(patience)?;
        Ok(cluster)
    }

    /// Ends all three, with all that they stored.
    pub fn lose(&mut self) {
        self.servers.iter_mut().for_each(NatsServer::lose);
    }

    /// Starts all three again.
    pub fn run_again(&mut self) {
        self.run(READY).unwrap_or_else(|why| panic!("{why}"));
    }

    /// None is ready before the others are there.
    fn run(&mut self, patience: Duration) -> Result<(), String> {
        self.servers.iter_mut().for_each(NatsServer::spawn);
        self.servers.iter_mut().try_for_each(|server| server.wait(patience))
    }

    /// All addresses, for a client.
    pub fn url(&self) -> String {
        self.servers.iter().map(NatsServer::url).collect::<Vec<_>>().join(",")
    }
}

/// A folder of its own; removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path =
            std::env::temp_dir().join(format!("passerby-nats-{:016x}", rand::random::<u64>()));
        std::fs::create_dir(&path).expect("a folder can be made");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A server that was just killed may leave a file behind: not worth a failure.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// `$NATS_SERVER`, what `make setup` installed, or what is on the path.
fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os("NATS_SERVER") {
        return named.into();
    }
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let installed = target.join("nats/bin/nats-server");
    if installed.exists() { installed } else { "nats-server".into() }
}

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    let mut ports = std::iter::repeat_with(|| rand::random_range(PORTS));
    let free = ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.expect("the ports don't end")
}
