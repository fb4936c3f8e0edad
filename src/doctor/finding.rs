//! What was found, how it reads, and what it means for the whole. Pure.

use std::fmt;

/// How grave something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is as it should be.
    Ok,
    /// It works, and somebody should know.
    Warning,
    /// It has to be mended.
    Wrong,
}

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How grave it is.
    pub verdict: Verdict,
    subject: &'static str,
    what: String,
    /// Empty where nothing is to be done.
    remedy: String,
}

impl Finding {
    pub(super) fn ok(subject: &'static str, what: impl Into<String>) -> Self {
        Self::new(Verdict::Ok, subject, what.into(), String::new())
    }

    pub(super) fn warning(
        subject: &'static str,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::new(Verdict::Warning, subject, what.into(), remedy.into())
    }

    pub(super) fn wrong(
        subject: &'static str,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::new(Verdict::Wrong, subject, what.into(), remedy.into())
    }

    fn new(verdict: Verdict, subject: &'static str, what: String, remedy: String) -> Self {
        Self { verdict, subject, what, remedy }
    }
}

/// The gravest of them; of none, that nothing is wrong.
#[must_use]
pub fn verdict(findings: &[Finding]) -> Verdict {
    findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Ok)
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Wrong => "wrong",
        })
    }
}

impl fmt::Display for Finding {
    /// One line, whatever a server said: that could hold the end of a line, or what
    /// a terminal obeys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |text: &str| text.replace(|c: char| c.is_control(), " ");
        write!(f, "{:<8} {}: {}", self.verdict, self.subject, plain(&self.what))?;
        if self.remedy.is_empty() { Ok(()) } else { write!(f, " -> {}", plain(&self.remedy)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line() {
        let finding = Finding::wrong("clock", "off\nby \u{1b}[2J", "set it");
        assert_eq!(finding.to_string(), "wrong    clock: off by  [2J -> set it");
        assert_eq!(Finding::ok("clock", "right").to_string(), "ok       clock: right");
    }

    #[test]
    fn the_gravest_counts() {
        let (ok, warning) = (Finding::ok("a", "b"), Finding::warning("a", "b", "c"));
        let wrong = Finding::wrong("a", "b", "c");
        assert_eq!(verdict(&[]), Verdict::Ok);
        assert_eq!(verdict(&[warning.clone(), ok.clone()]), Verdict::Warning);
        assert_eq!(verdict(&[ok, wrong, warning]), Verdict::Wrong);
    }
}
