//! From the handshake to `welcome`, with a steady few at once.

use std::io;

use super::{Figure, cpu, people};
use crate::server::Server;

const WARMING: usize = 300;
const PEOPLE: usize = 3_000;
const AT_ONCE: usize = 8;

pub(super) async fn run(server: &Server) -> io::Result<Vec<Figure>> {
    let mut kept = people(server, WARMING).await?;
    let before = server.cpu();
    let lines = (0..AT_ONCE).map(|_| people(server, PEOPLE / AT_ONCE));
    for line in futures_util::future::join_all(lines).await {
        kept.extend(line?);
    }
    Ok(vec![cpu("connect", server.cpu() - before, kept.len() as u64 - WARMING as u64)])
}
