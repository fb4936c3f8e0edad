//! A signal's way from one side of a room to the other.

use std::sync::Arc;

use crate::clock::Moment;
use crate::ids::RoomId;
use crate::metrics::Metrics;
use crate::privacy::conceal;
use crate::protocol::{Encoded, Signal};
use crate::session::handle::Session;
use crate::session::state::Standing;

/// The sender never had the room that a message names.
#[derive(Debug, PartialEq, Eq)]
pub struct NotInRoom;

/// Forwards `signal`, which came in at `received`, to `sender`'s partner in its
/// room. One for a room that has ended is dropped in silence: it crossed the
/// end on its way (rule 2). Of a private sender no address goes on (rule 9).
///
/// # Errors
/// [`NotInRoom`].
pub fn relay(
    sender: &Session,
    signal: &Signal<'_>,
    received: Moment,
    metrics: &Metrics,
) -> Result<(), NotInRoom> {
    let partner = match sender.lock().state.standing(signal.room) {
        Standing::Here(seat) => Some((seat.partner.session.clone(), seat.private)),
        Standing::Former => None,
        Standing::Never => return Err(NotInRoom),
    };
    let Some((partner, private)) = partner else {
        metrics.stale_signals.inc();
        return Ok(());
    };
    let Some(message) = encode(signal, private) else {
        metrics.concealed_candidates.inc();
        return Ok(());
    };
    if deliver(&partner, signal.room, message, received) {
        metrics.forwarded(&signal.payload);
    } else {
        metrics.stale_signals.inc();
    }
    Ok(())
}

/// The message for the partner; `None` where a `private` sender's signal holds
/// nothing that the partner may know (rule 9).
fn encode(signal: &Signal<'_>, private: bool) -> Option<Encoded> {
    if private {
        Some(conceal(signal.payload)?.payload().encode(signal.room))
    } else {
        Some(signal.payload.encode(signal.room))
    }
}

/// Invariant 2: a signal is delivered only while the receiver stands in its
/// room as well.
fn deliver(receiver: &Arc<Session>, room: RoomId, message: Encoded, received: Moment) -> bool {
    receiver.hand(|desk| {
        let here = matches!(desk.state.standing(room), Standing::Here(_));
        if here {
            desk.push(message, Some(received));
        }
        here
    })
}
