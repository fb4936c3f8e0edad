//! How a connection ends.

use std::io;

use crate::protocol::CloseCode;

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Without a word.
    Dropped,
    /// The client closed it.
    ByClient(Option<u16>),
    /// The service closes it.
    ByService(CloseCode),
}

impl From<io::Error> for Ending {
    fn from(_: io::Error) -> Self {
        Self::Dropped
    }
}
