//! A visitor of a Passerby server who waits for one partner: no more of the
//! protocol than two peers need to meet.

use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::lookup_host;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::servers::IceServerConfig;
use super::signal::Signal;
use crate::config::TargetUrl;
use crate::load::{Dial, Socket, dial};
use crate::protocol::Role;

/// Two peers could not meet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MeetingError {
    /// The server could not be reached, or is none.
    #[error("no WebSocket could be opened")]
    Refused,
    /// The connection ended.
    #[error("the server closed before there was a match")]
    Closed,
    /// The server refused to have them wait, with this code.
    #[error("the server answered with {0}")]
    Error(String),
    /// No match came in time.
    #[error("no match came in time")]
    Late,
}

/// A visitor in a room.
pub(super) struct Visitor {
    socket: Socket,
    room: String,
    pub role: Role,
    pub ice_servers: Vec<IceServerConfig>,
    /// Whether this visitor's address is to be hidden.
    pub private: bool,
}

/// What a visitor is told, as far as it matters here.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Told {
    #[serde(rename_all = "camelCase")]
    Matched {
        room: String,
        role: Role,
        ice_servers: Vec<IceServerConfig>,
        private: bool,
    },
    PeerLeft {
        room: String,
    },
    Error {
        code: String,
    },
    #[serde(other)]
    Other,
}

/// A signal with the room that it is for.
#[derive(Serialize, Deserialize)]
struct InRoom {
    room: String,
    #[serde(flatten)]
    signal: Signal,
}

impl Visitor {
    /// Waits at a server's `ws://` address for whoever names the same interest.
    pub(super) async fn meet(target: &str, interest: &str) -> Result<Self, MeetingError> {
        let mut socket = open(target).await.ok_or(MeetingError::Refused)?;
        let join = json!({"type": "join", "interests": [interest], "private": false});
        let joined = socket.send(Message::text(join.to_string())).await;
        joined.map_err(|_| MeetingError::Closed)?;
        loop {
            let Some(text) = text(&mut socket).await else { return Err(MeetingError::Closed) };
            match serde_json::from_str(&text) {
                Ok(Told::Matched { room, role, ice_servers, private }) => {
                    return Ok(Self { socket, room, role, ice_servers, private });
                }
                Ok(Told::Error { code }) => return Err(MeetingError::Error(code)),
                _ => (),
            }
        }
    }

    /// Sends a signal to the partner; whether the connection stands.
    pub(super) async fn tell(&mut self, signal: Signal) -> bool {
        let message = InRoom { room: self.room.clone(), signal };
        let Ok(text) = serde_json::to_string(&message) else { return false };
        self.socket.send(Message::text(text)).await.is_ok()
    }

    /// The partner's next signal; none where there will be no more. Nothing is lost
    /// where it is not waited for to the end.
    pub(super) async fn hear(&mut self) -> Option<Signal> {
        loop {
            let text = text(&mut self.socket).await?;
            if let Ok(InRoom { room, signal }) = serde_json::from_str(&text) {
                if room == self.room {
                    return Some(signal);
                }
            } else if let Ok(Told::PeerLeft { room }) = serde_json::from_str(&text)
                && room == self.room
            {
                return None;
            }
        }
    }

    /// Leaves for good, which any other code would not. The server ends the visitor's
    /// relays with it.
    pub(super) async fn leave(mut self) {
        let frame = CloseFrame { code: CloseCode::Normal, reason: "".into() };
        // Who can't be told any more has nothing to be told.
        let _ = self.socket.close(Some(frame)).await;
    }
}

/// As a simulated person does.
async fn open(target: &str) -> Option<Socket> {
    let url: TargetUrl = target.parse().ok()?;
    let address = lookup_host(url.authority).await.ok()?.next()?;
    dial(Dial { address, url: target, source: None, offer: None }).await.ok()
}

async fn text(socket: &mut Socket) -> Option<String> {
    loop {
        match socket.next().await?.ok()? {
            Message::Text(text) => return Some(text.to_string()),
            Message::Close(_) => return None,
            _ => (),
        }
    }
}
