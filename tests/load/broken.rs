//! A small server that speaks the protocol well, but for one wrong.

use std::collections::HashMap;
use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

use super::wrong::Wrong;

/// A wrong that concerns signals is done to every so manieth.
const EVERY: u64 = 5;

/// Where a server with this wrong listens; it ends with the test.
pub fn serve(wrong: Wrong) -> String {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap()).unwrap();
            let (events, heard) = unbounded_channel();
            tokio::spawn(Server::new(wrong).run(heard));
            for id in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(attend(id, stream, events.clone()));
            }
        });
    });
    let address: SocketAddr = told.recv().unwrap();
    format!("ws://{address}/ws")
}

/// What happens to the server.
enum Event {
    Came(u64, UnboundedSender<String>),
    Said(u64, Value),
    Went(u64),
}

async fn attend(id: u64, stream: TcpStream, events: UnboundedSender<Event>) {
    #[expect(clippy::result_large_err, reason = "the library's own type")]
    let answer = |_: &Request, mut response: Response| {
        let name = "passerby.v1".parse().unwrap();
        response.headers_mut().insert("sec-websocket-protocol", name);
        Ok(response)
    };
    let Ok(socket) = tokio_tungstenite::accept_hdr_async(stream, answer).await else { return };
    let (mut sink, mut source) = socket.split();
    let (outbox, mut texts) = unbounded_channel();
    let _ = events.send(Event::Came(id, outbox));
    tokio::spawn(async move {
        while let Some(text) = texts.recv().await {
            if sink.send(Message::text(text)).await.is_err() {
                return;
            }
        }
    });
    while let Some(Ok(message)) = source.next().await {
        if let Message::Text(text) = message {
            let _ = events.send(Event::Said(id, serde_json::from_str(&text).unwrap()));
        }
    }
    let _ = events.send(Event::Went(id));
}

struct Person {
    outbox: UnboundedSender<String>,
    seq: u64,
    mode: String,
    room: Option<(String, Vec<u64>)>,
    last_signal: Option<Value>,
}

struct Server {
    wrong: Wrong,
    people: HashMap<u64, Person>,
    waiting: Vec<u64>,
    rooms: u64,
    signals: u64,
    held: Option<(u64, Value)>,
}

impl Server {
    fn new(wrong: Wrong) -> Self {
        let (people, waiting) = (HashMap::new(), Vec::new());
        Self { wrong, people, waiting, rooms: 0, signals: 0, held: None }
    }

    async fn run(mut self, mut heard: UnboundedReceiver<Event>) {
        while let Some(event) = heard.recv().await {
            match event {
                Event::Came(id, outbox) => self.welcome(id, outbox),
                Event::Said(id, message) => self.said(id, message),
                Event::Went(id) => {
                    self.leave(id, "disconnected");
                    self.people.remove(&id);
                }
            }
        }
    }

    fn welcome(&mut self, id: u64, outbox: UnboundedSender<String>) {
        let privacy = if self.wrong == Wrong::HidesAddresses { "always" } else { "choice" };
        let welcome = json!({"type": "welcome", "session": "s", "resume": "t", "resumed": false,
            "online": 1, "iceServers": [], "graceMs": 15000, "privacy": privacy});
        if !matches!(self.wrong, Wrong::NoWelcome | Wrong::Silent) {
            outbox.send(welcome.to_string()).unwrap();
        }
        let mode = "video".to_owned();
        self.people.insert(id, Person { outbox, seq: 0, mode, room: None, last_signal: None });
        match self.wrong {
            Wrong::NoWelcome => self.tell(id, json!({"type": "waiting"})),
            Wrong::MatchesIdle => self.matched(id, &self.room(), "offerer", "video"),
            _ => (),
        }
    }

    fn said(&mut self, id: u64, message: Value) {
        match message["type"].as_str().unwrap() {
            kind @ ("join" | "next") => {
                if kind == "join" {
                    let mode = message["mode"].as_str().unwrap().to_owned();
                    self.people.get_mut(&id).unwrap().mode = mode;
                }
                self.leave(id, "next");
                self.tell(id, json!({"type": "waiting"}));
                self.waiting.push(id);
                self.pair();
            }
            "leave" => {
                self.leave(id, "left");
                self.tell(id, json!({"type": "idle"}));
            }
            _ => self.signal(id, message),
        }
    }

    fn pair(&mut self) {
        let wanted = if self.wrong == Wrong::ThreeToARoom { 3 } else { 2 };
        let modes = self.waiting.iter().map(|id| self.people[id].mode.clone());
        let Some(mode) =
            modes.clone().find(|mode| modes.clone().filter(|m| m == mode).count() >= wanted)
        else {
            return;
        };
        let of_mode = self.waiting.iter().filter(|id| self.people[id].mode == mode);
        let members: Vec<u64> = of_mode.take(wanted).copied().collect();
        self.waiting.retain(|id| !members.contains(id));
        self.rooms += 1;
        let room = self.room();
        for (place, id) in members.iter().enumerate() {
            let first = place == 0;
            let role =
                if first || self.wrong == Wrong::TwoOfferers { "offerer" } else { "answerer" };
            let other = self.wrong == Wrong::TwoModes && first;
            let mode = if other { "text" } else { mode.as_str() };
            self.people.get_mut(id).unwrap().room = Some((room.clone(), members.clone()));
            self.matched(*id, &room, role, mode);
        }
        if self.wrong == Wrong::TwoRooms {
            self.rooms += 1;
            self.matched(members[0], &self.room(), "offerer", &mode);
        }
    }

    fn room(&self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.rooms)
    }

    fn matched(&mut self, id: u64, room: &str, role: &str, mode: &str) {
        let message = json!({"type": "matched", "room": room, "role": role, "mode": mode,
            "interests": [], "iceServers": [], "private": false});
        self.tell(id, message);
    }

    fn partner(&self, id: u64) -> Option<u64> {
        let (_, members) = self.people[&id].room.as_ref()?;
        members.iter().copied().find(|member| *member != id)
    }

    fn leave(&mut self, id: u64, reason: &str) {
        self.waiting.retain(|other| *other != id);
        let partner = self.partner(id);
        let Some((room, _)) = self.people.get_mut(&id).unwrap().room.take() else { return };
        let Some(partner) = partner.filter(|id| self.people.contains_key(id)) else { return };
        self.people.get_mut(&partner).unwrap().room = None;
        self.tell(partner, json!({"type": "peerLeft", "room": room, "reason": reason}));
        if self.wrong == Wrong::AfterPeerLeft
            && let Some(signal) = self.people.get_mut(&partner).unwrap().last_signal.take()
        {
            self.tell(partner, signal);
        }
    }

    fn signal(&mut self, id: u64, message: Value) {
        let Some(to) = self.partner(id) else { return };
        self.people.get_mut(&to).unwrap().last_signal = Some(message.clone());
        self.signals += 1;
        if let Some((_, held)) = self.held.take_if(|(held_to, _)| *held_to == to) {
            self.tell(to, message);
            return self.tell(to, held);
        }
        let typing = message["type"] == "typing";
        if typing && self.wrong == Wrong::LosesTyping {
            return;
        }
        if typing || !self.signals.is_multiple_of(EVERY) {
            return self.tell(to, message);
        }
        self.mistreat(to, message);
    }

    fn mistreat(&mut self, to: u64, mut message: Value) {
        match self.wrong {
            Wrong::Loses => return,
            Wrong::Changes => change(&mut message),
            Wrong::Reorders if self.held.is_none() => return self.held = Some((to, message)),
            Wrong::Repeats => self.tell(to, message.clone()),
            Wrong::Misdirects | Wrong::Readdresses => return self.misdirect(to, message),
            Wrong::SkipsASeq => self.people.get_mut(&to).unwrap().seq += 1,
            Wrong::RepeatsASeq => self.people.get_mut(&to).unwrap().seq -= 1,
            Wrong::NoSeq => {
                let _ = self.people[&to].outbox.send(message.to_string());
                return;
            }
            _ => (),
        }
        self.tell(to, message);
    }

    fn misdirect(&mut self, to: u64, mut message: Value) {
        let here = &self.people[&to].room;
        let other =
            self.people.iter().find(|(_, person)| person.room.is_some() && person.room != *here);
        let Some((other, person)) = other else { return self.tell(to, message) };
        if self.wrong == Wrong::Readdresses {
            message["room"] = person.room.as_ref().unwrap().0.clone().into();
        }
        self.tell(*other, message);
    }

    fn tell(&mut self, to: u64, mut message: Value) {
        let Some(person) = self.people.get_mut(&to) else { return };
        person.seq += 1;
        message["seq"] = person.seq.into();
        // Whoever has gone needs no message.
        let _ = person.outbox.send(message.to_string());
    }
}

/// Another letter behind the mark, in whatever bears one.
fn change(message: &mut Value) {
    let fields = [
        ("/sdp", "VP8", "VP9"),
        ("/text", "hello", "hullo"),
        ("/candidate/candidate", "EEtu", "EEtv"),
    ];
    for (field, from, to) in fields {
        if let Some(Value::String(text)) = message.pointer_mut(field) {
            *text = text.replacen(from, to, 1);
        }
    }
}
