//! System calls of a process, counted by the kernel's tracepoint (perf-stat(1)).

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

/// How many it makes in this time; none where perf is not there or may not.
pub async fn during(pid: u32, time: Duration) -> Option<u64> {
    let counting = Command::new("perf")
        .args(["stat", "--field-separator=,", "--event=raw_syscalls:sys_enter"])
        .args([&format!("--pid={pid}"), "--", "sleep", &time.as_secs_f64().to_string()])
        .stdout(Stdio::null())
        .output();
    let output = counting.await.ok()?;
    String::from_utf8(output.stderr)
        .ok()?
        .lines()
        .find_map(|line| line.split(',').next()?.parse().ok())
}
