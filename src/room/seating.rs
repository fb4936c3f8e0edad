//! How two people sit down together, and how a room ends.

use std::sync::Arc;

use parking_lot::MutexGuard;

use crate::clock::Moment;
use crate::ice::Ice;
use crate::ids::RoomId;
use crate::metrics::Metrics;
use crate::protocol::{IceServer, Role, ServerMessage, WhyLeft};
use crate::session::desk::{Desk, Partner};
use crate::session::handle::Session;
use crate::session::state::{Opposite, Seat, Terms};

/// One side of a proposed pair: counts only while the session still waits under
/// `epoch`.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Whose wait it is.
    pub session: Arc<Session>,
    /// Under which the wait was announced.
    pub epoch: u64,
}

impl Invitation {
    /// Whether the session still waits under the epoch.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.session.lock().state.awaits(self.epoch)
    }
}

/// Seats two people in a new room on these `terms` and puts both `matched` into their outboxes
/// before either can send into it. Both or neither: where one doesn't wait any
/// more, returns for each side whether it still does.
///
/// # Errors
/// `[offerer still waits, answerer still waits]`, at least one of them false.
pub fn seat(
    now: Moment,
    offerer: &Invitation,
    answerer: &Invitation,
    terms: Terms,
    ice: &Ice,
    metrics: &Metrics,
) -> Result<RoomId, [bool; 2]> {
    let room = RoomId::random();
    // Signed before the two are locked, as signing takes longest.
    let servers = [offerer, answerer].map(|side| ice.for_session(side.session.id()));
    let [mut first, mut second] = lock_both(&offerer.session, &answerer.session);
    let wait = [first.state.awaits(offerer.epoch), second.state.awaits(answerer.epoch)];
    if wait != [true, true] {
        return Err(wait);
    }
    let open = metrics.open_room();
    let terms = Arc::new(terms);
    let sit = |desk: &mut Desk, opposite: &Arc<Session>, ice_servers: &[IceServer<'_>], role| {
        let partner = Partner { session: opposite.clone(), _room: open.clone() };
        let private = ice.privacy.hides(desk.state.preferences().private);
        desk.state.sit(Seat {
            room,
            partner,
            person: opposite.person(),
            since: now,
            role,
            terms: terms.clone(),
            private,
            opposite: Opposite::default(),
        });
        let matched = ServerMessage::Matched {
            room,
            role,
            mode: terms.mode,
            interests: &terms.interests,
            ice_servers,
            ice_ttl: ice.ttl_seconds(),
            private,
        };
        desk.push(matched.encode(), None);
    };
    sit(&mut first, &answerer.session, &servers[0], Role::Offerer);
    sit(&mut second, &offerer.session, &servers[1], Role::Answerer);
    let bells = [first.bell(), second.bell()];
    drop((first, second));
    bells.iter().for_each(|bell| bell.ring());
    Ok(room)
}

/// Ends `room` for `session`, whose partner left it. Nothing happens where
/// `session` left it as well.
pub fn part(now: Moment, session: &Arc<Session>, room: RoomId, reason: WhyLeft) {
    session.hand(|desk| {
        if desk.state.part(now, room) {
            desk.push(ServerMessage::PeerLeft { room, reason }.encode(), None);
        }
    });
}

/// Locks two sessions in the order of their addresses, so that two who do so
/// never wait for each other.
fn lock_both<'a>(one: &'a Arc<Session>, other: &'a Arc<Session>) -> [MutexGuard<'a, Desk>; 2] {
    if Arc::as_ptr(one) < Arc::as_ptr(other) {
        let first = one.lock();
        [first, other.lock()]
    } else {
        let second = other.lock();
        [one.lock(), second]
    }
}
