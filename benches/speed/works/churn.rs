//! People who press Next: some of their own will, and whom they left as well.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use hdrhistogram::Histogram;
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use tokio::sync::Notify;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::{Figure, MEASURED, WARM_UP, cpu, in_rooms, while_they_live};
use crate::client::{Client, frame, is};
use crate::server::Server;

const PEOPLE: usize = 2_000;
/// Each Next of one's own will brings another of who was left.
const PRESSES_A_SECOND: u32 = 1_000;

#[derive(Default)]
struct Seen {
    nexts: u64,
    /// From Next to `matched`, in microseconds; none while not measured.
    waits: Option<Histogram<u64>>,
}

pub(super) async fn run(server: &Server) -> io::Result<Vec<Figure>> {
    let people = in_rooms(server, PEOPLE).await?;
    let seen = Rc::new(RefCell::new(Seen::default()));
    let buttons: Vec<_> = (0..PEOPLE).map(|_| Rc::new(Notify::new())).collect();
    let crowd = LocalSet::new();
    let mut living = JoinSet::new();
    for (person, button) in people.into_iter().zip(&buttons) {
        living.spawn_local_on(live(person, button.clone(), seen.clone()), &crowd);
    }
    crowd.spawn_local(press(buttons));
    let measure = async {
        sleep(WARM_UP).await;
        let (before, count) = (server.cpu(), seen.borrow().nexts);
        seen.borrow_mut().waits = Some(Histogram::new(3).expect("three digits"));
        sleep(MEASURED).await;
        let mut seen = seen.borrow_mut();
        let waits = seen.waits.take().expect("set above");
        let milliseconds = |quantile| waits.value_at_quantile(quantile) as f64 / 1e3;
        vec![
            cpu("Next", server.cpu() - before, seen.nexts - count),
            Figure { name: "Next to matched, p50", unit: "ms", value: milliseconds(0.5) },
            Figure { name: "Next to matched, p99", unit: "ms", value: milliseconds(0.99) },
        ]
    };
    while_they_live(living, crowd, measure).await
}

/// Presses people's buttons evenly in time and at random among them.
async fn press(buttons: Vec<Rc<Notify>>) {
    let mut chance = SmallRng::seed_from_u64(1);
    let mut ticks = interval(Duration::from_secs(1) / PRESSES_A_SECOND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    loop {
        ticks.tick().await;
        buttons[chance.random_range(0..buttons.len())].notify_one();
    }
}

async fn live(mut person: Client, button: Rc<Notify>, seen: Rc<RefCell<Seen>>) -> io::Result<()> {
    let next = frame(r#"{"type":"next"}"#);
    let mut pressed: Option<Instant> = None;
    loop {
        let press = tokio::select! {
            text = person.next() => {
                let text = text?;
                if is(text, "matched") {
                    let wait = pressed.take().map(|at| at.elapsed());
                    if let (Some(waits), Some(wait)) = (&mut seen.borrow_mut().waits, wait) {
                        waits.saturating_record(wait.as_micros() as u64);
                    }
                }
                is(text, "peerLeft") && pressed.is_none()
            }
            () = button.notified(), if pressed.is_none() => true,
        };
        if press {
            pressed = Some(Instant::now());
            seen.borrow_mut().nexts += 1;
            person.send(&next).await?;
        }
    }
}
