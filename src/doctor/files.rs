//! Open files, and folders that are written to.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use super::finding::Finding;
use crate::config::Serve;
use crate::service::SPARE_FILES;

const SUBJECT: &str = "open files";
/// With fewer people than this at once a service is soon full.
const FEW: u64 = 1000;
/// How the limit is raised.
const RAISE: &str = "raise it: LimitNOFILE=65536 in the systemd unit, or ulimit -Hn 65536 before";

pub(super) fn check(serve: &Serve) -> Vec<Finding> {
    // As the service does when it starts.
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => vec![judge(limit, serve.max_connections, relay(serve))],
        Err(error) => {
            vec![Finding::wrong(SUBJECT, format!("the limit can't be read: {error}"), RAISE)]
        }
    }
}

/// What the relay inside may open: a port an allocation.
fn relay(serve: &Serve) -> u64 {
    if serve.ice.relay_inside() { serve.turn.turn_max_allocations.into() } else { 0 }
}

fn judge(limit: u64, wanted: Option<u64>, relay: u64) -> Finding {
    let room = limit.saturating_sub(SPARE_FILES);
    let people = wanted.unwrap_or(room);
    if people > room {
        let what = format!(
            "--max-connections {people} needs {} open files, and the limit is {limit}",
            people.saturating_add(SPARE_FILES)
        );
        return Finding::wrong(SUBJECT, what, RAISE);
    }
    if room < FEW {
        let what = format!("the limit is {limit}: room for {room} people");
        return Finding::warning(SUBJECT, what, RAISE);
    }
    if wanted.is_some() && people.saturating_add(relay) > room {
        let what = format!(
            "the limit is {limit}: {people} people and {relay} calls by the relay don't fit at once"
        );
        return Finding::warning(SUBJECT, what, RAISE);
    }
    Finding::ok(SUBJECT, format!("the limit is {limit}: room for {people} people"))
}

/// The folder that a file is in.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Whether files can be made in a folder: makes one, and removes it.
pub(super) fn writable(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!(".passerby-doctor-{:016x}", rand::random::<u64>()));
    OpenOptions::new().write(true).create_new(true).open(&path)?;
    fs::remove_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn what_is_wanted_has_to_fit() {
        for (limit, wanted, relay, expected) in [
            (20_000, None, 4000, Verdict::Ok),
            (1024, None, 0, Verdict::Warning),
            (20_000, Some(19_500), 0, Verdict::Ok),
            (20_000, Some(19_501), 0, Verdict::Wrong),
            (20_000, Some(19_000), 4000, Verdict::Warning),
            (u64::MAX, Some(u64::MAX), 4000, Verdict::Wrong),
        ] {
            assert_eq!(judge(limit, wanted, relay).verdict, expected, "{limit} {wanted:?}");
        }
    }

    #[test]
    fn a_folder_is_written_to_and_left_as_it_was() {
        let folder = std::env::temp_dir().join(format!("passerby-{:016x}", rand::random::<u64>()));
        assert!(writable(&folder).is_err());
        fs::create_dir(&folder).unwrap();
        writable(&folder).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir(&folder).unwrap();
        assert_eq!(super::folder(Path::new("a.db")), Path::new("."));
        assert_eq!(super::folder(Path::new("/a/b")), Path::new("/a"));
    }
}
