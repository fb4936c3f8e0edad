//! The one task that pairs people, and the handle by which sessions reach it.

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::host::{Event, Host};
use crate::clock::Clock;

/// Events that may wait for the actor. Full: whoever has news waits, and reads
/// nothing more from its client until then. The actor awaits nobody, so the
/// queue empties.
const QUEUE: usize = 4096;
/// Events taken at once.
const BATCH: usize = 256;

/// The way to the actor.
#[derive(Clone, Debug)]
pub struct Matchmaker {
    events: mpsc::Sender<Event>,
}

impl Matchmaker {
    /// Starts the actor; it ends when the last handle is dropped.
    #[must_use]
    pub fn start(host: Host, clock: Clock) -> (Self, JoinHandle<()>) {
        let (events, queue) = mpsc::channel(QUEUE);
        let actor = Actor { host, clock, queue };
        (Self { events }, tokio::spawn(actor.run()))
    }

    /// Hands over an event, after all that this session handed over before.
    pub async fn tell(&self, event: Event) {
        if self.events.send(event).await.is_err() {
            tracing::debug!("pairing has stopped");
        }
    }
}

struct Actor {
    host: Host,
    clock: Clock,
    queue: mpsc::Receiver<Event>,
}

impl Actor {
    async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        let timer = sleep_until(Instant::now());
        tokio::pin!(timer);
        loop {
            let wake = self.host.next_wake().map(|due| self.clock.instant(due));
            if let Some(due) = wake.filter(|due| *due != timer.deadline()) {
                timer.as_mut().reset(due);
            }
            tokio::select! {
                biased;
                count = self.queue.recv_many(&mut batch, BATCH) => {
                    if count == 0 {
                        return;
                    }
                }
                () = &mut timer, if wake.is_some() => (),
            }
            self.step(&mut batch);
        }
    }

    fn step(&mut self, batch: &mut Vec<Event>) {
        let now = self.clock.now();
        self.host.advance(now);
        for event in batch.drain(..) {
            self.host.apply(now, event);
        }
        self.host.show();
    }
}
