//! Pairs who answer each message with one, with so many under way each way.

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use tokio::task::{JoinSet, LocalSet};
use tokio::time::sleep;

use super::{Figure, MEASURED, WARM_UP, candidate, cpu, pair, while_they_live};
use crate::client::{Client, is};
use crate::server::Server;
use crate::syscalls::Counting;

const PAIRS: usize = 100;

pub(super) async fn run(server: &Server, in_flight: usize) -> io::Result<Vec<Figure>> {
    let arrived = Rc::new(Cell::new(0));
    let crowd = LocalSet::new();
    let mut talking = JoinSet::new();
    for _ in 0..PAIRS {
        let [one, other] = pair(server).await?;
        talking.spawn_local_on(talk(one, other, in_flight, arrived.clone()), &crowd);
    }
    let measure = async {
        sleep(WARM_UP).await;
        let (before, count) = (server.cpu(), arrived.get());
        sleep(MEASURED).await;
        let took = cpu("message", server.cpu() - before, arrived.get() - count);
        [Some(took), calls(server, &arrived).await].into_iter().flatten().collect()
    };
    while_they_live(talking, crowd, measure).await
}

/// System calls for each message that has `arrived`; none where nobody can count them.
async fn calls(server: &Server, arrived: &Cell<u64>) -> Option<Figure> {
    let counting = Counting::start(server.pid(), MEASURED).await?;
    let before = arrived.get();
    sleep(MEASURED / 2).await;
    let messages = arrived.get() - before;
    let calls = counting.stop().await?;
    let value = calls as f64 / messages as f64;
    Some(Figure { name: "system calls a message", unit: "", value })
}

/// Each side sends anew as soon as what it sent has arrived, all that arrived at
/// once in one write.
async fn talk(
    mut one: Client,
    mut other: Client,
    in_flight: usize,
    arrived: Rc<Cell<u64>>,
) -> io::Result<()> {
    let message = candidate(&one.room);
    let burst = |count| message.repeat(count);
    one.send(&burst(in_flight)).await?;
    other.send(&burst(in_flight)).await?;
    loop {
        let count = tokio::select! {
            count = arrivals(&mut one) => {
                let count = count?;
                other.send(&burst(count)).await?;
                count
            }
            count = arrivals(&mut other) => {
                let count = count?;
                one.send(&burst(count)).await?;
                count
            }
        };
        arrived.set(arrived.get() + count as u64);
    }
}

/// How many messages came in at once.
async fn arrivals(person: &mut Client) -> io::Result<usize> {
    let mut count = 0;
    while count == 0 || person.has_more() {
        count += usize::from(is(person.next().await?, "addIceCandidate"));
    }
    Ok(count)
}
