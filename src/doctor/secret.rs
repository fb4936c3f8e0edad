//! The secret: there, long enough, and nobody else's to read.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::finding::Finding;
use crate::config::{ClusterFlags, ClusterUrl, ProcessFlags};
use crate::secret::Secret;
use crate::secret_file;

const SUBJECT: &str = "secret";
const SHORTEST: usize = Secret::SHORTEST;
/// All that its owner's group and others may do.
const OTHERS: u32 = 0o077;
/// How one is made.
const MAKE: &str = "make one by: openssl rand -hex 32";

pub(super) fn check(flags: &ProcessFlags, cluster: &ClusterFlags) -> Vec<Finding> {
    let shared = matches!(cluster.cluster_url, Some(ClusterUrl::Nats(_)));
    if let Some(secret) = &flags.secret {
        return vec![length(secret)];
    }
    if shared && flags.secret_file.is_none() {
        let remedy = format!("give all nodes the same --secret-file; {MAKE}");
        return vec![Finding::wrong(SUBJECT, "a cluster needs one that all nodes share", remedy)];
    }
    let path = secret_file::path(flags);
    match fs::metadata(&path) {
        Ok(about) => {
            let mut found = of_file(flags, &path);
            found.extend(mode(&path, about.permissions().mode()));
            found
        }
        Err(_) if shared => {
            let what = format!("{} is not there, or can't be looked at", path.display());
            vec![Finding::wrong(SUBJECT, what, "put the secret that all nodes share there")]
        }
        Err(_) => vec![to_be_made(&path)],
    }
}

fn of_file(flags: &ProcessFlags, path: &Path) -> Vec<Finding> {
    match secret_file::shared(flags) {
        Ok(secret) => vec![length(&secret)],
        Err(error) => {
            let remedy = format!("{MAKE}, into {}", path.display());
            vec![Finding::wrong(SUBJECT, error.to_string(), remedy)]
        }
    }
}

fn length(secret: &Secret) -> Finding {
    let bytes = secret.expose().len();
    if bytes < SHORTEST {
        let what = format!("it has {bytes} bytes, and can be guessed");
        return Finding::wrong(SUBJECT, what, format!("take {SHORTEST} or more; {MAKE}"));
    }
    Finding::ok(SUBJECT, format!("there is one of {bytes} bytes"))
}

fn mode(path: &Path, mode: u32) -> Option<Finding> {
    let path = path.display();
    let what = format!("{path} has mode {:04o}: others may use it", mode & 0o7777);
    (mode & OTHERS != 0).then(|| Finding::wrong(SUBJECT, what, format!("chmod 600 {path}")))
}

fn to_be_made(path: &Path) -> Finding {
    let shown = path.display();
    match super::files::writable(super::files::folder(path)) {
        Ok(()) => Finding::ok(SUBJECT, format!("{shown} is made at the first start")),
        Err(error) => {
            let what = format!("{shown} is not there and can't be made: {error}");
            Finding::wrong(SUBJECT, what, "let the service write there, or name --secret-file")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn short_ones_and_open_files_are_wrong() {
        let of = |text: &str| length(&Secret::new(text).unwrap()).verdict;
        assert_eq!(of(&"x".repeat(SHORTEST)), Verdict::Ok);
        assert_eq!(of(&"x".repeat(SHORTEST - 1)), Verdict::Wrong);
        for (bits, wrong) in [(0o100600, false), (0o100400, false), (0o100640, true), (0o604, true)]
        {
            assert_eq!(mode(Path::new("a"), bits).is_some(), wrong, "{bits:o}");
        }
    }
}
