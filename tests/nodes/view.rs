//! What a client knows, from nothing but the texts that it was sent.

use actix_http::ws::Parser;
use bytes::BytesMut;
use passerby::ids::RoomId;
use passerby::session::handle::Session;
use serde::Deserialize;

/// A server's message, as far as it is looked at.
#[derive(Debug, Deserialize)]
pub struct Message {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub seq: u64,
    pub room: Option<RoomId>,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    resumed: bool,
    #[serde(default)]
    pub missed: bool,
    #[serde(default, rename = "lastSeq")]
    last_seq: u64,
}

/// One client's knowledge.
#[derive(Debug, Default)]
pub struct View {
    pub last_seq: u64,
    /// Numbers up to this one may have gaps: rooms that ended before `welcome`.
    gaps_to: u64,
    /// Up to `gaps_to` anything may come: a machine died, and messages with it.
    reloaded: bool,
    /// Whether more than one node may have its session.
    pub doubtful: bool,
    /// Whether it ever came back to an outdated copy of its session.
    pub outdated: bool,
    /// Whether it did so the last time that it came back.
    pub older: bool,
    /// Whether it asked to leave its room, and then lost its connection.
    pub unsure: bool,
    /// The room that it believes to be in.
    pub room: Option<RoomId>,
    /// Rooms that it was in, newest last.
    pub former: Vec<RoomId>,
}

impl View {
    /// Forgets the room, which this client leaves by itself.
    pub fn leave(&mut self) {
        self.former.extend(self.room.take());
    }

    /// Takes a message; whether it is about a room that the client is in.
    pub fn take(&mut self, message: &Message) {
        match message.kind.as_str() {
            "welcome" => return self.welcome(message),
            "online" | "error" | "goingAway" => return,
            _ => self.count(message),
        }
        if self.outdated || self.reloaded && message.seq <= self.gaps_to {
            return;
        }
        if self.unsure && matches!(message.kind.as_str(), "matched" | "waiting" | "idle") {
            self.leave();
        }
        match message.kind.as_str() {
            "matched" => {
                assert_eq!(self.room, None, "rule 1: in one room at a time: {message:?}");
                let anew = message.room.is_none_or(|room| self.former.contains(&room));
                assert!(!anew, "rule 1: told once: {message:?}");
                self.room = message.room;
            }
            "chat" | "peerAway" | "peerBack" => {
                assert_eq!(message.room, self.room, "rules 2 and 3: of this room: {message:?}");
            }
            "peerLeft" => {
                assert_eq!(message.room, self.room, "rule 3: of this room: {message:?}");
                self.leave();
            }
            "waiting" | "idle" => assert_eq!(self.room, None, "{message:?}"),
            "reported" => (),
            other => panic!("{other} is not expected here"),
        }
    }

    fn welcome(&mut self, message: &Message) {
        if !message.resumed {
            return;
        }
        self.gaps_to = message.last_seq;
        self.reloaded = message.missed;
        // A copy older than what the client has, which outlived the newer one.
        let older = message.last_seq < self.last_seq;
        self.outdated |= older;
        self.older = older;
        if message.missed || older {
            // As after a reload.
            self.last_seq = if older { message.last_seq } else { 0 };
            self.leave();
            self.room = message.room;
        } else if message.room.is_some() && message.room != self.room {
            // The end of an older room is left out.
            self.leave();
        }
    }

    fn count(&mut self, message: &Message) {
        let next = message.seq == self.last_seq + 1;
        let gap = message.seq > self.last_seq
            && (message.seq <= self.gaps_to || message.seq == self.gaps_to + 1);
        // What an older copy of its session says: its numbers are no others.
        self.outdated |= self.doubtful && !next && !gap;
        assert!(next || gap || self.outdated, "rule 6: after {}: {message:?}", self.last_seq);
        self.last_seq = message.seq;
    }
}

/// Takes all that waits in a session's outbox.
pub fn read(session: &Session) -> Vec<Message> {
    let mut frames = Vec::new();
    session.lock().outbox.take(&mut frames, usize::MAX, |_| ());
    let mut frames = BytesMut::from(&frames[..]);
    let mut messages = Vec::new();
    while let Ok(Some((_, _, text))) = Parser::parse(&mut frames, false, usize::MAX) {
        let text = text.expect("every frame carries a message");
        messages.push(serde_json::from_slice(&text).expect("a message"));
    }
    messages
}
