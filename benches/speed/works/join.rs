//! All join at once, and all are paired.

use std::io;
use std::time::Duration;

use super::{Figure, JOIN, cpu, people};
use crate::client::{Client, frame};
use crate::server::Server;

const PEOPLE: usize = 1_000;
const WAVES: usize = 8;

pub(super) async fn run(server: &Server) -> io::Result<Vec<Figure>> {
    // The first wave warms up.
    wave(server).await?;
    let mut took = Duration::ZERO;
    for _ in 0..WAVES {
        took += wave(server).await?;
    }
    Ok(vec![cpu("joined pair", took, (WAVES * PEOPLE / 2) as u64)])
}

/// New people each time: none is kept from another.
async fn wave(server: &Server) -> io::Result<Duration> {
    let mut crowd = people(server, PEOPLE).await?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let before = server.cpu();
    let join = frame(JOIN);
    for person in &mut crowd {
        person.send(&join).await?;
    }
    for person in &mut crowd {
        person.until("matched").await?;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    let took = server.cpu() - before;
    leave(crowd).await?;
    Ok(took)
}

async fn leave(crowd: Vec<Client>) -> io::Result<()> {
    for person in crowd {
        person.close().await?;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    Ok(())
}
