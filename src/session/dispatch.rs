//! What each message of a client brings about.

use std::sync::Arc;

use parking_lot::MutexGuard;

use super::aftermath::{Aftermath, News};
use super::desk::{Desk, Partner};
use super::handle::Session;
use super::state::{State, Wait};
use crate::clock::Moment;
use crate::ice::{Ice, NoRelay};
use crate::ids::{PersonId, RoomId};
use crate::matchmaking::host::Event;
use crate::metrics::Metrics;
use crate::protocol::{
    ClientMessage, ErrorCode, Malformed, Preferences, Report, ServerMessage, WhyLeft,
};
use crate::room::relay;

/// A message that was refused and changed nothing.
#[derive(Debug)]
pub struct Refused {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub words: String,
}

impl Refused {
    pub(super) fn new(code: ErrorCode, words: impl Into<String>) -> Self {
        Self { code, words: words.into() }
    }
}

/// Acts on `message`, which came in at `now`. The session's `desk` is held since
/// it was found that the message counts.
///
/// # Errors
/// What is wrong with it; nothing has changed.
pub fn dispatch(
    session: &Arc<Session>,
    mut desk: MutexGuard<'_, Desk>,
    message: Result<ClientMessage<'_>, Malformed>,
    now: Moment,
    ice: &Ice,
    metrics: &Metrics,
) -> Result<Aftermath, Refused> {
    let message =
        message.map_err(|malformed| Refused::new(ErrorCode::BadMessage, malformed.to_string()))?;
    match message {
        ClientMessage::Signal(signal) => relay(session, desk, &signal, now, metrics)
            .map(|()| Aftermath::default())
            .map_err(|_| not_in_room()),
        ClientMessage::Join(preferences) => {
            ice.admit(preferences.mode, preferences.private).map_err(no_relay)?;
            let wait = desk.state.join(now, preferences);
            Ok(begin_wait(session, &wait))
        }
        ClientMessage::Next { room } => {
            let wait = next(&mut desk.state, room, now, ice)?;
            metrics.nexts.inc_by(wait.is_some().into());
            Ok(wait.map(|wait| begin_wait(session, &wait)).unwrap_or_default())
        }
        ClientMessage::Leave => {
            drop(desk);
            Ok(leave(session, now))
        }
        ClientMessage::Report(report) => {
            let partner = desk.state.reportable(now, report.room).ok_or_else(not_in_room)?;
            drop(desk);
            Ok(take_report(session, partner, report, metrics))
        }
    }
}

/// The defaults, where there was no `join`, may ask for more than there is.
fn next(
    state: &mut State<Partner>,
    room: Option<RoomId>,
    now: Moment,
    ice: &Ice,
) -> Result<Option<Wait<Partner>>, Refused> {
    let Preferences { mode, private, .. } = *state.preferences();
    ice.admit(mode, private).map_err(no_relay)?;
    Ok(state.next(now, room))
}

fn begin_wait(session: &Arc<Session>, wait: &Wait<Partner>) -> Aftermath {
    let event = Event::waits(session, wait);
    Aftermath { event: Some(event), news: News::parted(wait.left.as_ref(), WhyLeft::Next) }
}

fn leave(session: &Session, now: Moment) -> Aftermath {
    let left = session.update(|desk| {
        let left = desk.state.leave(now);
        desk.push(ServerMessage::Idle {}.encode(), None);
        left
    });
    let parted = left.as_ref().map(|seat| seat.person);
    let event = Event::Leaves { session: session.id(), person: session.person(), parted };
    Aftermath { event: Some(event), news: News::parted(left.as_ref(), WhyLeft::Left) }
}

fn take_report(
    session: &Session,
    partner: PersonId,
    report: Report,
    metrics: &Metrics,
) -> Aftermath {
    metrics.reports.with_label_values(&[report.reason.name()]).inc();
    session.send(&ServerMessage::Reported { room: report.room });
    let event = Event::Reports { by: session.person(), of: partner };
    Aftermath { event: Some(event), news: None }
}

fn no_relay(why: NoRelay) -> Refused {
    Refused::new(ErrorCode::Unavailable, why.to_string())
}

fn not_in_room() -> Refused {
    Refused::new(ErrorCode::NotInRoom, "you are not in that room")
}
