//! The one task that pairs people, and the handle by which sessions reach it.

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::host::{Event, Host};
use super::pool::Meeting;
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
    commands: mpsc::Sender<Command>,
}

#[derive(Debug)]
enum Command {
    /// News of a session.
    Event(Event),
    /// Who met whom is wanted.
    Memory(oneshot::Sender<Vec<Meeting>>),
}

impl Matchmaker {
    /// Starts the actor; it ends when the last handle is dropped.
    #[must_use]
    pub fn start(host: Host, clock: Clock) -> (Self, JoinHandle<()>) {
        let (commands, queue) = mpsc::channel(QUEUE);
        let actor = Actor { host, clock, queue };
        (Self { commands }, tokio::spawn(actor.run()))
    }

    /// Hands over an event, after all that this session handed over before.
    pub async fn tell(&self, event: Event) {
        if self.commands.send(Command::Event(event)).await.is_err() {
            tracing::debug!("pairing has stopped");
        }
    }

    /// Who met whom and who is kept apart, for the next process. `None` where
    /// the actor has ended.
    pub async fn memory(&self) -> Option<Vec<Meeting>> {
        let (answer, memory) = oneshot::channel();
        self.commands.send(Command::Memory(answer)).await.ok()?;
        memory.await.ok()
    }
}

struct Actor {
    host: Host,
    clock: Clock,
    queue: mpsc::Receiver<Command>,
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

    fn step(&mut self, batch: &mut Vec<Command>) {
        let now = self.clock.now();
        self.host.advance(now);
        for command in batch.drain(..) {
            match command {
                Command::Event(event) => self.host.apply(now, event),
                // Who asked may have gone since.
                Command::Memory(answer) => drop(answer.send(self.host.memory(now))),
            }
        }
        self.host.show();
    }
}
