//! Why NATS is not reached, and that it is said once.

use std::collections::HashSet;

use async_nats::jetstream::{self, ErrorCode};
use async_nats::{ConnectError, ConnectErrorKind};
use parking_lot::Mutex;
use tracing::warn;

/// Different complaints that are remembered. Full: no other is said.
const COMPLAINTS: usize = 16;

/// Why a server can't be used; of several servers the highest is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Trouble {
    /// Nobody is there.
    #[error("no server answers; tried again until one does")]
    Unreachable,
    /// JetStream has no leader, or is busy.
    #[error("JetStream does not answer; tried again until it does")]
    Silent,
    /// No common TLS, or a certificate that is not trusted.
    #[error("TLS with the server fails")]
    Tls,
    /// JetStream does not make or keep it.
    #[error("JetStream refuses the bucket: {0}")]
    Bucket(String),
    /// Somebody deleted it.
    #[error("the bucket is gone")]
    NoBucket,
    /// The server runs without.
    #[error("JetStream is not enabled (nats-server -js)")]
    NoJetStream,
    /// The version that it has.
    #[error("its version is {0}; 2.10 or later is needed")]
    Old(String),
    /// The credentials are not its own.
    #[error("it refuses the user, password or token")]
    Refused,
}

impl From<ConnectError> for Trouble {
    fn from(error: ConnectError) -> Self {
        match error.kind() {
            ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => {
                Self::Refused
            }
            ConnectErrorKind::Tls => Self::Tls,
            _ => Self::Unreachable,
        }
    }
}

impl From<jetstream::Error> for Trouble {
    fn from(error: jetstream::Error) -> Self {
        match error.error_code() {
            ErrorCode::JETSTREAM_NOT_ENABLED | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT => {
                Self::NoJetStream
            }
            ErrorCode::STREAM_NOT_FOUND => Self::NoBucket,
            _ => Self::Bucket(error.to_string()),
        }
    }
}

/// What was complained of since the cluster was last reached.
#[derive(Default)]
pub(super) struct Complaints(Mutex<HashSet<String>>);

impl Complaints {
    /// Logs it, unless it was logged already.
    pub(super) fn make(&self, servers: &str, complaint: &str) {
        let mut made = self.0.lock();
        if made.len() < COMPLAINTS && made.insert(complaint.to_owned()) {
            warn!(servers, "the cluster can't be used: {complaint}");
        }
    }

    /// The next ones are new.
    pub(super) fn forget(&self) {
        self.0.lock().clear();
    }
}
