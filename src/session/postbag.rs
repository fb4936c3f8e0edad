//! What a connection's task has for others, sent by itself when it has done all
//! that came in: many messages for one partner go out in one write, and the
//! partner's task, maybe on another thread, need not be woken for them.

use std::cell::RefCell;
use std::sync::Arc;

use super::bell::Bell;
use super::handle::Session;

/// More sessions than this are not kept in mind; their tasks are to be woken.
const MAX_SESSIONS: usize = 64;

thread_local! {
    static BAG: RefCell<Bag> = RefCell::default();
}

#[derive(Default)]
struct Bag {
    collecting: bool,
    sessions: Vec<(Arc<Session>, Arc<Bell>)>,
}

/// While this is there, the thread collects. What it collected is sent when it
/// goes.
#[derive(Debug)]
pub struct Collecting(());

/// Begins to collect.
#[must_use = "it ends at once"]
pub fn collect() -> Collecting {
    BAG.with_borrow_mut(|bag| bag.collecting = true);
    Collecting(())
}

impl Drop for Collecting {
    fn drop(&mut self) {
        let mut sessions = BAG.take().sessions;
        for (session, bell) in sessions.drain(..) {
            bell.carry(&session);
        }
        // Its memory serves the next time.
        BAG.set(Bag { collecting: false, sessions });
    }
}

/// Whether this thread collects and will send what waits in `session`'s outbox;
/// else who hears `bell` is to be woken.
pub(super) fn put(session: &Arc<Session>, bell: &Arc<Bell>) -> bool {
    BAG.with_borrow_mut(|Bag { collecting, sessions }| {
        let last = sessions.last().is_some_and(|(_, last)| Arc::ptr_eq(last, bell));
        let kept = *collecting && (last || sessions.len() < MAX_SESSIONS);
        if kept && !last {
            sessions.push((session.clone(), bell.clone()));
        }
        kept
    })
}

#[cfg(test)]
mod tests {
    use parking_lot::Mutex;
    use prometheus::IntGauge;

    use super::super::bell::Wire;
    use super::super::token::Token;
    use super::*;
    use crate::identity::Identity;
    use crate::ids::SessionId;

    /// A way that notes whose outbox was sent.
    #[derive(Debug)]
    struct Note {
        works: bool,
        sent: Mutex<Vec<SessionId>>,
    }

    impl Wire for Note {
        fn carry(&self, session: &Session) -> bool {
            self.sent.lock().push(session.id());
            self.works
        }
    }

    fn wire(works: bool) -> (Arc<Note>, Arc<Bell>) {
        let note = Arc::new(Note { works, sent: Mutex::default() });
        (note.clone(), Arc::new(Bell::at(note)))
    }

    fn session(number: u128) -> Arc<Session> {
        let kept = IntGauge::new("bytes", "of all").unwrap();
        let id = SessionId::from_u128(number);
        Session::new(id, Token::presented("any").hash(), Identity::of_session(id), kept)
    }

    #[test]
    fn many_messages_go_out_at_once_when_the_work_is_done() {
        let (one, two) = (session(1), session(2));
        let ((first, first_bell), (second, second_bell)) = (wire(true), wire(true));
        let collecting = collect();
        for _ in 0..8 {
            assert!(put(&one, &first_bell));
        }
        assert!(put(&two, &second_bell));
        assert!(first.sent.lock().is_empty());
        drop(collecting);
        assert_eq!(*first.sent.lock(), [one.id()]);
        assert_eq!(*second.sent.lock(), [two.id()]);
        assert!(!first_bell.rings() && !second_bell.rings());
    }

    #[test]
    fn a_newer_connection_of_the_same_session_is_not_taken_for_the_older() {
        let one = session(1);
        let ((older, older_bell), (newer, newer_bell)) = (wire(false), wire(true));
        let collecting = collect();
        assert!(put(&one, &older_bell));
        assert!(put(&one, &newer_bell));
        drop(collecting);
        assert_eq!((older.sent.lock().len(), newer.sent.lock().len()), (1, 1));
    }

    #[test]
    fn the_task_is_woken_where_its_way_does_not_work_or_nobody_collects() {
        let one = session(1);
        let (_, bell) = wire(false);
        let collecting = collect();
        assert!(put(&one, &bell));
        drop(collecting);
        assert!(bell.rings());
        let (note, bell) = wire(true);
        assert!(!put(&one, &bell), "nobody would send it");
        assert!(note.sent.lock().is_empty());
    }

    #[test]
    fn those_beyond_the_bound_are_to_be_woken_at_once() {
        let bells: Vec<_> = (0..=MAX_SESSIONS).map(|_| wire(true).1).collect();
        let collecting = collect();
        for (number, bell) in bells.iter().enumerate() {
            assert_eq!(put(&session(number as u128), bell), number < MAX_SESSIONS);
        }
        drop(collecting);
        assert!(bells[..MAX_SESSIONS].iter().all(|bell| !bell.rings()));
    }
}
