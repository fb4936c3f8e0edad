//! How two people sit down together, and how a room ends.

use std::sync::Arc;

use crate::clock::Moment;
use crate::ice::Ice;
use crate::identity::Identity;
use crate::ids::RoomId;
use crate::matchmaking::ticket::{Names, names};
use crate::metrics::Metrics;
use crate::protocol::{IceServer, Role, ServerMessage, WhyLeft};
use crate::session::desk::{Desk, Partner, Way};
use crate::session::handle::{Session, lock_both};
use crate::session::state::{Opposite, Seat, State, Terms};

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

    /// Tells the person that the wait has begun, if it goes on and was not told yet. In
    /// a crowd most are paired by then: nobody is to be woken for them.
    pub fn announce(&self) {
        if self.session.lock().state.waits_under(self.epoch) {
            self.session.hand(|desk| {
                if desk.state.announce(self.epoch) {
                    desk.push(ServerMessage::Waiting {}.encode(), None);
                }
            });
        }
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
    let chair = |session: &Session, opposite: &Arc<Session>, role| Chair {
        room,
        role,
        terms: terms.clone(),
        names: names(session.name(), opposite.name()),
        identity: opposite.identity().clone(),
        partner: Partner { way: Way::Here(opposite.clone()), _room: Some(open.clone()) },
    };
    let (one, other) = (&offerer.session, &answerer.session);
    sit(&mut first, now, chair(one, other, Role::Offerer), &servers[0], ice);
    sit(&mut second, now, chair(other, one, Role::Answerer), &servers[1], ice);
    let bells = [one.put_in_bag(&first), other.put_in_bag(&second)];
    drop((first, second));
    bells.iter().flatten().for_each(|bell| bell.ring());
    Ok(room)
}

/// A free seat, and who sits opposite.
#[derive(Debug)]
pub struct Chair {
    /// The room.
    pub room: RoomId,
    /// Who makes the first offer.
    pub role: Role,
    /// What the two have in common.
    pub terms: Arc<Terms>,
    /// Under which names the two are kept apart afterwards.
    pub names: Names,
    /// Who sits opposite.
    pub identity: Arc<Identity>,
    /// The way there.
    pub partner: Partner,
}

/// Seats one person opposite somebody on another node, where `agreed` says that
/// their session agrees; whether it does. `and_then` is done before anything can
/// be said in the room.
pub fn seat_across(
    now: Moment,
    session: &Session,
    agreed: impl FnOnce(&State<Partner>) -> bool,
    chair: Chair,
    ice: &Ice,
    and_then: impl FnOnce(),
) -> bool {
    let servers = ice.for_session(session.id());
    session.update(|desk| {
        let agrees = agreed(&desk.state);
        if agrees {
            sit(desk, now, chair, &servers, ice);
            and_then();
        }
        agrees
    })
}

fn sit(desk: &mut Desk, now: Moment, chair: Chair, ice_servers: &[IceServer<'_>], ice: &Ice) {
    let Chair { room, role, terms, names, identity, partner } = chair;
    let private = ice.privacy.hides(desk.state.preferences().private);
    let matched = ServerMessage::Matched {
        room,
        role,
        mode: terms.mode,
        interests: &terms.interests,
        ice_servers,
        ice_ttl: ice.ttl_seconds(),
        private,
    };
    let matched = matched.encode();
    let opposite = Opposite::default();
    desk.state.sit(Seat {
        room,
        partner,
        names,
        identity,
        lines: None,
        since: now,
        role,
        terms,
        private,
        opposite,
        answered: false,
    });
    desk.push(matched, None);
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::ids::SessionId;
    use crate::protocol::{Mode, Preferences};
    use crate::session::bell::Bell;
    use crate::session::postbag::collect;
    use crate::session::token::Token;

    /// Somebody who waits, with a connection whose bell nobody hears.
    pub(in crate::room) fn waiting(number: u128, metrics: &Metrics) -> Invitation {
        let (id, token) = (SessionId::from_u128(number), Token::presented("any").hash());
        let identity = Identity::of_session(id);
        let session = Session::new(id, token, identity, metrics.kept_bytes.clone());
        session.lock().open(&Arc::<Bell>::default());
        let epoch = session.lock().state.join(Moment::default(), Preferences::default()).epoch;
        Invitation { session, epoch }
    }

    #[test]
    fn two_who_are_paired_are_told_by_the_thread_that_paired_them() {
        let metrics = Metrics::new();
        let [offerer, answerer] = [1, 2].map(|number| waiting(number, &metrics));
        let [one, other] = [&offerer, &answerer].map(|side| side.session.lock().bell());
        let (now, terms) = (Moment::default(), Terms { mode: Mode::Text, interests: Vec::new() });
        let collecting = collect();
        seat(now, &offerer, &answerer, terms, &Ice::none(), &metrics).unwrap();
        assert!(!one.rings() && !other.rings(), "it sends when it has done all");
        drop(collecting);
        assert!(one.rings() && other.rings(), "there was no way to send it");
    }
}
