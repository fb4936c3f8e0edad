//! How a load test ends.

use std::process::ExitCode;

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All went well.
    Fine,
    /// The service broke a promise of the protocol, or missed a goal.
    Failed,
    /// A flag, or a file that it names, is bad.
    BadFlag,
    /// No target can be reached, or none any more.
    Unreached,
    /// This machine ran out of something.
    Exhausted,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Fine => Self::SUCCESS,
            Ending::Failed => Self::FAILURE,
            Ending::BadFlag => Self::from(2),
            Ending::Unreached => Self::from(3),
            Ending::Exhausted => Self::from(4),
        }
    }
}
