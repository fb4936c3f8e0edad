//! The certificate of `turns:`, read again when its files change.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, ServerConfig, crypto};

use super::config::Certificate;
use crate::clock::Moment;

/// How often the files are looked at, at most.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Why a certificate can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file is missing, or is not what it should be.
    #[error("{0} can't be read as PEM: {1}")]
    Read(PathBuf, #[source] pem::Error),
    /// The chain is empty.
    #[error("{0} holds no certificate")]
    Empty(PathBuf),
    /// Key and certificate don't fit, or are of a kind that is not known.
    #[error("the certificate and key for TLS can't be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// What a file looked like: it is taken for unchanged while this is the same.
type Stamp = Option<(SystemTime, u64)>;

/// The certificate that is shown now.
pub(super) struct Certificates {
    files: Certificate,
    shown: Mutex<Shown>,
}

struct Shown {
    config: Arc<ServerConfig>,
    stamps: [Stamp; 2],
    looked_at: Moment,
}

impl Certificates {
    /// Reads the files.
    ///
    /// # Errors
    /// Where they can't be used.
    pub(super) fn load(files: Certificate, now: Moment) -> Result<Self, CertificateError> {
        let stamps = stamps(&files);
        let shown = Shown { config: read(&files)?, stamps, looked_at: now };
        Ok(Self { files, shown: shown.into() })
    }

    /// What takes a connection. New files are taken in; where they can't be
    /// used, what was shown stays.
    pub(super) fn acceptor(&self, now: Moment) -> TlsAcceptor {
        let mut shown = self.shown.lock();
        if now.since(shown.looked_at) >= LOOK_EVERY {
            shown.looked_at = now;
            let stamps = stamps(&self.files);
            if stamps != shown.stamps {
                shown.stamps = stamps;
                match read(&self.files) {
                    Ok(config) => shown.config = config,
                    Err(error) => {
                        tracing::warn!(%error, "the relay's new certificate is not taken");
                    }
                }
            }
        }
        shown.config.clone().into()
    }
}

fn stamps(files: &Certificate) -> [Stamp; 2] {
    let stamp = |path: &Path| {
        let metadata = fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    [stamp(&files.cert), stamp(&files.key)]
}

fn read(files: &Certificate) -> Result<Arc<ServerConfig>, CertificateError> {
    let unreadable = |file: &Path| {
        let file = file.to_owned();
        move |error| CertificateError::Read(file, error)
    };
    let chain = CertificateDer::pem_file_iter(&files.cert).and_then(Iterator::collect);
    let chain: Vec<_> = chain.map_err(unreadable(&files.cert))?;
    if chain.is_empty() {
        return Err(CertificateError::Empty(files.cert.clone()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(unreadable(&files.key))?;
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let config =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(config.with_no_client_auth().with_single_cert(chain, key)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate of its own in the folder for such files.
    fn files(name: &str) -> Certificate {
        let folder = std::env::temp_dir();
        let file = |kind| folder.join(format!("passerby-{}-{name}.{kind}", std::process::id()));
        let files = Certificate { cert: file("cert"), key: file("key") };
        renew(&files, 0);
        files
    }

    /// Writes another certificate; the comment makes its length another too, as
    /// a clock may stand still between the two.
    fn renew(files: &Certificate, comment: usize) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(&files.cert, made.cert.pem() + &"\n".repeat(comment)).unwrap();
        fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    }

    fn remove(files: &Certificate) {
        fs::remove_file(&files.cert).unwrap();
        fs::remove_file(&files.key).unwrap();
    }

    #[test]
    fn a_new_certificate_is_taken_in_and_a_bad_one_is_not() {
        let files = files("renewed");
        let start = Moment::from_micros(1);
        let certificates = Certificates::load(files.clone(), start).unwrap();
        let shown = |minutes: u32| certificates.acceptor(start + LOOK_EVERY * minutes);
        let first = shown(0);
        assert!(Arc::ptr_eq(first.config(), shown(1).config()), "nothing changed");
        renew(&files, 1);
        assert!(Arc::ptr_eq(first.config(), shown(1).config()), "it is not looked at again yet");
        let second = shown(2);
        assert!(!Arc::ptr_eq(first.config(), second.config()));
        fs::write(&files.cert, "no certificate").unwrap();
        assert!(Arc::ptr_eq(second.config(), shown(3).config()));
        renew(&files, 2);
        assert!(!Arc::ptr_eq(second.config(), shown(4).config()));
        remove(&files);
        assert!(!Arc::ptr_eq(second.config(), shown(5).config()), "it stays without its files");
    }

    #[test]
    fn files_that_do_not_fit_are_named() {
        let files = files("unfit");
        let now = Moment::default();
        let load = || Certificates::load(files.clone(), now).map(|_| ());
        fs::write(&files.cert, "").unwrap();
        assert!(matches!(load(), Err(CertificateError::Read(..) | CertificateError::Empty(_))));
        remove(&files);
        assert!(matches!(load(), Err(CertificateError::Read(..))));
    }
}
