//! What a client keeps over the end of a connection, and how it comes back.

use std::time::{Duration, Instant};

use passerby::load::Witness;
use tokio::time::sleep;

use super::client::Client;
use super::server::{DEADLINE, Server};

/// What a client knows that lost its connection.
#[derive(Clone, Debug)]
pub struct Memory {
    /// Its session's secret.
    pub token: String,
    /// What it has seen.
    pub seen: Witness,
}

impl Memory {
    /// What one has that knows a token only.
    pub fn of(token: &str) -> Self {
        Self { token: token.to_owned(), seen: Witness::new() }
    }

    /// Comes back and names the last number that it has.
    pub async fn resume(self, server: &Server) -> Client {
        let seq = self.seen.last_seq();
        self.resume_after(server, Some(seq)).await
    }

    /// Comes back as after a reload, without a number.
    pub async fn reload(self, server: &Server) -> Client {
        self.resume_after(server, None).await
    }

    /// Comes back by a subprotocol and names `seq`.
    pub async fn resume_after(mut self, server: &Server, seq: Option<u64>) -> Client {
        self.seen.resumes(seq);
        let number = seq.map_or(String::new(), |seq| format!(".{seq}"));
        let offer = format!("passerby.v1, resume.{}{number}", self.token);
        self.open(server, "/ws", Some(&offer)).await
    }

    /// Comes back by the query and names `seq`.
    pub async fn resume_by_query(mut self, server: &Server, seq: Option<u64>) -> Client {
        self.seen.resumes(seq);
        let number = seq.map_or(String::new(), |seq| format!("&seq={seq}"));
        let path = format!("/ws?resume={}{number}", self.token);
        self.open(server, &path, None).await
    }

    /// For a while after its start a node of several doesn't know whether a node that
    /// it has not heard of yet has the session: its client is to try again.
    async fn open(self, server: &Server, path: &str, offer: Option<&str>) -> Client {
        let Self { token, seen } = self;
        let begun = Instant::now();
        loop {
            let address = server.elsewhere(&token);
            let client = Client::try_open(address, path, offer, seen.clone()).await;
            match client {
                Some(client) => return client,
                None => assert!(server.may_not_know() && begun.elapsed() < DEADLINE, "1013"),
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}
