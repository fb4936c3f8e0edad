//! Results of several machines, joined.

use std::fs;
use std::path::Path;

use super::ending::Ending;
use super::finish;
use super::report::Report;
use crate::config::MergeFlags;

/// Reads, joins and shows reports.
///
/// # Errors
/// A file that can't be read or written, in words.
pub(super) fn merge(flags: &MergeFlags) -> Result<Ending, String> {
    let reports = flags.files.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    // SEAM report: `report::merge(reports)` takes the place of this.
    let Some(report) = reports.into_iter().next() else { return Ok(Ending::BadFlag) };
    finish::report(&flags.output, &report)?;
    let failed = report.violation_count > 0 || report.goals.iter().any(|goal| !goal.met);
    Ok(if failed { Ending::Failed } else { Ending::Fine })
}

fn read(path: &Path) -> Result<Report, String> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = fs::read(path).map_err(|error| told(&error))?;
    serde_json::from_slice(&text).map_err(|error| told(&error))
}
