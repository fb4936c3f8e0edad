//! A signal's way from one side of a room to the other.

use std::sync::Arc;

use parking_lot::MutexGuard;

use crate::clock::Moment;
use crate::metrics::Metrics;
use crate::privacy::conceal;
use crate::protocol::Signal;
use crate::session::desk::Desk;
use crate::session::handle::Session;
use crate::session::state::Standing;

/// The sender never had the room that a message names.
#[derive(Debug, PartialEq, Eq)]
pub struct NotInRoom;

/// Forwards `signal`, which came in at `received`, to the partner of `sender` in its
/// room. One for a room that has ended is dropped in silence: it crossed the
/// end on its way (rule 2). Of a private sender no address goes on (rule 9).
///
/// # Errors
/// [`NotInRoom`].
pub fn relay(
    sender: MutexGuard<'_, Desk>,
    signal: &Signal<'_>,
    received: Moment,
    metrics: &Metrics,
) -> Result<(), NotInRoom> {
    let partner = match sender.state.standing(signal.room) {
        Standing::Here(seat) => Some((seat.partner.session.clone(), seat.private)),
        Standing::Former => None,
        Standing::Never => return Err(NotInRoom),
    };
    drop(sender);
    let Some((partner, private)) = partner else {
        metrics.stale_signals.inc();
        return Ok(());
    };
    let concealed = private.then(|| conceal(signal.payload));
    let payload = match &concealed {
        None => signal.payload,
        Some(Some(concealed)) => concealed.payload(),
        Some(None) => {
            metrics.concealed_candidates.inc();
            return Ok(());
        }
    };
    if deliver(&partner, Signal { payload, ..*signal }, received) {
        metrics.forwarded(&signal.payload);
    } else {
        metrics.stale_signals.inc();
    }
    Ok(())
}

/// Invariant 2: a signal is delivered only while the receiver stands in its
/// room as well.
fn deliver(receiver: &Arc<Session>, signal: Signal<'_>, received: Moment) -> bool {
    receiver.hand(|desk| {
        let here = matches!(desk.state.standing(signal.room), Standing::Here(_));
        if here {
            desk.push(signal.encode(), Some(received));
        }
        here
    })
}
