//! The certificate of `turns:`, read again when its files change.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use rustls_pki_types::pem::PemObject;
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
    #[error("can't be read: {0}")]
    Read(#[from] rustls_pki_types::pem::Error),
    /// The chain is empty.
    #[error("holds no certificate")]
    Empty,
    /// Key and certificate don't fit, or are of a kind that is not known.
    #[error("can't be used: {0}")]
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
    let chain: Vec<_> = CertificateDer::pem_file_iter(&files.cert)?.collect::<Result<_, _>>()?;
    if chain.is_empty() {
        return Err(CertificateError::Empty);
    }
    let key = PrivateKeyDer::from_pem_file(&files.key)?;
    let provider = Arc::new(crypto::ring::default_provider());
    let config =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(config.with_no_client_auth().with_single_cert(chain, key)?))
}
