//! Brings sessions to life that an earlier process left.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::desk::{Partner, Way};
use super::handle::Session;
use super::link::Link;
use super::node::Node;
use super::record::SessionRecord;
use crate::clock::Moment;
use crate::ids::{RoomId, SessionId};
use crate::matchmaking::host::Event;
use crate::metrics::Counted;

/// Brings recorded sessions to life, each away; `new_session` makes each from
/// its record, `open_room` counts a room. A room that only one side was
/// recorded to sit in is over: the other had left it and not yet said so.
pub fn revive(
    records: Vec<SessionRecord>,
    now: Moment,
    new_session: impl Fn(&SessionRecord) -> Arc<Session>,
    open_room: impl Fn() -> Arc<Counted>,
) -> Vec<Arc<Session>> {
    let sessions: HashMap<_, _> =
        records.iter().map(|record| (record.id, new_session(record))).collect();
    let seats: HashSet<(SessionId, RoomId)> =
        records.iter().filter_map(|record| Some((record.id, record.room()?))).collect();
    let mut rooms: HashMap<RoomId, Arc<Counted>> = HashMap::new();
    for record in records {
        let mut partner = |room: RoomId, id: SessionId| {
            let session = sessions.get(&id).filter(|_| seats.contains(&(id, room)))?.clone();
            let _room = rooms.entry(room).or_insert_with(&open_room).clone();
            Some(Partner { way: Way::Here(session), _room: Some(_room) })
        };
        let mut desk = sessions[&record.id].lock();
        desk.outbox.restore(record.outbox);
        desk.restore(now, Link::numbered(record.link), record.state, &mut partner);
    }
    sessions.into_values().collect()
}

/// Brings recorded sessions to life and looks after each for `grace`.
pub fn restore(node: &Arc<Node>, records: Vec<SessionRecord>, grace: Duration) {
    let new_session =
        |record: &SessionRecord| node.new_session(record.id, record.token, record.identity);
    let revived = revive(records, node.clock.now(), new_session, || node.metrics.open_room());
    for session in revived {
        let (link, bell) = {
            let desk = session.lock();
            (desk.link(), desk.bell())
        };
        node.sessions.add(session.clone());
        let (person, acquaintances) = (session.person(), Vec::new());
        node.matchmaker.tell(Event::Arrives { person, acquaintances });
        actix_rt::spawn(super::presence::keep(node.clone(), session, link, bell, grace));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ice::Ice;
    use crate::identity::Identity;
    use crate::metrics::Metrics;
    use crate::protocol::{Encoded, Mode, Preferences, ServerMessage};
    use crate::room::{Invitation, seat};
    use crate::session::state::Terms;
    use crate::session::token::Token;

    fn session(id: SessionId) -> Arc<Session> {
        let token = Token::presented(&id.to_string()).hash();
        let kept = prometheus::IntGauge::new("bytes", "kept").unwrap();
        Session::new(id, token, Identity::of_session(id), kept)
    }

    fn waiting(number: u128) -> Invitation {
        let session = session(SessionId::from_u128(number));
        let epoch = session.lock().state.join(Moment::default(), Preferences::default()).epoch;
        Invitation { session, epoch }
    }

    fn revived(sessions: &[&Invitation], metrics: &Metrics) -> Vec<Arc<Session>> {
        let record = |side: &&Invitation| SessionRecord::of(&side.session, Moment::default());
        let records = sessions.iter().filter_map(record).collect();
        revive(records, Moment::default(), |record| session(record.id), || metrics.open_room())
    }

    #[test]
    fn a_room_that_one_side_had_left_when_the_other_was_recorded_is_over() {
        let metrics = Metrics::new();
        for leaves in [false, true] {
            let (one, other) = (waiting(1), waiting(2));
            let terms = Terms { mode: Mode::Video, interests: Vec::new() };
            seat(Moment::default(), &one, &other, terms, &Ice::none(), &metrics).unwrap();
            if leaves {
                drop(one.session.lock().state.leave(Moment::default()));
            }
            let revived = revived(&[&one, &other], &metrics);
            let seated = revived.iter().filter(|session| session.lock().state.seat().is_some());
            assert_eq!(seated.count(), if leaves { 0 } else { 2 });
        }
    }

    #[test]
    fn rule_6_a_session_that_was_sent_too_much_is_not_handed_on() {
        let side = waiting(1);
        let idle = || -> Encoded<'static> { ServerMessage::Idle {}.encode() };
        side.session.update(|desk| (0..5000).for_each(|_| desk.push(idle(), None)));
        assert!(revived(&[&side], &Metrics::new()).is_empty());
    }
}
