//! A client's report of its partner.

use std::borrow::Cow;

use serde::Deserialize;

use super::client::{MAX_CHAT_CHARS, optional, parse};
use super::fields::{Fields, is_object};
use super::json::Json;
use super::text::unquote;
use super::{Malformed, ReportReason};
use crate::ids::RoomId;

/// The most characters of `details`.
const MAX_DETAILS_CHARS: usize = 1000;
/// The most lines of `transcript`.
const MAX_LINES: usize = 50;

/// A report. It doesn't print what was written.
#[derive(Clone)]
pub struct Report<'a> {
    /// The room whose partner is reported.
    pub room: RoomId,
    /// For what.
    pub reason: ReportReason,
    /// In the reporter's words.
    pub details: Option<Cow<'a, str>>,
    /// The lines that the reporter attached.
    pub transcript: Vec<Quote<'a>>,
}

/// A line as the reporter tells it.
#[derive(Clone, Deserialize)]
pub struct Quote<'a> {
    /// Whose it is.
    pub from: Speaker,
    /// What was written.
    #[serde(borrow)]
    pub text: Cow<'a, str>,
}

/// Whose line it is, for the reporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The reporter's.
    Me,
    /// The partner's.
    Peer,
}

impl<'a> Report<'a> {
    pub(super) fn of(fields: &Fields<'a>) -> Result<Self, Malformed> {
        let reason = fields.reason.ok_or("`reason` is missing")?;
        let reason = parse(reason, "`reason` must be one of those of the protocol")?;
        let details = fields.details.map(details).transpose()?;
        let transcript = transcript(fields.transcript)?;
        Ok(Self { room: fields.room()?, reason, details, transcript })
    }
}

impl std::fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Report").field("room", &self.room).finish_non_exhaustive()
    }
}

fn details(json: Json<'_>) -> Result<Cow<'_, str>, Malformed> {
    let details = unquote(json.get()).ok_or("`details` must be a string")?;
    if details.chars().count() > MAX_DETAILS_CHARS {
        return Err("`details` may have at most 1000 characters".into());
    }
    Ok(details)
}

fn transcript(json: Option<Json<'_>>) -> Result<Vec<Quote<'_>>, Malformed> {
    let words = "`transcript` must be a list of {\"from\": \"me\" or \"peer\", \"text\"}";
    let lines: Vec<Json<'_>> = optional(json, words)?.unwrap_or_default();
    if lines.len() > MAX_LINES {
        return Err("`transcript` may have at most 50 lines".into());
    }
    lines.into_iter().map(|line| quote(line, words)).collect()
}

fn quote<'a>(json: Json<'a>, words: &'static str) -> Result<Quote<'a>, Malformed> {
    if !is_object(json.get()) {
        return Err(words.into());
    }
    let quote: Quote<'a> = parse(json, words)?;
    if quote.text.chars().count() > MAX_CHAT_CHARS {
        return Err("a line of `transcript` may have at most 2000 characters".into());
    }
    Ok(quote)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ClientMessage, decode};

    #[test]
    fn what_was_written_is_read_whole_and_not_printed() {
        let text = r#"{"type":"report","room":"r","reason":"spam","details":"a \"b\"",
            "transcript":[{"from":"me","text":"x"},{"from":"peer","text":"\u00e9"}]}"#;
        let Ok(ClientMessage::Report(report)) = decode(text) else { panic!("a report") };
        assert_eq!(report.details.as_deref(), Some("a \"b\""));
        let lines: Vec<_> = report.transcript.iter().map(|line| (line.from, &*line.text)).collect();
        assert_eq!(lines, [(Speaker::Me, "x"), (Speaker::Peer, "\u{e9}")]);
        assert!(!format!("{report:?}").contains("a \"b\""));
    }
}
