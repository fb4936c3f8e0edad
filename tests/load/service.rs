//! The real service.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::run::File;

/// How long anything may take that a test waits for.
const DEADLINE: Duration = Duration::from_secs(30);

/// The binary, serving on free ports of the loopback; killed when dropped.
pub struct Service {
    child: Child,
    /// Where people connect.
    pub target: String,
    /// Where its metrics are.
    pub metrics: String,
    folder: File,
}

impl Service {
    /// Starts one with further flags. Those whose room ended may meet again at
    /// once: there are few people in a test.
    pub fn start(flags: &[&str]) -> Self {
        let folder = File::new("folder");
        std::fs::create_dir_all(folder.path()).unwrap();
        let (child, public, ops) = spawn(&folder, "127.0.0.1:0", flags);
        let (target, metrics) = (format!("ws://{public}/ws"), format!("http://{ops}/metrics"));
        Self { child, target, metrics, folder }
    }

    /// Stops it as one that is replaced, and starts its successor.
    pub fn replace(&mut self) {
        let pid = self.pid();
        assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        let address = self.target.trim_start_matches("ws://").trim_end_matches("/ws");
        self.child = spawn(&self.folder, address, &[]).0;
    }

    /// Its process.
    pub fn pid(&self) -> String {
        self.child.id().to_string()
    }

    /// Waits until as many people are connected as `wanted` says.
    pub fn online(&self, wanted: impl Fn(u64) -> bool) {
        let begun = Instant::now();
        let address = self.target.trim_start_matches("ws://").trim_end_matches("/ws");
        let get = format!("GET /api/v1/stats HTTP/1.0\r\nhost: {address}\r\n\r\n");
        loop {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(get.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            let stats = answer.split_once("\r\n\r\n").expect("an answer has a body").1;
            let stats: serde_json::Value = serde_json::from_str(stats).unwrap();
            if wanted(stats["online"].as_u64().unwrap()) {
                return;
            }
            assert!(begun.elapsed() < DEADLINE, "{answer}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it without a word.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(self.folder.path());
    }
}

/// The process, and where it listens.
fn spawn(folder: &File, listen: &str, flags: &[&str]) -> (Child, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passerby"));
    command.args(["serve", "--no-limits", "--listen", listen, "--ops-listen", "127.0.0.1:0"]);
    // Those that want the relay say so by a flag.
    command.env("PASSERBY_TURN", "off");
    command.args(["--rematch-wait-ms", "0", "--drain-ms", "500"]).args(flags);
    command.current_dir(folder.path()).env("RUST_LOG", "warn").stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut address = || {
        let line = lines.next().expect("it says where").unwrap();
        line.strip_prefix("listening on ").expect("an address").to_owned()
    };
    let (public, ops) = (address(), address());
    (child, public, ops)
}
