//! Reports as files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::error::Category;
use thiserror::Error;

use super::Report;

/// Why a report could not be read or written.
#[derive(Debug, Error)]
pub enum FileError {
    /// The file can't be read.
    #[error("{path} can't be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is something else, or cut off.
    #[error("{path} is not JSON: {source}")]
    NotJson {
        /// The file.
        path: PathBuf,
        /// Where it stops being JSON.
        source: serde_json::Error,
    },
    /// The file is JSON, and no report.
    #[error("{path} is not a report of `passerby load --json`: {source}")]
    NotReport {
        /// The file.
        path: PathBuf,
        /// The first field that is wrong or missing.
        source: serde_json::Error,
    },
    /// The report holds a figure that is no number.
    #[error("the report can't be written as JSON: {0}")]
    Unwritable(serde_json::Error),
    /// The file can't be written.
    #[error("{path} can't be written: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Reads a report. Fields of another version that this one does not know are let be.
///
/// # Errors
/// Where the file can't be read or is not a report.
pub fn read(path: &Path) -> Result<Report, FileError> {
    let failed = |source| FileError::Read { path: path.to_owned(), source };
    let bytes = fs::read(path).map_err(failed)?;
    serde_json::from_slice(&bytes).map_err(|source| {
        let path = path.to_owned();
        match source.classify() {
            Category::Data => FileError::NotReport { path, source },
            Category::Io | Category::Syntax | Category::Eof => FileError::NotJson { path, source },
        }
    })
}

/// Writes a report, over what is there.
///
/// # Errors
/// Where the file can't be written, or the report holds a figure that is no
/// number: JSON has none, and whoever reads the file later could not.
pub fn write(report: &Report, path: &Path) -> Result<(), FileError> {
    let mut text = serde_json::to_string(report).map_err(FileError::Unwritable)?;
    serde_json::from_str::<Report>(&text).map_err(FileError::Unwritable)?;
    text.push('\n');
    fs::write(path, text).map_err(|source| FileError::Write { path: path.to_owned(), source })
}
