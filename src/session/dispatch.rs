//! What each message of a client brings about.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::MutexGuard;

use super::aftermath::{Aftermath, News};
use super::desk::{Desk, Partner};
use super::handle::Session;
use super::services::Services;
use super::state::{Encounter, State, Wait};
use crate::clock::Moment;
use crate::guard::address::Asked;
use crate::guard::limiter;
use crate::guard::limits::Limit;
use crate::guard::session::Said;
use crate::ice::{Ice, NoRelay};
use crate::identity::Identity;
use crate::ids::RoomId;
use crate::matchmaking::host::Event;
use crate::metrics::Metrics;
use crate::moderation::Overfull;
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
    /// When it may be tried again.
    pub retry_after: Option<Duration>,
}

/// When a report may be tried again that could not be taken.
const AGAIN_WHEN_OVERFULL: Duration = Duration::from_secs(5);

impl Refused {
    pub(super) fn new(code: ErrorCode, words: impl Into<String>) -> Self {
        Self { code, words: words.into(), retry_after: None }
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
    services: &Services<'_>,
) -> Result<Aftermath, Refused> {
    let Services { ice, metrics, .. } = *services;
    let said = message.as_ref().map_or(Said::Other, Said::from);
    allow(session, said, now, metrics)?;
    let message =
        message.map_err(|malformed| Refused::new(ErrorCode::BadMessage, malformed.to_string()))?;
    match message {
        ClientMessage::Signal(signal) => relay(session, desk, &signal, now, services)
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
            let encounter = desk.state.reportable(now, report.room).ok_or_else(not_in_room)?;
            drop(desk);
            take_report(session, &report, &encounter, now, services)
        }
        ClientMessage::Block { room } => {
            let encounter = desk.state.reportable(now, room).ok_or_else(not_in_room)?;
            drop(desk);
            take_block(session, room, &encounter, services)
        }
    }
}

/// Takes what was `said` from what the session may do.
///
/// # Errors
/// It is too often; nothing has changed.
pub(super) fn allow(
    session: &Session,
    said: Said,
    now: Moment,
    metrics: &Metrics,
) -> Result<(), Refused> {
    session.allow(said, now).map_err(|refused| too_often(metrics, said.limit(), refused))
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
    let parted = left.as_ref().map(|seat| seat.names);
    let event = Event::Leaves { session: session.id(), parted };
    Aftermath { event: Some(event), news: News::parted(left.as_ref(), WhyLeft::Left) }
}

/// Its lines are hashed and it is weighed without the desk: the partner may say
/// something meanwhile.
fn take_report(
    session: &Session,
    report: &Report<'_>,
    encounter: &Encounter,
    now: Moment,
    services: &Services<'_>,
) -> Result<Aftermath, Refused> {
    let Services { metrics, moderation, limits, .. } = *services;
    limits
        .take(Asked::Report, session.identity().address, now)
        .map_err(|refused| too_often(metrics, Limit::ReportOfAddress, refused))?;
    moderation.report(session, report, encounter, now).map_err(overfull)?;
    metrics.reports.with_label_values(&[report.reason.name()]).inc();
    session.send(&ServerMessage::Reported { room: report.room });
    Ok(separate(session, &encounter.identity))
}

fn take_block(
    session: &Session,
    room: RoomId,
    encounter: &Encounter,
    services: &Services<'_>,
) -> Result<Aftermath, Refused> {
    let Services { metrics, moderation, .. } = *services;
    moderation.separate(session.identity(), &encounter.identity).map_err(overfull)?;
    metrics.blocks.inc();
    session.send(&ServerMessage::Blocked { room });
    Ok(separate(session, &encounter.identity))
}

/// The two never meet again.
fn separate(session: &Session, of: &Identity) -> Aftermath {
    let event = Event::Separates([session.person(), of.person()]);
    Aftermath { event: Some(event), news: None }
}

fn too_often(metrics: &Metrics, limit: Limit, refused: limiter::Refused) -> Refused {
    metrics.moderation.limited(limit);
    Refused {
        code: ErrorCode::RateLimited,
        words: "that was too often; nothing has changed".into(),
        retry_after: Some(refused.again),
    }
}

fn overfull(_: Overfull) -> Refused {
    let words = "this can't be taken just now; please try again in a moment";
    Refused {
        code: ErrorCode::Unavailable,
        words: words.into(),
        retry_after: Some(AGAIN_WHEN_OVERFULL),
    }
}

fn no_relay(why: NoRelay) -> Refused {
    Refused::new(ErrorCode::Unavailable, why.to_string())
}

fn not_in_room() -> Refused {
    Refused::new(ErrorCode::NotInRoom, "you are not in that room")
}
