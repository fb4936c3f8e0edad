//! How the binary is started.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};

use super::super::folder::Folder;

/// Lifts the limits.
pub const NO_LIMITS: &str = "PASSERBY_NO_LIMITS";
/// Where a server leaves its sessions, in its folder.
pub const SESSIONS: &str = "left.sessions";

/// Runs the binary to its end; its exit code and what it wrote to standard
/// error.
pub fn run_to_end(flags: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String) {
    let folder = Folder::new();
    let mut command = command(&folder, flags);
    let mut child =
        command.envs(environment.iter().copied()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    let stderr: &mut ChildStderr = child.stderr.as_mut().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    (child.wait().unwrap().code(), said)
}

/// As [`run_to_end`], of the relay alone.
pub fn run_turn_to_end(flags: &[&str]) -> (Option<i32>, String) {
    let output = turn_command(&Folder::new(), flags).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// Starts a process; the addresses that it says that it listens on.
pub fn spawn(command: &mut Command) -> (Child, impl Iterator<Item = SocketAddr> + Send + use<>) {
    let mut child = command.spawn().expect("it starts");
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let listening = lines.map(|line| {
        let line = line.unwrap();
        line.strip_prefix("listening on ").expect("it says where").parse().unwrap()
    });
    (child, listening)
}

/// The relay alone, on free ports.
pub fn turn_command(folder: &Folder, flags: &[&str]) -> Command {
    let mut command = binary(folder);
    command.args(["turn", "--ops-listen", "127.0.0.1:0"]);
    command.env("PASSERBY_TURN_LISTEN", "127.0.0.1:0").args(flags);
    command
}

/// Without limits: most tests do more from one address than people do.
pub fn binary(folder: &Folder) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passerby"));
    command.current_dir(folder.path());
    command.env("RUST_LOG", "warn").env(NO_LIMITS, "true").stdout(Stdio::piped());
    command
}

/// The service. Its public port is a free one, unless the flags say where.
pub fn command(folder: &Folder, flags: &[&str]) -> Command {
    let mut command = binary(folder);
    command.args(["serve", "--ops-listen", "127.0.0.1:0"]);
    if !flags.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command.args(["--sessions-file", SESSIONS]);
    // Those that want the relay inside say so by a flag.
    command.env("PASSERBY_TURN", "off");
    command.args(flags);
    command
}

/// All that it wrote, once it has ended.
pub fn read_log(mut stderr: ChildStderr) -> String {
    let mut log = Vec::new();
    stderr.read_to_end(&mut log).expect("the log can be read");
    String::from_utf8_lossy(&log).into_owned()
}
