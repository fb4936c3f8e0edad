//! System calls of a process, counted by the kernel's tracepoint (perf-stat(1)).

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A count that goes on from [`start`](Self::start) to [`stop`](Self::stop) and not a
/// moment longer: perf itself takes a while to begin and to end.
pub struct Counting {
    perf: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Counting {
    /// Begins to count, for less than `most`; none where perf is not there or may not.
    pub async fn start(pid: u32, most: Duration) -> Option<Self> {
        let mut perf = Command::new("perf")
            .args(["stat", "--field-separator=,", "--event=raw_syscalls:sys_enter"])
            .args(["--delay=-1", "--control=fd:0,1", &format!("--pid={pid}")])
            .args(["--", "sleep", &most.as_secs_f64().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .ok()?;
        let (orders, answers) = (perf.stdin.take()?, BufReader::new(perf.stdout.take()?));
        let mut counting = Self { perf, orders, answers };
        counting.order("enable").await?;
        Some(counting)
    }

    /// How many it made; known once the longest time is over.
    pub async fn stop(mut self) -> Option<u64> {
        self.order("disable").await?;
        let output = self.perf.wait_with_output().await.ok()?;
        String::from_utf8(output.stderr)
            .ok()?
            .lines()
            .find_map(|line| line.split(',').next()?.parse().ok())
    }

    async fn order(&mut self, order: &str) -> Option<()> {
        self.orders.write_all(format!("{order}\n").as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        self.answers.read_until(b'\n', &mut answer).await.ok()?;
        answer.ends_with(b"ack\n").then_some(())
    }
}
