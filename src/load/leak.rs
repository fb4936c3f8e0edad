//! Whether a service lost memory, threads or files over a long run.

use super::report::{Goal, Point, ServerSample};

/// The share of the run after which it is warm.
const WARM: f64 = 0.2;
/// The share of the run that is compared, at the begin and at the end.
const COMPARED: f64 = 0.1;
/// The fewest points of such a share.
const MIN_POINTS: usize = 3;
/// Memory that may come and go beside the share.
const MEMORY_SLACK_BYTES: f64 = 16.0 * 1024.0 * 1024.0;
/// What may be added to a warm service.
const GROWTH: f64 = 1.15;
/// Threads and files that may come and go beside connections.
const SLACK: f64 = 16.0;

/// Compares the end of a run with its begin once warm, as goals; why it can't,
/// if it can't.
pub(super) fn check(series: &[Point]) -> Result<Vec<Goal>, &'static str> {
    let share = |share: f64| (series.len() as f64 * share) as usize;
    let (warm, compared) = (share(WARM), share(COMPARED));
    if compared < MIN_POINTS {
        return Err("too short for a check for leaks: at least half a minute");
    }
    let begin = &series[warm..warm + compared];
    let end = &series[series.len() - compared..];
    let both =
        |of: fn(&Point, &ServerSample) -> Option<f64>| Some((median(begin, of)?, median(end, of)?));
    let goal = |name: &str, measured: f64, limit: f64| Goal {
        name: format!("no leak of {name}"),
        limit,
        measured,
        met: measured <= limit,
    };
    let memory = both(|_, server| server.memory_bytes.map(|bytes| bytes as f64));
    let threads = both(|_, server| server.threads.map(|threads| threads as f64));
    // Each connection is a file; those that stand are no leak.
    let files = both(|point, server| Some(server.open_files? as f64 - point.connections as f64));
    let (Some(memory), Some(threads), Some(files)) = (memory, threads, files) else {
        return Err("no check for leaks without --pid");
    };
    Ok(vec![
        goal("memory (bytes)", memory.1, memory.0 * GROWTH + MEMORY_SLACK_BYTES),
        goal("threads", threads.1, threads.0 + SLACK),
        goal("files", files.1, files.0 + SLACK),
    ])
}

fn median(points: &[Point], of: fn(&Point, &ServerSample) -> Option<f64>) -> Option<f64> {
    let values = points.iter().filter_map(|point| of(point, point.server.as_ref()?));
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(memory: impl Fn(u64) -> u64, files: impl Fn(u64) -> u64) -> Vec<Point> {
        let point = |second| Point {
            at: second as f64,
            connections: second,
            server: Some(ServerSample {
                memory_bytes: Some(memory(second)),
                open_files: Some(files(second)),
                threads: Some(4),
                ..ServerSample::default()
            }),
            ..Point::default()
        };
        (0..100).map(point).collect()
    }

    fn met(series: &[Point]) -> Vec<bool> {
        check(series).unwrap().iter().map(|goal| goal.met).collect()
    }

    const MB: u64 = 1 << 20;

    #[test]
    fn what_grows_is_a_leak_and_what_comes_with_connections_is_none() {
        assert_eq!(met(&series(|_| 100 * MB, |second| 20 + second)), [true; 3]);
        assert_eq!(
            met(&series(|second| (100 + second) * MB, |second| 20 + second)),
            [false, true, true]
        );
        assert_eq!(met(&series(|_| 100 * MB, |second| 20 + 2 * second)), [true, true, false]);
    }

    #[test]
    fn without_points_there_is_a_word() {
        assert!(check(&[]).is_err());
        let blind = vec![Point::default(); 100];
        assert_eq!(check(&blind), Err("no check for leaks without --pid"));
    }
}
