//! What a connection's task has for others, sent by itself when it has done all
//! that came in: many messages for one partner go out in one write, and the
//! partner's task, maybe on another thread, need not be woken for them.

use std::cell::RefCell;
use std::sync::Arc;

use super::bell::Bell;
use super::handle::Session;

/// More sessions than this are not kept in mind; their tasks are woken at once.
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
pub(super) struct Collecting(());

/// Begins to collect.
pub(super) fn collect() -> Collecting {
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

/// Has what waits in `session`'s outbox sent at the end, where this thread
/// collects; else wakes who hears `bell`.
pub(super) fn put(session: &Arc<Session>, bell: Arc<Bell>) {
    let kept = BAG.with_borrow_mut(|Bag { collecting, sessions }| {
        let last = sessions.last().is_some_and(|(_, last)| Arc::ptr_eq(last, &bell));
        let kept = *collecting && (last || sessions.len() < MAX_SESSIONS);
        if kept && !last {
            sessions.push((session.clone(), bell.clone()));
        }
        kept
    });
    if !kept {
        bell.ring();
    }
}
