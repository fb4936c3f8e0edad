//! The real service.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use super::run::File;

/// The binary, serving on free ports of the loopback; killed when dropped.
pub struct Service {
    child: Child,
    /// Where people connect.
    pub target: String,
    /// Where its metrics are.
    pub metrics: String,
    _folder: File,
}

impl Service {
    /// Starts one with further flags. Those whose room ended may meet again at
    /// once: there are few people in a test.
    pub fn start(flags: &[&str]) -> Self {
        let folder = File::new("folder");
        std::fs::create_dir_all(folder.path()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_passerby"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"]);
        command.args(["--turn", "off", "--rematch-wait-ms", "0"]).args(flags);
        command.current_dir(folder.path()).env("RUST_LOG", "warn").stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = || {
            let line = lines.next().expect("it says where").unwrap();
            line.strip_prefix("listening on ").expect("an address").to_owned()
        };
        let (public, ops) = (address(), address());
        let (target, metrics) = (format!("ws://{public}/ws"), format!("http://{ops}/metrics"));
        Self { child, target, metrics, _folder: folder }
    }

    /// Its process.
    pub fn pid(&self) -> String {
        self.child.id().to_string()
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
        let _ = std::fs::remove_dir_all(self._folder.path());
    }
}
