//! Reports as files: they come back as they were, and what is none is refused.

use std::path::PathBuf;

use passerby::load::report::{FileError, Report, read, write};

use crate::fixture;

/// A file that goes away with this; `name` is of one test alone.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("passerby-{}-{name}.json", std::process::id())))
    }

    fn with(name: &str, text: &str) -> Self {
        let file = Self::new(name);
        std::fs::write(&file.0, text).unwrap();
        file
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // There may be none.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A report whose fractions are short: long ones come back to the last digit but one.
fn report() -> Report {
    let mut report = fixture::mix();
    let short = |value: f64| (value * 1e6).round() / 1e6;
    for latency in report.latencies.values_mut() {
        latency.figures.mean = short(latency.figures.mean);
    }
    for goal in &mut report.goals {
        goal.measured = short(goal.measured);
    }
    report
}

#[test]
fn a_report_comes_back_as_it_was() {
    let file = File::new("whole");
    let before = report();
    write(&before, &file.0).unwrap();
    assert_eq!(read(&file.0).unwrap(), before);
}

#[test]
fn fields_of_a_later_version_are_let_be() {
    let mut later = serde_json::to_value(report()).unwrap();
    later["invented"] = serde_json::json!({ "later": [1, 2] });
    later["series"][0]["invented"] = 5.into();
    let file = File::with("later", &later.to_string());
    assert_eq!(read(&file.0).unwrap(), report());
}

#[test]
fn what_is_no_report_is_refused_with_a_word() {
    let missing = read(&File::new("missing").0).unwrap_err();
    assert!(matches!(missing, FileError::Read { .. }), "{missing}");
    for (name, text) in [("empty", ""), ("page", "<!DOCTYPE html>"), ("cut", "{\"version\":")] {
        let error = read(&File::with(name, text).0).unwrap_err();
        assert!(matches!(error, FileError::NotJson { .. }), "{error}");
    }
    let mut other = serde_json::to_value(fixture::mix()).unwrap();
    other.as_object_mut().unwrap().remove("scenario");
    for (name, text) in [("object", "{}"), ("list", "[1]"), ("other", &other.to_string())] {
        let error = read(&File::with(name, text).0).unwrap_err();
        assert!(matches!(error, FileError::NotReport { .. }), "{error}");
        assert!(error.to_string().contains(name), "it names the file: {error}");
    }
}

#[test]
fn a_report_that_could_not_be_read_again_is_not_written() {
    let file = File::new("unwritable");
    let mut report = fixture::mix();
    report.seconds = f64::NAN;
    let error = write(&report, &file.0).unwrap_err();
    assert!(matches!(error, FileError::Unwritable(_)), "{error}");
    assert!(!file.0.exists());
    let nowhere = file.0.join("below");
    let error = write(&fixture::mix(), &nowhere).unwrap_err();
    assert!(matches!(error, FileError::Write { .. }), "{error}");
}
