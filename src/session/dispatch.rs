//! What each message of a client brings about.

use std::sync::Arc;

use super::desk::Partner;
use super::handle::Session;
use super::node::Node;
use super::presence::stand_up;
use super::state::Wait;
use crate::clock::Moment;
use crate::matchmaking::host::Event;
use crate::protocol::{ClientMessage, ErrorCode, Report, ServerMessage, Signal, WhyLeft, decode};
use crate::room::relay;

/// A message that was refused and changed nothing.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) code: ErrorCode,
    pub(super) words: String,
}

impl Refused {
    pub(super) fn new(code: ErrorCode, words: impl Into<String>) -> Self {
        Self { code, words: words.into() }
    }
}

/// Acts on `text`, which came in at `now`.
pub(super) async fn dispatch(
    node: &Node,
    session: &Arc<Session>,
    text: &str,
    now: Moment,
) -> Result<(), Refused> {
    let message = decode(text)
        .map_err(|malformed| Refused::new(ErrorCode::BadMessage, malformed.to_string()))?;
    match message {
        ClientMessage::Signal(signal) => forward(node, session, &signal, now)?,
        ClientMessage::Join(preferences) => {
            let wait = session.lock().state.join(now, preferences);
            begin_wait(node, session, wait, now).await;
        }
        ClientMessage::Next { room } => {
            let wait = session.lock().state.next(now, room);
            if let Some(wait) = wait {
                node.metrics.nexts.inc();
                begin_wait(node, session, wait, now).await;
            }
        }
        ClientMessage::Leave => leave(node, session, now).await,
        ClientMessage::Report(report) => take_report(node, session, report, now).await?,
    }
    Ok(())
}

fn forward(
    node: &Node,
    session: &Session,
    signal: &Signal<'_>,
    now: Moment,
) -> Result<(), Refused> {
    relay(session, signal, now, &node.metrics).map_err(|_| not_in_room())
}

/// The pool hears of the end of the old room before the partner does, so that
/// it never pairs the two anew.
async fn begin_wait(node: &Node, session: &Arc<Session>, wait: Wait<Partner>, now: Moment) {
    node.matchmaker.tell(Event::waits(session, &wait)).await;
    stand_up(wait.left, now, WhyLeft::Next);
}

async fn leave(node: &Node, session: &Arc<Session>, now: Moment) {
    let left = session.update(|desk| {
        let left = desk.state.leave(now);
        desk.push(ServerMessage::Idle {}.encode(), None);
        left
    });
    let parted = left.as_ref().map(|seat| seat.person);
    let (id, person) = (session.id(), session.person());
    node.matchmaker.tell(Event::Leaves { session: id, person, parted }).await;
    stand_up(left, now, WhyLeft::Left);
}

async fn take_report(
    node: &Node,
    session: &Session,
    report: Report,
    now: Moment,
) -> Result<(), Refused> {
    let partner = session.lock().state.reportable(now, report.room).ok_or_else(not_in_room)?;
    node.matchmaker.tell(Event::Reports { by: session.person(), of: partner }).await;
    node.metrics.reports.with_label_values(&[report.reason.name()]).inc();
    session.send(&ServerMessage::Reported { room: report.room });
    Ok(())
}

fn not_in_room() -> Refused {
    Refused::new(ErrorCode::NotInRoom, "you are not in that room")
}
