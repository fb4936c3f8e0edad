//! Memory of people who sit in rooms and say nothing.

use std::io;
use std::time::Duration;

use tokio::time::sleep;

use super::{Figure, description, in_rooms};
use crate::client::Client;
use crate::server::Server;

const PEOPLE: usize = 10_000;
const SDP_BYTES: usize = 16_000;
const SETTLED: Duration = Duration::from_secs(5);
const LATER: Duration = Duration::from_secs(60);

pub(super) async fn run(server: &Server) -> io::Result<Vec<Figure>> {
    let empty = server.private_memory();
    let memory = |name| Figure {
        name,
        unit: "KB",
        value: (server.private_memory() - empty) as f64 / 1024.0 / PEOPLE as f64,
    };
    let mut people = in_rooms(server, PEOPLE).await?;
    attend(&mut people, SETTLED).await?;
    let at_rest = memory("memory at rest");
    for person in &mut people {
        person.send(&description("createOffer", &person.room.clone(), SDP_BYTES)).await?;
    }
    for person in &mut people {
        person.until_any(&["createOffer", "createAnswer"]).await?;
        person.rest();
    }
    attend(&mut people, LATER).await?;
    Ok(vec![at_rest, memory("a minute after SDPs")])
}

/// Answers what servers ask while nothing goes on.
async fn attend(people: &mut [Client], time: Duration) -> io::Result<()> {
    let read = people.iter_mut().map(|person| async {
        loop {
            if let Err(error) = person.next().await {
                return error;
            }
        }
    });
    tokio::select! {
        () = sleep(time) => Ok(()),
        (error, ..) = futures_util::future::select_all(read.map(Box::pin)) => Err(error),
    }
}
