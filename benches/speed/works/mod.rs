//! What the servers are given to do. Each work has a server to itself, gives the
//! people in it their places first, and measures only what it is named for.

mod call;
mod churn;
mod connect;
mod join;
mod relay;
mod rest;

use std::io;
use std::num::NonZeroUsize;
use std::time::Duration;

use tokio::task::{JoinSet, LocalSet};

use crate::client::{Client, frame};
use crate::server::Server;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Work {
    /// 10,000 people at rest in rooms: memory.
    Rest,
    /// Handshakes up to `welcome`.
    Connect,
    /// 1,000 people join at once.
    Join,
    /// 100 pairs with one message in flight each way.
    Relay,
    /// 100 pairs with eight messages in flight each way.
    Relay8,
    /// As relay, by servers of one thread.
    RelayOneThread,
    /// As relay8, by servers of one thread.
    Relay8OneThread,
    /// 2,000 people who press Next 2,000 times a second.
    Churn,
    /// Offer, answer and candidates; a new connection every 10 calls.
    Call,
}

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    pub name: &'static str,
    pub unit: &'static str,
    pub value: f64,
}

/// How long a rate is measured.
pub const MEASURED: Duration = Duration::from_secs(4);
/// Before that, so that memory and threads are as they stay.
pub const WARM_UP: Duration = Duration::from_millis(700);

impl Work {
    /// More than this many rounds tell nothing new: memory is the same each time.
    pub const fn rounds(self) -> usize {
        if matches!(self, Self::Rest) { 1 } else { usize::MAX }
    }

    /// On how many threads the servers do it; on one a core where it is not said. On one,
    /// no core takes memory from another and nobody sleeps: the work itself is left.
    pub fn threads(self) -> Option<NonZeroUsize> {
        matches!(self, Self::RelayOneThread | Self::Relay8OneThread).then_some(NonZeroUsize::MIN)
    }

    pub async fn run(self, server: &Server) -> io::Result<Vec<Figure>> {
        match self {
            Self::Rest => rest::run(server).await,
            Self::Connect => connect::run(server).await,
            Self::Join => join::run(server).await,
            Self::Relay | Self::RelayOneThread => relay::run(server, 1).await,
            Self::Relay8 | Self::Relay8OneThread => relay::run(server, 8).await,
            Self::Churn => churn::run(server).await,
            Self::Call => call::run(server).await,
        }
    }
}

/// A CPU time divided among units of work.
fn cpu(name: &'static str, took: Duration, units: u64) -> Figure {
    Figure { name, unit: "us", value: took.as_secs_f64() * 1e6 / units as f64 }
}

/// So many people, connected, with their `welcome`.
async fn people(server: &Server, count: usize) -> io::Result<Vec<Client>> {
    let mut people = Vec::with_capacity(count);
    for _ in 0..count {
        people.push(Client::connect(server.address).await?);
    }
    Ok(people)
}

/// So many people, who sit in rooms of two.
async fn in_rooms(server: &Server, count: usize) -> io::Result<Vec<Client>> {
    let mut people = people(server, count).await?;
    for person in &mut people {
        person.send(&frame(JOIN)).await?;
    }
    for person in &mut people {
        person.until("matched").await?;
    }
    Ok(people)
}

/// Two people in a room.
async fn pair(server: &Server) -> io::Result<[Client; 2]> {
    let pair: [Client; 2] =
        in_rooms(server, 2).await?.try_into().unwrap_or_else(|_| unreachable!());
    Ok(pair)
}

/// Measures a crowd whose people never end by themselves: one who does has met an
/// error.
async fn while_they_live(
    mut people: JoinSet<io::Result<()>>,
    crowd: LocalSet,
    measure: impl Future<Output = Vec<Figure>>,
) -> io::Result<Vec<Figure>> {
    let measured = async {
        tokio::select! {
            figures = measure => Ok(figures),
            Some(ended) = people.join_next() => {
                Err(ended?.err().unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into()))
            }
        }
    };
    crowd.run_until(measured).await
}

const JOIN: &str = r#"{"type":"join"}"#;

/// A trickled candidate of usual size.
fn candidate(room: &str) -> Vec<u8> {
    frame(&format!(
        r#"{{"type":"addIceCandidate","room":"{room}","candidate":{{"candidate":"candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag EsAw network-cost 999","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"EsAw"}}}}"#
    ))
}

/// An SDP of so many bytes; servers look no further into it.
fn description(kind: &str, room: &str, bytes: usize) -> Vec<u8> {
    let lines = "a=rtpmap:96 VP8/90000\\r\\n".repeat(bytes.div_ceil(25));
    frame(&format!(
        r#"{{"type":"{kind}","room":"{room}","sdp":"v=0\r\n{}"}}"#,
        &lines[..bytes / 25 * 25]
    ))
}
