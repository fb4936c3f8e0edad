//! Whole calls: Next, an offer, an answer, and five candidates each way; each
//! person connects anew after every tenth.

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use tokio::task::{JoinSet, LocalSet};
use tokio::time::sleep;

use super::{Figure, JOIN, MEASURED, WARM_UP, candidate, cpu, description, while_they_live};
use crate::client::{Client, frame, is};
use crate::server::Server;

const PEOPLE: usize = 200;
const CALLS_A_CONNECTION: usize = 10;
const SDP_BYTES: usize = 2_000;
const CANDIDATES: usize = 5;

pub(super) async fn run(server: &Server) -> io::Result<Vec<Figure>> {
    let sides = Rc::new(Cell::new(0));
    let crowd = LocalSet::new();
    let mut living = JoinSet::new();
    for _ in 0..PEOPLE {
        living.spawn_local_on(live(server.address, sides.clone()), &crowd);
    }
    let measure = async {
        sleep(WARM_UP).await;
        let (before, count) = (server.cpu(), sides.get());
        sleep(MEASURED).await;
        vec![cpu("call", server.cpu() - before, (sides.get() - count) / 2)]
    };
    while_they_live(living, crowd, measure).await
}

async fn live(server: std::net::SocketAddr, sides: Rc<Cell<u64>>) -> io::Result<()> {
    loop {
        let mut person = Client::connect(server).await?;
        person.send(&frame(JOIN)).await?;
        for nth in 1..=CALLS_A_CONNECTION {
            call(&mut person).await?;
            sides.set(sides.get() + 1);
            if nth < CALLS_A_CONNECTION {
                person.send(&frame(r#"{"type":"next"}"#)).await?;
            }
        }
        person.close().await?;
    }
}

/// One side of a call, up to where it has all that it needs.
async fn call(person: &mut Client) -> io::Result<()> {
    let offers = loop {
        let text = person.next().await?;
        if is(text, "matched") {
            break text.contains(r#""role":"offerer""#);
        }
    };
    let room = person.room.clone();
    let candidates = candidate(&room).repeat(CANDIDATES);
    if offers {
        let offer = description("createOffer", &room, SDP_BYTES);
        person.send(&[offer, candidates.clone()].concat()).await?;
    }
    let mut arrived = 0;
    while arrived < CANDIDATES {
        let text = person.next().await?;
        arrived += usize::from(is(text, "addIceCandidate"));
        if is(text, "createOffer") {
            let answer = description("createAnswer", &room, SDP_BYTES);
            person.send(&[answer, candidates.clone()].concat()).await?;
        }
    }
    Ok(())
}
