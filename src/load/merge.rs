//! Results of several machines, joined.

use super::ending::Ending;
use super::finish;
use super::report::{merge as joined, read};
use crate::config::MergeFlags;

/// Reads, joins and shows reports.
///
/// # Errors
/// A file that can't be read or written, or reports that don't belong together,
/// in words.
pub(super) fn merge(flags: &MergeFlags) -> Result<Ending, String> {
    let reports = flags.files.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>();
    let reports = reports.map_err(|error| error.to_string())?;
    let report = joined(reports).map_err(|error| error.to_string())?;
    finish::report(&flags.output, &report)?;
    Ok(if report.failed() { Ending::Failed } else { Ending::Fine })
}
