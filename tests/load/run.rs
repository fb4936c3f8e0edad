//! Runs of the load tester.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

/// How a run ended.
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    /// What `--json` wrote; null where nothing was.
    pub report: Value,
}

/// Runs a scenario against a target with further arguments.
pub fn load(target: &str, arguments: &[&str]) -> Run {
    let file = File::new("json");
    let output = command(target, arguments, file.path()).output().expect("it runs");
    Run::new(&output, file.path())
}

/// As [`load`], where certificates are trusted that this file's have signed.
pub fn load_trusting(certificates: &Path, target: &str, arguments: &[&str]) -> Run {
    let file = File::new("json");
    let mut command = command(target, arguments, file.path());
    let output = command.env("SSL_CERT_FILE", certificates).output().expect("it runs");
    Run::new(&output, file.path())
}

/// Does this with each of these at once: runs mostly wait.
pub fn at_once<T: Sync>(each: &[T], act: impl Fn(&T) + Sync) {
    std::thread::scope(|scope| {
        for one in each {
            scope.spawn(|| act(one));
        }
    });
}

/// Runs `passerby load` with these arguments alone.
pub fn bare(arguments: &[&str]) -> Run {
    let output = binary().args(arguments).output().expect("it runs");
    Run::new(&output, Path::new("none"))
}

/// A run that has begun.
pub struct Started {
    pub child: Child,
    file: File,
}

/// Begins a run.
pub fn start(target: &str, arguments: &[&str]) -> Started {
    let file = File::new("json");
    let mut command = command(target, arguments, file.path());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    Started { child, file }
}

impl Started {
    /// Waits for its end.
    pub fn end(self) -> Run {
        let output = self.child.wait_with_output().expect("it ends");
        Run::new(&output, self.file.path())
    }
}

impl Run {
    fn new(output: &Output, report: &Path) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it speaks UTF-8");
        let report = std::fs::read(report).ok();
        Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            report: report.map_or(Value::Null, |json| serde_json::from_slice(&json).unwrap()),
        }
    }

    /// A count of the report; zero if it is not there.
    pub fn count(&self, name: &str) -> u64 {
        self.report["counts"][name].as_u64().unwrap_or_default()
    }

    /// The rules that were broken, each once.
    pub fn broken(&self) -> Vec<String> {
        let violations = self.report["violations"].as_array().expect("a list");
        let rule = |violation: &Value| violation["rule"].as_str().unwrap().to_owned();
        let mut rules: Vec<_> = violations.iter().map(rule).collect();
        rules.sort();
        rules.dedup();
        rules
    }

    /// Asserts that all went well.
    pub fn assert_fine(&self) {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        assert_eq!(self.report["violationCount"], 0);
        assert_eq!(self.report["cutShort"], Value::Null);
    }
}

fn command(target: &str, arguments: &[&str], json: &Path) -> Command {
    let mut command = binary();
    command.args(arguments).args(["--target", target, "--json"]).arg(json);
    command
}

fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passerby"));
    command.arg("load");
    command
}

/// A file of a test's own, removed when dropped.
pub struct File(PathBuf);

impl File {
    /// A name that no other test has.
    pub fn new(extension: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("load-{}-{number}.{extension}", std::process::id());
        Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
