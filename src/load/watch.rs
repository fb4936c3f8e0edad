//! The service under test, as its machine and its own metrics show it.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, interval, timeout};

use super::process;
use super::report::ServerSample;
use crate::config::{JudgingFlags, MetricsUrl};

/// How long the metrics may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes of a metrics page that are read; what is behind is not seen.
const MAX_PAGE_BYTES: u64 = 1 << 20;
/// The most series that are kept of it.
const MAX_SERIES: usize = 200;

/// Looks once a second, until nobody wants to know any more.
pub(super) async fn watch(flags: JudgingFlags, seen: watch::Sender<Option<ServerSample>>) {
    if flags.pid.is_none() && flags.metrics_url.is_none() {
        return;
    }
    let mut before = None;
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !seen.is_closed() {
        seconds.tick().await;
        let mut sample = flags.pid.map(|pid| of_process(pid, &mut before)).unwrap_or_default();
        if let Some(url) = &flags.metrics_url {
            let page = timeout(PATIENCE, get(url)).await.ok().and_then(Result::ok);
            sample.metrics = page.map(|page| series(&page)).unwrap_or_default();
        }
        seen.send_replace(Some(sample));
    }
}

/// Whether a process can be watched from here, else a clear word.
pub(super) fn can_watch(pid: u32) -> Result<(), String> {
    match process::of(pid) {
        Some(_) => Ok(()),
        None => Err(format!("--pid {pid}: no such process, or none that may be looked at")),
    }
}

fn of_process(pid: u32, before: &mut Option<(Instant, f64)>) -> ServerSample {
    let now = Instant::now();
    let Some(usage) = process::of(pid) else { return ServerSample::default() };
    let last = before.replace((now, usage.cpu_seconds));
    let cores = last.map(|(then, used)| {
        (usage.cpu_seconds - used) / now.duration_since(then).as_secs_f64().max(0.001)
    });
    ServerSample {
        cores,
        memory_bytes: Some(usage.memory_bytes),
        open_files: process::open_files(pid),
        threads: Some(usage.threads),
        metrics: BTreeMap::new(),
    }
}

/// A GET of HTTP/1.0: the answer comes whole and ends with the connection.
async fn get(url: &MetricsUrl) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(&url.authority).await?;
    let request = format!("GET {} HTTP/1.0\r\nhost: {}\r\n\r\n", url.path, url.authority);
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MAX_PAGE_BYTES).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// The service's own series, without the buckets of histograms.
fn series(page: &str) -> BTreeMap<String, f64> {
    let lines =
        page.lines().filter(|line| line.starts_with("passerby_") && !line.contains("_bucket{"));
    let value = |line: &str| {
        let (name, value) = line.rsplit_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    lines.filter_map(value).take(MAX_SERIES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_own_series_are_read() {
        let page = "HTTP/1.0 200 OK\r\n\r\n# HELP passerby_online x\npasserby_online 5\n\
                    passerby_a_bucket{le=\"1\"} 3\npasserby_a_sum{x=\"y z\"} 1.5\nother 7\n";
        let series = series(page);
        assert_eq!(series.len(), 2);
        assert_eq!((series["passerby_online"], series["passerby_a_sum{x=\"y z\"}"]), (5.0, 1.5));
    }
}
