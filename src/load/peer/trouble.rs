//! Why a connection can't be made or is gone.

use std::fmt;
use std::io;

use tokio_tungstenite::tungstenite::Error;

/// What befell a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nobody listens.
    Refused,
    /// No answer in time: to a connect, or no `welcome`.
    TimedOut(&'static str),
    /// An answer that is not that of a WebSocket server.
    NotWebSocket,
    /// No TLS could be agreed on, or the certificate is not trusted here.
    Tls,
    /// The handshake was answered by this status.
    Status(u16),
    /// A text that is no message.
    NotJson,
    /// This machine has no files left.
    NoFiles,
    /// This machine has no ports left.
    NoPorts,
    /// The service closed, with this code if it gave one.
    Closed(Option<u16>),
    /// The service is being replaced and asked to come again.
    GoingAway,
    /// The session could not be resumed.
    Fresh,
    /// Anything else that the system says.
    Broken(io::ErrorKind),
}

impl Trouble {
    /// What is lacking on this machine, if that is the trouble.
    pub(in crate::load) const fn exhausted(&self) -> Option<&'static str> {
        match self {
            Self::NoFiles => Some("no open files are left to this process (ulimit -n)"),
            Self::NoPorts => Some("no local ports are left: give more --source-addresses"),
            _ => None,
        }
    }

    /// Whether the service is there, and asks to come later.
    pub(in crate::load) const fn turned_away(&self) -> bool {
        matches!(self, Self::Closed(Some(1013)) | Self::Status(503))
    }

    /// Whether it is no error, but asked for.
    pub(in crate::load) const fn expected(&self) -> bool {
        matches!(self, Self::GoingAway)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("refused"),
            Self::TimedOut(what) => write!(f, "timed out: {what}"),
            Self::NotWebSocket => f.write_str("not a WebSocket server"),
            Self::Tls => f.write_str("TLS failed, or the certificate is not trusted here"),
            Self::Status(429) => {
                f.write_str("HTTP 429: limited by address (serve --no-limits lifts that)")
            }
            Self::Status(status) => write!(f, "HTTP {status}"),
            Self::NotJson => f.write_str("not JSON of the protocol"),
            Self::NoFiles => f.write_str("no open files left"),
            Self::NoPorts => f.write_str("no local ports left"),
            Self::Closed(Some(code)) => write!(f, "closed {code}"),
            Self::Closed(None) => f.write_str("closed without a code"),
            Self::GoingAway => f.write_str("going away"),
            Self::Fresh => f.write_str("not resumed"),
            Self::Broken(kind) => write!(f, "{kind}"),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        // EMFILE and ENFILE have no kind of their own.
        match (error.kind(), error.raw_os_error()) {
            (_, Some(23 | 24)) => Self::NoFiles,
            (io::ErrorKind::AddrNotAvailable | io::ErrorKind::AddrInUse, _) => Self::NoPorts,
            (io::ErrorKind::ConnectionRefused, _) => Self::Refused,
            (kind, _) => Self::Broken(kind),
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            // As which TLS has what it does not take.
            Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => Self::Tls,
            Error::Io(error) => error.into(),
            Error::Tls(_) => Self::Tls,
            Error::Http(answer) => Self::Status(answer.status().as_u16()),
            Error::ConnectionClosed | Error::AlreadyClosed => Self::Closed(None),
            Error::Protocol(
                tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            ) => Self::Broken(io::ErrorKind::ConnectionReset),
            _ => Self::NotWebSocket,
        }
    }
}
