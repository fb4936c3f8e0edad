//! The files that the service writes while it stops, or while its database is away.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use super::files;
use super::finding::Finding;
use crate::config::Serve;

/// Where neither is named, both stand where the service is started, whatever its port.
const STARTED_IN: &str = "./passerby";

pub(super) fn check(serve: &Serve) -> Vec<Finding> {
    let (queue, sessions) = (&serve.store.store_queue, &serve.sessions_file);
    let lost = "reports and bans are lost while the database is away";
    let rooms = "rooms don't outlast a restart";
    [("--store-queue", queue, lost), ("--sessions-file", sessions, rooms)]
        .map(|(flag, named, harm)| {
            let path = named.as_deref().unwrap_or(Path::new(STARTED_IN));
            judge(flag, path, harm, writable(path))
        })
        .into()
}

/// Whether the file can be made, or written where it is there.
fn writable(path: &Path) -> io::Result<()> {
    files::writable(files::folder(path))?;
    match OpenOptions::new().append(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn judge(flag: &'static str, path: &Path, harm: &str, tried: io::Result<()>) -> Finding {
    let folder = files::folder(path).display();
    let Err(error) = tried else {
        return Finding::ok(flag, format!("the folder {folder} can be written to"));
    };
    let what = format!("{} can't be written: {error}; {harm}", path.display());
    let remedy = match error.kind() {
        io::ErrorKind::NotFound => {
            format!("make the folder {folder}, owned by the service's user, or name another")
        }
        io::ErrorKind::IsADirectory => "name a file, not a folder".to_owned(),
        _ => format!("let the service's user write to {folder} and the file, or name another"),
    };
    Finding::wrong(flag, what, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_remedy() {
        for (kind, words) in [
            (io::ErrorKind::NotFound, "make the folder /a"),
            (io::ErrorKind::PermissionDenied, "let the service's user write to /a"),
            (io::ErrorKind::ReadOnlyFilesystem, "name another"),
            (io::ErrorKind::IsADirectory, "name a file"),
        ] {
            let found = judge("--store-queue", Path::new("/a/b"), "all is lost", Err(kind.into()));
            assert!(found.to_string().contains(words), "{found}");
        }
    }
}
