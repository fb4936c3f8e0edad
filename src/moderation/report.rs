//! Puts down a report as it is kept. Pure: time comes in.

use uuid::Uuid;

use super::{Line, ReportId, ReportRecord};
use crate::clock::{Moment, UnixMillis};
use crate::ids::RoomId;
use crate::protocol::{Quote, Report, Speaker};
use crate::session::handle::Session;
use crate::session::lines::{LineKey, Side};
use crate::session::state::Encounter;

/// The record of a report by `session`, at a time that is given by both clocks.
pub(super) fn record(
    lines: &LineKey,
    session: &Session,
    report: &Report<'_>,
    encounter: &Encounter,
    (now, wall): (Moment, UnixMillis),
) -> ReportRecord {
    let at = |moment: Moment| wall.before(now - moment);
    let quoted = report.transcript.iter();
    ReportRecord {
        id: ReportId(Uuid::new_v4()),
        at: wall,
        room: report.room,
        began: at(encounter.began),
        ended: encounter.ended.map(at),
        reason: report.reason,
        details: report.details.as_deref().map(str::to_owned),
        lines: quoted.map(|quote| line(lines, report.room, encounter, quote)).collect(),
        reporter: **session.identity(),
        session: session.id(),
        token: session.token(),
        reported: *encounter.identity,
    }
}

fn line(lines: &LineKey, room: RoomId, encounter: &Encounter, quote: &Quote<'_>) -> Line {
    let side = match quote.from {
        Speaker::Me => Side::Mine,
        Speaker::Peer => Side::Theirs,
    };
    let hash = lines.hash(room, &quote.text);
    let proven = encounter.lines.as_ref().is_some_and(|lines| lines.prove(side, hash));
    Line { mine: side == Side::Mine, text: quote.text.as_ref().to_owned(), proven }
}
