//! The simulated clients: what they do by chance, and how they take what comes.

use std::sync::Arc;

use passerby::ids::RoomId;
use passerby::protocol::Mode;
use passerby::session::handle::Session;
use passerby::session::token::Token;
use rand::RngExt;
use serde_json::Value;

use super::connection::{Connection, Down, Up};
use super::say::Say;
use super::world::World;

/// One tab.
pub(crate) struct Client {
    pub(crate) token: Token,
    pub(crate) session: Arc<Session>,
    pub(crate) who: usize,
    /// The last number it has, if it knows.
    pub(crate) last: Option<u64>,
    /// On which it listens and speaks.
    pub(crate) connection: Option<usize>,
    room: Option<RoomId>,
    /// Whether the partner is away, as far as it knows.
    alone: bool,
    said: u64,
}

impl Client {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        let token = Token::presented("none");
        Self {
            token,
            session,
            who: 0,
            last: None,
            connection: None,
            room: None,
            alone: false,
            said: 0,
        }
    }

    /// Takes on a session.
    pub(crate) fn adopt(
        &mut self,
        token: Token,
        who: usize,
        session: Arc<Session>,
        last: Option<u64>,
    ) {
        (self.token, self.who, self.session) = (token, who, session);
        (self.last, self.room, self.connection) = (last, None, None);
    }

    fn take(&mut self, message: &Value) {
        let room = message["room"].as_str().and_then(RoomId::parse);
        match message["type"].as_str().expect("every message has one") {
            "welcome" => {
                self.room = room;
                if message["missed"] == true {
                    self.last = None;
                }
            }
            "matched" => (self.room, self.alone) = (room, false),
            "peerAway" => self.alone = true,
            "peerBack" => self.alone = false,
            "idle" => self.room = None,
            "peerLeft" if room == self.room => self.room = None,
            _ => (),
        }
        if let Some(seq) = message["seq"].as_u64() {
            assert!(self.last < Some(seq), "{seq} after {:?}", self.last);
            self.last = Some(seq);
        }
    }
}

impl World {
    /// The network brings up to `count` frames to a client. One that has a newer
    /// connection ignores them.
    pub(crate) fn deliver(&mut self, id: usize, count: usize) {
        for _ in 0..count {
            let Some(connection) = self.connections.get_mut(&id) else { return };
            let client = &mut self.clients[connection.client];
            let listens = client.connection == Some(id);
            match connection.wire.pop_front() {
                None => break,
                Some(Down::Message(message)) if listens => client.take(&message),
                Some(Down::Message(_)) => (),
                Some(Down::Ping(seq)) => connection.up.push_back(Up::Pong(seq)),
                Some(Down::Close) if listens => client.connection = None,
                Some(Down::Close) => (),
            }
        }
        self.forget(id);
    }

    /// Nothing gets through any more on a connection; what was on its way is
    /// lost.
    pub(crate) fn cut(&mut self, id: usize) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.cut = true;
        connection.wire.clear();
        connection.up.clear();
        let client = &mut self.clients[connection.client];
        if client.connection == Some(id) {
            client.connection = None;
        }
        self.forget(id);
    }

    /// One client does something.
    pub(crate) fn play(&mut self, client: usize) {
        let dice = self.rng.random_range(..1000_u32);
        let Some(id) = self.clients[client].connection else {
            if dice < self.weather.return_permille {
                self.return_by_chance(client);
            }
            return;
        };
        if dice < self.weather.trouble_permille {
            self.trouble(client, id);
        } else {
            self.talk(client, id);
        }
    }

    /// A client without a connection makes one.
    fn return_by_chance(&mut self, client: usize) {
        let last = self.clients[client].last;
        let seq = match self.rng.random_range(..20_u32) {
            0 => last.map(|last| self.rng.random_range(..=last)),
            1 => Some(u64::MAX - self.rng.random_range(..3_u64)),
            2 => last.map(|last| last + self.rng.random_range(1..4_u64)),
            3..5 => None,
            5 => return self.begin(client),
            _ => last,
        };
        // Who names another number than the last one starts from there.
        self.clients[client].last = seq.filter(|seq| Some(*seq) <= last);
        self.resume(client, seq);
    }

    fn trouble(&mut self, client: usize, id: usize) {
        match self.rng.random_range(..100_u32) {
            // A drop.
            0..40 => self.cut(id),
            // A reload, noticed at once or not.
            40..50 => {
                self.up(id, Up::Close(false));
                self.clients[client].connection = None;
                self.clients[client].last = None;
            }
            50..55 => {
                self.cut(id);
                self.clients[client].last = None;
            }
            // The network changed: a new connection beside the old one.
            55..80 => self.return_by_chance(client),
            80..88 => self.steal(client, id),
            88..92 => {
                self.up(id, Up::Close(true));
                self.clients[client].connection = None;
            }
            // It says that it has what it never got.
            _ => {
                let seq = self.rng.random_range(..200_u64);
                let seq = if seq == 0 {
                    u64::MAX
                } else {
                    self.books.of(self.clients[client].who).handed() + seq
                };
                self.up(id, Up::Pong(seq));
            }
        }
    }

    /// A copied tab: two clients with one token.
    fn steal(&mut self, client: usize, id: usize) {
        let other = self.rng.random_range(..self.clients.len());
        self.cut(id);
        let Client { token, who, session, last, .. } = &self.clients[other];
        let (token, who, session, last) = (token.clone(), *who, session.clone(), *last);
        let seq = last.filter(|_| self.rng.random());
        self.clients[client].adopt(token, who, session, seq);
        self.resume(client, seq);
    }

    fn talk(&mut self, client: usize, id: usize) {
        let Client { room, alone, said, .. } = &mut self.clients[client];
        let flood_permille = if *alone { self.weather.flood_permille } else { 1 };
        let flood = flood_permille > self.rng.random_range(..1000);
        *said += 1;
        let text = format!("{said} \u{1f600}");
        let say = match (*room, self.rng.random_range(..100_u32)) {
            (Some(room), _) if flood => {
                for part in 0..24 {
                    let sdp = format!("{part} {}", "v".repeat(60_000));
                    self.up(id, Up::Say(Say::Offer(room, sdp)));
                }
                return;
            }
            (Some(room), 0..60) => Say::Chat(room, text),
            (Some(room), 60..75) => Say::Typing(room, *said % 2 == 0),
            (Some(room), 75..80) => Say::Offer(room, text),
            (Some(room), 80..88) => Say::Next(Some(room)),
            (None, 0..50) | (_, 88..92) => Say::Join(self.mode()),
            (_, 92..94) => Say::Leave,
            (None, 50..90) | (_, 94..97) => Say::Next(None),
            _ => self.stray(),
        };
        self.up(id, Up::Say(say));
    }

    /// A message for a room that the sender may have had, or not.
    fn stray(&mut self) -> Say {
        let client = self.rng.random_range(..self.clients.len());
        let room = self.clients[client].room.unwrap_or(RoomId::NOBODYS);
        if self.rng.random() { Say::Chat(room, "stray".into()) } else { Say::Next(Some(room)) }
    }

    fn mode(&mut self) -> Mode {
        if self.rng.random_range(..5_u32) == 0 { Mode::Text } else { Mode::Video }
    }

    fn up(&mut self, id: usize, up: Up) {
        if let Some(connection) = self.connections.get_mut(&id)
            && !connection.cut
        {
            connection.up.push_back(up);
        }
    }

    /// Drops a connection of which nobody wants anything any more.
    fn forget(&mut self, id: usize) {
        let over = |connection: &Connection| {
            connection.ended && !connection.busy && connection.wire.is_empty()
        };
        if self.connections.get(&id).is_some_and(over) {
            let connection = self.connections.remove(&id).expect("just seen");
            let client = &mut self.clients[connection.client];
            if client.connection == Some(id) {
                client.connection = None;
            }
        }
    }
}
