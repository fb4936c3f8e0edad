//! `passerby load mix`: people as they are, on several nodes, and what its oracle saw.

use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::Value;

use super::folder::Folder;

/// The report, in a folder of the run's own.
const REPORT: &str = "report.json";

/// People who are about; gone when dropped.
pub struct Mix {
    load: Child,
    folder: Folder,
}

/// How it ended.
pub struct Ended {
    status: ExitStatus,
    report: Value,
}

impl Mix {
    /// Has people connect to all of these in turn.
    pub fn start(nodes: impl Iterator<Item = SocketAddr>, flags: &[&str]) -> Self {
        let folder = Folder::new();
        let mut load = Command::new(env!("CARGO_BIN_EXE_passerby"));
        load.args(["load", "mix", "--quiet", "--json", REPORT]).args(flags);
        for node in nodes {
            load.args(["--target", &format!("ws://{node}/ws")]);
        }
        let load = load.current_dir(folder.path()).stdout(Stdio::null()).spawn().unwrap();
        Self { load, folder }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.load.id()
    }

    /// Waits until its time is up, or it has heard a signal.
    pub fn end(mut self) -> Ended {
        let status = self.load.wait().unwrap();
        let report = std::fs::read(self.folder.path().join(REPORT)).unwrap();
        Ended { status, report: serde_json::from_slice(&report).unwrap() }
    }
}

impl Drop for Mix {
    fn drop(&mut self) {
        let _ = self.load.kill();
        let _ = self.load.wait();
    }
}

impl Ended {
    /// Asserts that no promise of the protocol was broken.
    pub fn assert_fine(&self) {
        let broken = self.report["violations"].as_array().unwrap();
        let broken: String = broken.iter().map(|broken| format!("{broken:#}\n")).collect();
        assert!(self.status.success(), "{}: {broken}{}", self.status, self.errors());
        assert_eq!(self.report["violationCount"], 0, "{broken}");
    }

    /// A count of the report; zero if it is not there.
    pub fn count(&self, name: &str) -> u64 {
        self.counts()[name].as_u64().unwrap_or_default()
    }

    /// All of them.
    pub fn counts(&self) -> &Value {
        &self.report["counts"]
    }

    /// What went wrong for people, and how often.
    pub fn errors(&self) -> &Value {
        &self.report["errors"]
    }
}
