//! The one who pairs people, and the handle by which sessions reach it.
//!
//! It has no thread of its own: whoever brings an event runs it, unless somebody
//! else does just then, who takes that event as well. So a pair costs no hop to
//! another thread and back, and nobody waits for a pool that is busy.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::sleep_until;

use super::host::{Event, Host};
use super::pool::Meeting;
use super::proposal::Acquaintance;
use crate::clock::{Clock, Moment};
use crate::exchange::gate::Gate;
use crate::ids::PersonId;

/// Events that may wait for who runs the actor. Full: whoever has more waits for
/// its turn to run it.
const QUEUE: usize = 4096;
/// No alarm is set.
const NEVER: u64 = u64::MAX;

/// The way to the actor.
#[derive(Clone, Debug)]
pub struct Matchmaker(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    actor: Arc<Actor>,
    timer: AbortHandle,
}

struct Actor {
    host: Mutex<Host>,
    queue: Mutex<VecDeque<Event>>,
    clock: Clock,
    /// Where it waits while what is known of people may be outdated.
    gate: Option<Arc<Gate>>,
    /// When the timer looks again, in microseconds of the clock.
    alarm: AtomicU64,
    earlier: Notify,
}

impl Matchmaker {
    /// Starts the actor; it ends when the last handle is dropped. It does nothing while
    /// the `gate` says so.
    #[must_use]
    pub fn start(host: Host, clock: Clock, gate: Option<Arc<Gate>>) -> Self {
        let actor = Arc::new(Actor {
            host: Mutex::new(host),
            queue: Mutex::default(),
            clock,
            gate,
            alarm: AtomicU64::new(NEVER),
            earlier: Notify::new(),
        });
        let timer = tokio::spawn(keep_time(actor.clone())).abort_handle();
        Self(Arc::new(Handle { actor, timer }))
    }

    /// Hands over an event, after all that this session handed over before. It
    /// has been acted on, or soon will be by another thread.
    pub fn tell(&self, event: Event) {
        let actor = &*self.0.actor;
        let full = actor.put(event);
        let turn = if full { Some(actor.host.lock()) } else { actor.host.try_lock() };
        if let Some(host) = turn {
            actor.run(host);
        }
    }

    /// The gate is open again.
    pub fn go_on(&self) {
        let actor = &*self.0.actor;
        actor.run(actor.host.lock());
    }

    /// Whom a person met or is kept apart from, for another node.
    #[must_use]
    pub fn acquaintances(&self, person: PersonId) -> Vec<Acquaintance> {
        let actor = &*self.0.actor;
        actor.run(actor.host.lock());
        actor.host.lock().acquaintances(actor.clock.now(), person)
    }

    /// Who met whom and who is kept apart, for the next process.
    #[must_use]
    pub fn memory(&self) -> Vec<Meeting> {
        let actor = &*self.0.actor;
        actor.run(actor.host.lock());
        actor.host.lock().memory(actor.clock.now())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.timer.abort();
    }
}

impl Actor {
    /// Whether the queue is full now.
    fn put(&self, event: Event) -> bool {
        let mut queue = self.queue.lock();
        queue.push_back(event);
        queue.len() >= QUEUE
    }

    fn take(&self) -> Option<Event> {
        self.queue.lock().pop_front()
    }

    /// Takes all events. One that came while the lock was let go, and whose
    /// bringer found it held, is taken as well.
    fn run<'a>(&'a self, mut host: MutexGuard<'a, Host>) {
        loop {
            let now = self.clock.now();
            if self.gate.as_ref().is_some_and(|gate| gate.pairs_nobody(now)) {
                return;
            }
            host.advance(now);
            while let Some(event) = self.take() {
                host.apply(now, event);
            }
            host.show();
            self.set_alarm(&host);
            drop(host);
            if self.queue.lock().is_empty() {
                return;
            }
            let Some(again) = self.host.try_lock() else { return };
            host = again;
        }
    }

    /// Has the timer look earlier, where that is wanted. It may look too early:
    /// most alarms are gone before they are due.
    fn set_alarm(&self, host: &Host) {
        let due = host.next_wake().map_or(NEVER, Moment::micros);
        if due < self.alarm.load(Ordering::Relaxed) {
            self.alarm.store(due, Ordering::Relaxed);
            self.earlier.notify_one();
        }
    }
}

/// Runs the actor when time alone has something to bring about.
async fn keep_time(actor: Arc<Actor>) {
    loop {
        let alarm = actor.alarm.load(Ordering::Relaxed);
        let due = async {
            match alarm {
                NEVER => std::future::pending().await,
                due => sleep_until(actor.clock.instant(Moment::from_micros(due))).await,
            }
        };
        tokio::select! {
            () = due => {
                let host = actor.host.lock();
                actor.alarm.store(NEVER, Ordering::Relaxed);
                actor.run(host);
            }
            () = actor.earlier.notified() => (),
        }
    }
}

impl std::fmt::Debug for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Actor").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::time::Duration;

    use super::*;
    use crate::ice::Ice;
    use crate::identity::Identity;
    use crate::ids::SessionId;
    use crate::matchmaking::pool::Config;
    use crate::metrics::Metrics;
    use crate::protocol::{ClientMessage, Mode, Preferences, decode};
    use crate::session::handle::Session;
    use crate::session::token::Token;

    const THREADS: usize = 4;
    const ROUNDS: usize = 5_000;

    fn start() -> (Matchmaker, Arc<Metrics>) {
        let metrics = Arc::new(Metrics::new());
        let host = Host::new(Config::default(), 1, Arc::new(Ice::none()), metrics.clone());
        (Matchmaker::start(host, Clock::start(), None), metrics)
    }

    fn join(
        matchmaker: &Matchmaker,
        metrics: &Metrics,
        number: u128,
        wish: Preferences,
    ) -> Arc<Session> {
        let token = Token::presented("any").hash();
        let id = SessionId::from_u128(number);
        let session = Session::new(id, token, Identity::of_session(id), metrics.kept_bytes.clone());
        let wait = session.lock().state.join(matchmaker.0.actor.clock.now(), wish);
        matchmaker.tell(Event::waits(&session, &wait));
        session
    }

    fn wish(interest: &str) -> Preferences {
        let join = format!(r#"{{"type":"join","interests":["{interest}"]}}"#);
        let Ok(ClientMessage::Join(preferences)) = decode(&join) else { panic!("a join") };
        preferences
    }

    #[tokio::test]
    async fn news_that_come_at_the_same_moment_are_all_taken() {
        let (matchmaker, metrics) = start();
        let together = Barrier::new(THREADS);
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (matchmaker, metrics, together) = (&matchmaker, &metrics, &together);
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        together.wait();
                        let number = (round * THREADS + thread) as u128;
                        join(matchmaker, metrics, number, Preferences::default());
                        together.wait();
                        assert!(matchmaker.0.actor.queue.lock().is_empty(), "left lying");
                    }
                });
            }
        });
        assert_eq!(metrics.pairs[Mode::Video].get(), (ROUNDS * THREADS / 2) as u64);
    }

    #[tokio::test(start_paused = true)]
    async fn what_time_alone_brings_about_needs_no_news() {
        let (matchmaker, metrics) = start();
        let one = join(&matchmaker, &metrics, 1, wish("tea"));
        let other = join(&matchmaker, &metrics, 2, wish("chess"));
        tokio::time::sleep(Duration::from_millis(4900)).await;
        assert!(one.lock().state.seat().is_none());
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(one.lock().state.seat().is_some() && other.lock().state.seat().is_some());
    }
}
