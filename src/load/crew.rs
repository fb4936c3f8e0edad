//! The people of one process.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::peer::live;
use super::plan::Plan;
use super::process::{self, Usage};
use super::words::{Tick, Word};
use super::world::World;

/// Words that wait for the lead; where they are full, people wait.
pub(super) const WORDS: usize = 65_536;
/// How long people may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(10);
const SECOND_US: u64 = 1_000_000;

/// Lets people live until it is told to stop, and tells the lead what they see.
pub(super) async fn run(plan: Plan, words: mpsc::Sender<Word>, mut stop: watch::Receiver<bool>) {
    let everybody = plan.first..plan.first + plan.count;
    let world = Arc::new(World::new(plan, words));
    let mut people = JoinSet::new();
    for number in everybody {
        people.spawn(live(world.clone(), number, stop.clone()));
    }
    let mut ticker = Ticker { world: world.clone(), used: process::own().unwrap_or_default() };
    tokio::select! {
        () = ticker.tick_for_ever() => (),
        _ = stop.wait_for(|stop| *stop) => (),
    }
    let farewell = async { while people.join_next().await.is_some() {} };
    if timeout(FAREWELL, farewell).await.is_err() {
        world.tell(Word::Warning("not everybody could say goodbye in time".to_owned())).await;
    }
    // The begun second that is cut off.
    ticker.tick(world.at() as u64, 0.0).await;
    world.tell(Word::Done).await;
}

/// Tells what was counted, each second.
struct Ticker {
    world: Arc<World>,
    used: Usage,
}

impl Ticker {
    async fn tick_for_ever(&mut self) {
        let time = self.world.time;
        let mut due_us = self.world.plan.start_us.max(time.now_us()) + SECOND_US;
        loop {
            tokio::time::sleep_until(time.instant(due_us)).await;
            let late_us = time.now_us().saturating_sub(due_us);
            // What is told at the end of a second is that second's.
            let second = due_us.saturating_sub(self.world.plan.start_us) / SECOND_US;
            self.tick(second.saturating_sub(1), late_us as f64 / 1e3).await;
            due_us += SECOND_US.max(late_us / SECOND_US * SECOND_US);
        }
    }

    async fn tick(&mut self, second: u64, late_ms: f64) {
        let before = self.used;
        self.used = process::own().unwrap_or(before);
        let taken = self.world.measure.take();
        let tick = Tick {
            second,
            connections: taken.connections,
            counts: taken.counts,
            errors: taken.errors,
            latencies: taken.latencies,
            cpu_seconds: self.used.cpu_seconds - before.cpu_seconds,
            memory_bytes: self.used.memory_bytes,
            late_ms,
        };
        self.world.tell(Word::Tick(Box::new(tick))).await;
    }
}
