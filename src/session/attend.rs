//! Finds the session that a connection is for.

use std::io::ErrorKind;
use std::mem::MaybeUninit;
use std::sync::Arc;

use socket2::SockRef;
use tokio::net::TcpStream;

use super::attendance::Resume;
use super::bell::Bell;
use super::node::Node;
use super::presence::{Present, begin, come_back};
use crate::exchange::fetching::Fetched;
use crate::identity::Identity;

/// How often a session is fetched that goes on to yet another connection of its
/// client, on another node, before it can be used here.
const FETCHES: usize = 16;

/// What becomes of a connection.
#[derive(Debug)]
pub(super) enum Attended {
    /// It has its session.
    By(Present),
    /// The process is full, or who has the session can't be reached now.
    NotNow,
    /// Its client has given it up, and may have its session elsewhere.
    Gone,
}

/// The session that the connection is for. Those who come back are let in first:
/// nobody in a room is sent away. They wait where this node does not know what became
/// of its sessions.
pub(super) async fn attend(
    node: &Arc<Node>,
    stream: &TcpStream,
    resume: Option<Resume>,
    who: Identity,
    bell: &Arc<Bell>,
) -> Attended {
    if let Some(resume) = resume {
        if let Some(office) = &node.office {
            office.gate().opened(&node.clock).await;
        }
        let mut fetched = Fetched::Here;
        for _ in 0..FETCHES {
            // Else a connection that is dead would take the session from one that lives.
            if has_gone(stream) {
                return Attended::Gone;
            }
            if let Some(present) = come_back(node, &resume, bell) {
                return Attended::By(present);
            }
            fetched = match &node.office {
                // Boxed: else each connection's task would keep the room for it.
                Some(office) => Box::pin(office.fetch(node, &resume)).await,
                None => Fetched::Nowhere,
            };
            if fetched != Fetched::Here {
                break;
            }
        }
        if fetched != Fetched::Nowhere {
            return Attended::NotNow;
        }
        node.metrics.not_resumed();
    }
    if node.full() { Attended::NotNow } else { Attended::By(begin(node, who, bell)) }
}

/// Whether the client has closed or reset the connection. One that sent something
/// before shows when that is read.
fn has_gone(stream: &TcpStream) -> bool {
    match SockRef::from(stream).peek(&mut [MaybeUninit::uninit()]) {
        Ok(bytes) => bytes == 0,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
    }
}
