//! A simulated peer: the connection and the oracle of load tests, led by hand.

use std::net::SocketAddr;

use futures_util::{FutureExt, SinkExt, StreamExt};
use passerby::load::{Dial, Socket, Witness, dial};
use passerby::protocol::Role;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Message};

use super::memory::Memory;
use super::nodes;
use super::server::DEADLINE;

/// A connection, checked as it goes by the oracle of load tests.
pub struct Client {
    socket: Socket,
    /// The first message.
    pub welcome: Value,
    /// The room that the last `matched` named.
    pub room: String,
    /// The role that it gave.
    pub role: &'static str,
    seen: Witness,
}

impl Client {
    /// Connects and takes the `welcome`.
    pub async fn connect(address: SocketAddr) -> Self {
        Self::open(address, "/ws", None, Witness::new()).await
    }

    /// Connects at `path` with these subprotocols offered, and takes the
    /// `welcome`. One that comes back has `seen` something.
    pub async fn open(address: SocketAddr, path: &str, offer: Option<&str>, seen: Witness) -> Self {
        Self::try_open(address, path, offer, seen).await.expect("it is let in")
    }

    /// The same; `None` where the server says to try again.
    pub async fn try_open(
        address: SocketAddr,
        path: &str,
        offer: Option<&str>,
        seen: Witness,
    ) -> Option<Self> {
        let url = format!("ws://{address}{path}");
        let socket = dial(Dial { address, url: &url, source: None, offer }).await.unwrap();
        Self::try_begin(socket, seen).await
    }

    /// Takes the `welcome` on a connection.
    pub async fn begin(socket: Socket, seen: Witness) -> Self {
        Self::try_begin(socket, seen).await.expect("it is let in")
    }

    async fn try_begin(mut socket: Socket, seen: Witness) -> Option<Self> {
        let first = match timeout(DEADLINE, socket.next()).await.expect("an answer in time") {
            Some(Ok(Message::Text(first))) => first,
            Some(Ok(Message::Close(Some(close)))) if close.code == CloseCode::Again => return None,
            other => panic!("a welcome was expected: {other:?}"),
        };
        let welcome: Value = serde_json::from_str(&first).unwrap();
        assert_eq!(welcome["type"], "welcome");
        let mut client = Self { socket, welcome, room: String::new(), role: "", seen };
        client.check(&first);
        Some(client)
    }

    /// Its session's secret.
    pub fn token(&self) -> &str {
        self.welcome["resume"].as_str().expect("a token")
    }

    /// Whether it came back to the session that it had, or has a fresh one.
    pub fn resumed(&self) -> bool {
        self.welcome["resumed"].as_bool().expect("it is told")
    }

    /// What it knows, as another connection of the same person may use it.
    pub fn memory(&self) -> Memory {
        Memory { token: self.token().to_owned(), seen: self.seen.clone() }
    }

    /// The last number that came in.
    pub fn last_seq(&self) -> u64 {
        self.seen.last_seq()
    }

    /// Sends a message.
    pub async fn send(&mut self, message: Value) {
        self.send_text(message.to_string()).await;
    }

    /// Sends a text as it stands.
    pub async fn send_text(&mut self, text: impl Into<String>) {
        let text = text.into();
        self.seen.says(&text);
        self.send_frame(Message::text(text)).await;
    }

    /// Sends a frame.
    pub async fn send_frame(&mut self, frame: Message) {
        self.socket.send(frame).await.unwrap();
    }

    /// Sends a message for the current room.
    pub async fn signal(&mut self, mut message: Value) {
        message["room"] = self.room.clone().into();
        self.send(message).await;
    }

    /// Joins with the defaults.
    pub async fn join(&mut self) {
        self.send(json!({"type": "join"})).await;
    }

    /// Joins with these fields.
    pub async fn wants(&mut self, mut fields: Value) {
        fields["type"] = "join".into();
        self.send(fields).await;
    }

    /// Leaves the room that it is in, or asks for another partner after one.
    pub async fn next(&mut self) {
        self.send(json!({"type": "next", "room": self.room})).await;
    }

    /// Says something to the partner.
    pub async fn say(&mut self, text: &str) {
        self.signal(json!({"type": "chat", "text": text})).await;
    }

    /// Says something so many times in one go.
    pub async fn repeat(&mut self, text: &str, times: usize) {
        let message = json!({"type": "chat", "room": self.room, "text": text}).to_string();
        for _ in 0..times {
            self.socket.feed(Message::text(message.clone())).await.unwrap();
        }
        self.socket.flush().await.unwrap();
    }

    /// Takes the next message, which must be this text from the partner.
    pub async fn hear(&mut self, text: &str) {
        assert_eq!(self.expect("chat").await["text"], text);
    }

    /// Takes the next message, which must say that the partner left.
    pub async fn expect_left(&mut self, reason: &str) {
        assert_eq!(self.expect("peerLeft").await["reason"], reason);
    }

    /// Takes messages up to the next `matched`, which it returns. None but
    /// `waiting` and `online` may come before it.
    pub async fn matched(&mut self) -> Value {
        loop {
            let message = self.receive().await;
            match message["type"].as_str().unwrap() {
                "matched" => return message,
                "waiting" | "online" => (),
                other => panic!("{other} before matched"),
            }
        }
    }

    /// The same where who suits waits already. Where that one may be on another node a
    /// `waiting` may come before it.
    pub async fn matched_at_once(&mut self) -> Value {
        if nodes::several() { self.matched().await } else { self.expect("matched").await }
    }

    /// Takes the next message but `online`, which must be of this type.
    pub async fn expect(&mut self, kind: &str) -> Value {
        loop {
            let message = self.receive().await;
            if message["type"] == kind {
                return message;
            }
            assert_eq!(message["type"], "online", "{kind} was expected: {message}");
        }
    }

    /// Takes the next message, which must be an `error` with this code.
    pub async fn expect_error(&mut self, code: &str) -> Value {
        let error = self.expect("error").await;
        assert_eq!(error["code"], code, "{error}");
        error
    }

    /// Takes the next message.
    pub async fn receive(&mut self) -> Value {
        serde_json::from_str(&self.receive_text().await).unwrap()
    }

    /// Takes the next message as it came. Pings don't put the deadline off.
    pub async fn receive_text(&mut self) -> String {
        let message = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => return text.to_string(),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => (),
                    other => panic!("a message was expected: {other:?}"),
                }
            }
        };
        let text = timeout(DEADLINE, message).await.expect("a message in time");
        self.check(&text);
        text
    }

    /// Takes messages until the server closes; the code, if it gave one.
    pub async fn closed(&mut self) -> Option<u16> {
        let close = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                    Some(Ok(_)) => (),
                    Some(Err(_)) | None => return None,
                }
            }
        };
        timeout(DEADLINE, close).await.expect("the end in time")
    }

    /// The next frame of any kind; pings are answered on the way.
    pub async fn receive_frame(&mut self) -> Option<tungstenite::Result<Message>> {
        timeout(DEADLINE, self.socket.next()).await.expect("a frame in time")
    }

    /// The next message, if one came in already.
    pub fn message_at_hand(&mut self) -> Option<Value> {
        loop {
            match self.socket.next().now_or_never()?.expect("it stays connected") {
                Ok(Message::Text(text)) => {
                    self.check(&text);
                    return Some(serde_json::from_str(&text).unwrap());
                }
                frame => assert!(matches!(frame, Ok(Message::Ping(_) | Message::Pong(_)))),
            }
        }
    }

    /// Asserts that nothing but `online` came in before the answer to a message that
    /// is answered at once. What other nodes may bring about has time to come.
    pub async fn nothing_came(&mut self) {
        if nodes::several() {
            sleep(nodes::ACROSS).await;
        }
        self.answered().await;
    }

    /// Takes the answer to a message that is answered at once; nothing but `online`
    /// may come before it.
    pub async fn answered(&mut self) {
        self.send(json!({"type": "chat", "room": "none", "text": "?"})).await;
        self.expect_error("not_in_room").await;
    }

    /// The address that the server sees.
    pub fn address(&mut self) -> SocketAddr {
        self.socket().local_addr().unwrap()
    }

    /// Breaks the connection off without a word; what it still knows.
    pub fn drop_connection(self) -> Memory {
        self.memory()
    }

    /// Closes with a code and waits until that is answered.
    pub async fn close(mut self, code: u16) {
        let frame = CloseFrame { code: code.into(), reason: "".into() };
        self.socket.close(Some(frame)).await.unwrap();
        while let Some(Ok(_)) = self.receive_frame().await {}
    }

    /// The socket, to be treated as the protocol does not provide for.
    pub fn socket(&mut self) -> &mut TcpStream {
        match self.socket.get_mut() {
            MaybeTlsStream::Plain(stream) => stream,
            _ => unreachable!("no TLS on the loopback"),
        }
    }

    fn check(&mut self, text: &str) {
        if let Err(words) = self.seen.hears(text) {
            panic!("{words}: {text}");
        }
        self.seen.room().clone_into(&mut self.room);
        self.role = match self.seen.role() {
            Some(Role::Offerer) => "offerer",
            Some(Role::Answerer) => "answerer",
            None => "",
        };
    }
}
