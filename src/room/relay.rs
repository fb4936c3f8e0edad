//! A signal's way from one side of a room to the other.

use std::sync::Arc;

use parking_lot::MutexGuard;

use crate::clock::Moment;
use crate::exchange::bridge::Bridge;
use crate::exchange::letter::Content;
use crate::privacy::conceal;
use crate::protocol::{Payload, Signal};
use crate::session::desk::{Desk, Way};
use crate::session::handle::Session;
use crate::session::lines::{LineHash, Side};
use crate::session::services::Services;
use crate::session::state::Standing;

/// The sender never had the room that a message names.
#[derive(Debug, PartialEq, Eq)]
pub struct NotInRoom;

/// Forwards `signal`, which came in at `received`, to the partner of `sender`, at
/// whose `desk` this is, in its room. One for a room that has ended is dropped in
/// silence: it crossed the end on its way (rule 2). Of a private sender no address goes
/// on (rule 9).
///
/// # Errors
/// [`NotInRoom`].
pub fn relay(
    sender: &Session,
    desk: MutexGuard<'_, Desk>,
    signal: &Signal<'_>,
    received: Moment,
    services: &Services<'_>,
) -> Result<(), NotInRoom> {
    let metrics = services.metrics;
    let partner = match desk.state.standing(signal.room) {
        Standing::Here(seat) => Some((seat.partner.way.clone(), seat.private)),
        Standing::Former => None,
        Standing::Never => return Err(NotInRoom),
    };
    drop(desk);
    let Some((partner, private)) = partner else {
        metrics.stale_signals.inc();
        return Ok(());
    };
    let concealed = private.then(|| conceal(signal.payload));
    let signal = match &concealed {
        None => *signal,
        Some(Some(concealed)) => Signal::new(signal.room, concealed.payload()),
        Some(None) => {
            metrics.concealed_candidates.inc();
            return Ok(());
        }
    };
    let line = signal.payload.line().map(|text| services.moderation.hash_line(signal.room, &text));
    if deliver(sender, &partner, signal, line, received) {
        let mut counts = [0; Payload::NAMES.len()];
        counts[signal.payload.index()] = 1;
        metrics.forwarded(&counts);
        trace_answer(sender, &signal, received, services);
        if line.is_some() {
            sender.lock().state.note_line(signal.room, Side::Mine, line);
        }
    } else {
        metrics.stale_signals.inc();
    }
    Ok(())
}

/// Where pairs are traced, an answer may be the end of what is told of one.
fn trace_answer(sender: &Session, signal: &Signal<'_>, received: Moment, services: &Services<'_>) {
    let traces = &services.metrics.traces;
    if traces.on()
        && matches!(signal.payload, Payload::CreateAnswer { .. })
        && let Some(matched) = sender.lock().state.first_answer(signal.room)
        && let Some(trace) = traces.of(received, signal.room)
    {
        trace.answered(matched);
    }
}

/// Hands a signal to who sits opposite; whether it counts. A partner that has just
/// gone to another node is found there.
fn deliver(
    sender: &Session,
    partner: &Way,
    signal: Signal<'_>,
    line: Option<LineHash>,
    received: Moment,
) -> bool {
    let put = |desk: &mut Desk| {
        desk.push(signal.encode(), Some(received));
        desk.state.note_line(signal.room, Side::Theirs, line);
    };
    let bridge = match partner {
        Way::Here(receiver) if receiver.hand_in(signal.room, put) => return true,
        Way::Here(_) => bridge_of(sender, &signal),
        Way::There(bridge) => Some(bridge.clone()),
    };
    if let Some(bridge) = &bridge {
        bridge.say(received, Content::Signal(signal.encode().text(), line));
    }
    bridge.is_some()
}

fn bridge_of(sender: &Session, signal: &Signal<'_>) -> Option<Arc<Bridge>> {
    match sender.lock().state.standing(signal.room) {
        Standing::Here(seat) => match &seat.partner.way {
            Way::There(bridge) => Some(bridge.clone()),
            Way::Here(_) => None,
        },
        Standing::Former | Standing::Never => None,
    }
}
