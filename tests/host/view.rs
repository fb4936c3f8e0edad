//! What a client knows, from nothing but the texts that it was sent.

use actix_http::ws::Parser;
use bytes::BytesMut;
use passerby::ids::RoomId;
use passerby::protocol::Mode;
use passerby::session::handle::Session;
use serde::Deserialize;

/// A server's message, as far as it is looked at.
#[derive(Debug, Deserialize)]
pub struct Message {
    #[serde(rename = "type")]
    pub kind: String,
    pub seq: u64,
    pub room: Option<RoomId>,
    pub role: Option<String>,
    pub mode: Option<Mode>,
    #[serde(default)]
    pub interests: Vec<String>,
}

/// One client's knowledge.
#[derive(Debug, Default)]
pub struct View {
    last_seq: u64,
    /// The room that it believes to be in.
    pub room: Option<RoomId>,
    /// The room that it was in last.
    pub last_room: Option<RoomId>,
    /// Whether it was told of the wait that goes on.
    pub told_waiting: bool,
}

impl View {
    /// Reads all that was sent to `session`, checks its order, and returns it.
    pub fn read(&mut self, session: &Session) -> Vec<Message> {
        let mut frames = Vec::new();
        session.lock().outbox.take(&mut frames, usize::MAX, |_| ());
        let mut frames = BytesMut::from(&frames[..]);
        let mut messages = Vec::new();
        while let Ok(Some((_, _, text))) = Parser::parse(&mut frames, false, usize::MAX) {
            let text = text.expect("every frame carries a message");
            messages.push(serde_json::from_slice(&text).expect("a numbered message"));
        }
        messages.iter().for_each(|message| self.take(message));
        messages
    }

    /// Forgets the room, which this client leaves by itself.
    pub fn leave(&mut self) {
        self.room = None;
        self.told_waiting = false;
    }

    fn take(&mut self, message: &Message) {
        assert_eq!(message.seq, self.last_seq + 1, "numbers have no gaps: {message:?}");
        self.last_seq = message.seq;
        match message.kind.as_str() {
            "waiting" => {
                assert!(self.room.is_none() && !self.told_waiting, "told once: {message:?}");
                self.told_waiting = true;
            }
            "matched" => {
                assert_eq!(self.room, None, "rule 1: in one room at a time: {message:?}");
                (self.room, self.last_room) = (message.room, message.room);
                self.told_waiting = false;
            }
            "typing" => assert_eq!(message.room, self.room, "rule 2: of this room: {message:?}"),
            "peerLeft" => {
                assert_eq!(message.room, self.room, "rule 3: of this room: {message:?}");
                self.room = None;
            }
            "idle" => assert_eq!(self.room, None),
            other => panic!("{other} is not expected here"),
        }
    }
}
