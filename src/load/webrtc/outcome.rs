//! What became of a peer's call.

use std::time::Duration;

use str0m::CandidateKind;

/// What became of a peer's call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// From the match to the first echo that came back, or that the answerer sent
    /// back.
    pub time_to_connected: Option<Duration>,
    /// The way that the call took last, if it took one.
    pub path: Option<Path>,
    /// Why it ended before all echoes were there.
    pub why: Option<Failure>,
}

impl Outcome {
    /// Whether the data channel echoed, whatever came after.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.time_to_connected.is_some()
    }
}

/// The way between two peers: the longer of what the selected pair's two
/// candidates stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Path {
    /// From one's own address to the other's.
    Host,
    /// To an address that a STUN server or the partner's packets told.
    Srflx,
    /// Through a TURN server.
    Relay,
}

impl Path {
    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Srflx => "srflx",
            Self::Relay => "relay",
        }
    }
}

impl From<CandidateKind> for Path {
    fn from(kind: CandidateKind) -> Self {
        match kind {
            CandidateKind::Host => Self::Host,
            CandidateKind::PeerReflexive | CandidateKind::ServerReflexive => Self::Srflx,
            CandidateKind::Relayed => Self::Relay,
        }
    }
}

/// Why a call ended before all echoes were there: the first thing that was missed,
/// in words that a report counts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The answerer waited for it until its deadline.
    #[error("no offer came")]
    NoOffer,
    /// The offerer waited for it until its deadline.
    #[error("no answer came")]
    NoAnswer,
    /// The partner's description is not one, or not one for a data channel.
    #[error("the partner's description could not be used")]
    BadDescription,
    /// No pair of candidates worked (RFC 8445).
    #[error("no path was found")]
    NoPath,
    /// The handshake was not over in time (RFC 8827).
    #[error("DTLS did not finish")]
    NoDtls,
    /// The data channel was not there in time (RFC 8831).
    #[error("the data channel did not open")]
    NoChannel,
    /// The partner said nothing any more.
    #[error("an echo did not come back")]
    NoEcho,
    /// The partner sent something else back.
    #[error("an echo was not what was sent")]
    WrongEcho,
    /// The partner sent more than is taken.
    #[error("the data channel was full")]
    Full,
    /// The partner hung up.
    #[error("the partner ended the call")]
    Closed,
    /// Nothing more could be signalled, and there was no path yet.
    #[error("the signalling ended before there was a path")]
    SignallingEnded,
    /// A relay was asked for, and there is none to ask.
    #[error("no relay was named")]
    NoRelay,
    /// A relay was asked for, and none could be had.
    #[error("the relay {0}")]
    Relay(RelayError),
    /// The system has no more sockets, or none at these addresses.
    #[error("no socket could be opened")]
    NoSocket,
    /// ICE, DTLS or SCTP went wrong in a way that can't be told any closer.
    #[error("the WebRTC stack failed")]
    Stack,
}

/// Why a relay can't be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// It answered with an error of RFC 8489 or RFC 8656.
    #[error("refused with {0}")]
    Refused(u16),
    /// It did not answer.
    #[error("did not answer")]
    Silent,
    /// It can't be connected to, its name is unknown, or it closed.
    #[error("could not be reached")]
    Unreachable,
}
