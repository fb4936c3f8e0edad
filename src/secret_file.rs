//! Where the secret comes from: a flag, or a file that is made at the first start.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::config::ProcessFlags;
use crate::secret::Secret;

/// The file where no flag names one.
const DEFAULT: &str = "passerby.secret";
/// More bytes than this are no secret.
const MAX_BYTES: u64 = 64 * 1024;
/// Who shares the file with others shares the service.
const OTHERS: u32 = 0o077;

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file can't be read or made.
    #[error("can't read or make the secret file {0}: {1}")]
    File(PathBuf, #[source] io::Error),
    /// The file holds nothing to be used.
    #[error("the secret file {0} must hold a text of 1 to 65536 bytes")]
    NoSecret(PathBuf),
    /// There is none, and one of its own would fit nobody else's.
    #[error("the relay alone needs the service's secret: --secret or --secret-file")]
    Missing,
}

/// The secret of the flags; else that of the file, which is made where it is
/// missing. Where nothing may be written and no file was named, a secret for
/// this run alone.
pub(crate) fn obtain(flags: &ProcessFlags) -> Result<Secret, SecretError> {
    find(flags).inspect(warn)
}

fn find(flags: &ProcessFlags) -> Result<Secret, SecretError> {
    if let Some(secret) = &flags.secret {
        return Ok(secret.clone());
    }
    let path = path(flags);
    match ensure(&path) {
        Ok(()) => read(&path),
        Err(error) if flags.secret_file.is_none() => {
            tracing::warn!(%error, "no file for the secret can be made: it ends with this run");
            Ok(Secret::random())
        }
        Err(error) => Err(SecretError::File(path, error)),
    }
}

fn ensure(path: &Path) -> io::Result<()> {
    if path.try_exists()? { Ok(()) } else { make(path) }
}

/// Says at the start that a secret can be guessed.
pub(crate) fn warn(secret: &Secret) {
    let (bytes, least) = (secret.expose().len(), Secret::SHORTEST);
    if bytes < least {
        tracing::warn!(
            bytes,
            least,
            "the secret is short, and can be guessed: make one by: openssl rand -hex 32"
        );
    }
}

/// As [`obtain`], but nothing is made: for who shares the secret of others.
pub(crate) fn shared(flags: &ProcessFlags) -> Result<Secret, SecretError> {
    if flags.secret.is_none() && flags.secret_file.is_none() && !Path::new(DEFAULT).exists() {
        return Err(SecretError::Missing);
    }
    flags.secret.clone().map_or_else(|| read(&path(flags)), Ok)
}

pub(crate) fn path(flags: &ProcessFlags) -> PathBuf {
    flags.secret_file.clone().unwrap_or_else(|| DEFAULT.into())
}

fn read(path: &Path) -> Result<Secret, SecretError> {
    let failed = |error| SecretError::File(path.to_owned(), error);
    let about = fs::metadata(path).map_err(failed)?;
    if about.len() > MAX_BYTES {
        return Err(SecretError::NoSecret(path.to_owned()));
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    let secret = Secret::new(&text).map_err(|_| SecretError::NoSecret(path.to_owned()))?;
    if about.permissions().mode() & OTHERS != 0 {
        tracing::warn!(path = %path.display(), "others may read the secret: chmod 600 is better");
    }
    Ok(secret)
}

/// Of two processes that start at once one makes it; what stands there is whole.
fn make(path: &Path) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        writeln!(file, "{}", Secret::random().expose())?;
        file.sync_all()?;
        match fs::hard_link(&beside, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            made => made,
        }
    })();
    // Where it was never made there is nothing to remove.
    let _ = fs::remove_file(&beside);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_file_is_made_once_and_for_its_owner_alone() {
        let folder = std::env::temp_dir().join(format!("passerby-secret-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.secret");
        make(&path).unwrap();
        let first = read(&path).unwrap();
        make(&path).unwrap();
        assert_eq!(read(&path).unwrap(), first);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
        fs::write(&path, " \n").unwrap();
        assert!(matches!(read(&path), Err(SecretError::NoSecret(_))));
        fs::remove_dir_all(&folder).unwrap();
    }
}
