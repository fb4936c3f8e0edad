//! What Linux tells of a process (proc(5)).

use std::fs;

/// Ticks a second in `/proc/PID/stat`: the same on every architecture that Rust
/// supports.
const TICKS_PER_SECOND: f64 = 100.0;

/// A process at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Usage {
    /// CPU seconds since it began.
    pub(super) cpu_seconds: f64,
    /// Memory that no other process shares.
    pub(super) memory_bytes: u64,
    pub(super) threads: u64,
}

/// This process.
pub(super) fn own() -> Option<Usage> {
    usage("self")
}

/// Another process; none where it is not there or not ours to read.
pub(super) fn of(pid: u32) -> Option<Usage> {
    usage(&pid.to_string())
}

/// How many files a process has open.
pub(super) fn open_files(pid: u32) -> Option<u64> {
    fs::read_dir(format!("/proc/{pid}/fd")).ok().map(|files| files.count() as u64)
}

fn usage(pid: &str) -> Option<Usage> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    parse(&stat, &status)
}

fn parse(stat: &str, status: &str) -> Option<Usage> {
    // The name, in brackets, may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    let line = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let kilobytes = line("RssAnon:")?.trim_end_matches("kB").trim().parse::<u64>().ok()?;
    Some(Usage {
        cpu_seconds: (ticks(11)? + ticks(12)?) / TICKS_PER_SECOND,
        memory_bytes: kilobytes * 1024,
        threads: line("Threads:")?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_can_be_read() {
        let usage = own().unwrap();
        assert!(usage.memory_bytes > 0 && usage.threads > 0);
        assert!(open_files(std::process::id()).unwrap() > 0);
        assert_eq!(of(u32::MAX), None);
    }

    #[test]
    fn a_name_may_hold_brackets_and_spaces() {
        let stat = "7 (a) b (c) S 1 1 1 0 -1 4194304 1 1 1 1 250 50 0 0 20 0";
        let status = "Name:\ta\nRssAnon:\t      12 kB\nThreads:\t3\n";
        let usage = parse(stat, status).unwrap();
        assert_eq!(usage, Usage { cpu_seconds: 3.0, memory_bytes: 12_288, threads: 3 });
    }
}
