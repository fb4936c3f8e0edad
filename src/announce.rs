//! Says on standard output where a process listens.

use std::io::Write as _;
use std::net::SocketAddr;

/// A line for each port, all at once. Whoever started the process may have
/// stopped reading: that is no reason to end.
pub(crate) fn announce(addresses: &[SocketAddr]) {
    let lines: String =
        addresses.iter().map(|address| format!("listening on {address}\n")).collect();
    if let Err(error) = std::io::stdout().write_all(lines.as_bytes()) {
        tracing::debug!(%error, "nobody reads where it listens");
    }
}
