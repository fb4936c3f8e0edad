//! What is thought of a server's certificate. The connection is made whatever it is:
//! the rest is to be tried as well, and nothing secret is sent.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};

use super::finding::Finding;

const SUBJECT: &str = "TLS";
/// Who renews by itself does so earlier. In days.
const SOON: u64 = 14;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is thought of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opinion {
    /// It is valid for a while.
    Good,
    /// It is valid, and so many whole days are left.
    Ends(u64),
    /// It was valid once.
    Expired,
    /// It begins later.
    NotYet,
    /// It is for another host.
    OtherName,
    /// It goes back to nobody whom this machine trusts.
    Untrusted,
}

/// Looks at the certificate that a server shows.
#[derive(Debug)]
pub(super) struct Judge {
    provider: Arc<CryptoProvider>,
    /// None where this machine trusts nobody.
    verifier: Option<Arc<WebPkiServerVerifier>>,
    opinion: Mutex<Opinion>,
}

impl Judge {
    /// One with the roots of this machine.
    pub(super) fn new() -> Arc<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
        Arc::new(Self { provider, verifier: verifier.ok(), opinion: Opinion::Untrusted.into() })
    }

    /// How a connection is made whose certificate it looks at.
    pub(super) fn config(self: &Arc<Self>) -> Result<ClientConfig, rustls::Error> {
        let config = ClientConfig::builder_with_provider(self.provider.clone());
        let config = config.with_safe_default_protocol_versions()?;
        let config = config.dangerous().with_custom_certificate_verifier(self.clone());
        Ok(config.with_no_client_auth())
    }

    /// What it thinks of the last one.
    pub(super) fn opinion(&self) -> Opinion {
        *self.opinion.lock()
    }
}

/// What `verify` says of a certificate now and in some days.
fn weigh(verify: impl Fn(Duration) -> Result<(), rustls::Error>) -> Opinion {
    if let Err(error) = verify(Duration::ZERO) {
        return of_error(&error);
    }
    let left = |days: u64| verify(DAY * u32::try_from(days).unwrap_or(u32::MAX)).is_ok();
    (1..=SOON).find(|days| !left(*days)).map_or(Opinion::Good, |days| Opinion::Ends(days - 1))
}

fn of_error(error: &rustls::Error) -> Opinion {
    match error {
        rustls::Error::InvalidCertificate(error) => match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Opinion::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Opinion::NotYet
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Opinion::OtherName
            }
            _ => Opinion::Untrusted,
        },
        _ => Opinion::Untrusted,
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(verifier) = &self.verifier {
            *self.opinion.lock() = weigh(|later| {
                let at = Duration::from_secs(now.as_secs()).saturating_add(later);
                let at = UnixTime::since_unix_epoch(at);
                verifier
                    .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, at)
                    .map(drop)
            });
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What `opinion` means for who shows the certificate at `host`.
pub(super) fn finding(host: &str, opinion: Opinion) -> Finding {
    let wrong =
        |what: &str, remedy: &str| Finding::wrong(SUBJECT, format!("{host}: {what}"), remedy);
    match opinion {
        Opinion::Good => Finding::ok(
            SUBJECT,
            format!("{host}: the certificate is valid for {SOON} days or more"),
        ),
        Opinion::Ends(days) => {
            let what = format!("{host}: the certificate ends in {days} days");
            Finding::warning(SUBJECT, what, "renew it, and see that it is renewed by itself")
        }
        Opinion::Expired => wrong("the certificate has expired", "renew it"),
        Opinion::NotYet => wrong(
            "the certificate is not valid yet",
            "look at this machine's clock and the proxy's",
        ),
        Opinion::OtherName => {
            wrong("the certificate is for another name", "get one that names this host")
        }
        Opinion::Untrusted => wrong(
            "this machine does not trust the certificate",
            "get one of a public authority, with its whole chain in the proxy's file; or install \
                ca-certificates here",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_are_left_are_counted() {
        let expired = || rustls::Error::InvalidCertificate(CertificateError::Expired);
        let lasting = |hours: u32| {
            weigh(move |later| if later < DAY / 24 * hours { Ok(()) } else { Err(expired()) })
        };
        assert_eq!(lasting(0), Opinion::Expired);
        assert_eq!(lasting(1), Opinion::Ends(0));
        assert_eq!(lasting(25), Opinion::Ends(1));
        assert_eq!(lasting(14 * 24), Opinion::Ends(13));
        assert_eq!(lasting(14 * 24 + 1), Opinion::Good);
    }
}
