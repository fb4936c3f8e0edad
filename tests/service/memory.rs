//! What a client keeps over the end of a connection, and how it comes back.

use std::net::SocketAddr;

use passerby::load::Witness;

use super::client::Client;

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
    pub async fn resume(self, address: SocketAddr) -> Client {
        let seq = self.seen.last_seq();
        self.resume_after(address, Some(seq)).await
    }

    /// Comes back as after a reload, without a number.
    pub async fn reload(self, address: SocketAddr) -> Client {
        self.resume_after(address, None).await
    }

    /// Comes back by a subprotocol and names `seq`.
    pub async fn resume_after(mut self, address: SocketAddr, seq: Option<u64>) -> Client {
        self.seen.resumes(seq);
        let number = seq.map_or(String::new(), |seq| format!(".{seq}"));
        let offer = format!("passerby.v1, resume.{}{number}", self.token);
        Client::open(address, "/ws", Some(&offer), self.seen).await
    }

    /// Comes back by the query and names `seq`.
    pub async fn resume_by_query(mut self, address: SocketAddr, seq: Option<u64>) -> Client {
        self.seen.resumes(seq);
        let number = seq.map_or(String::new(), |seq| format!("&seq={seq}"));
        let path = format!("/ws?resume={}{number}", self.token);
        Client::open(address, &path, None, self.seen).await
    }
}
