//! A WebSocket client that does only what it is told, right or wrong.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::server::{DEADLINE, Server};

/// The opcodes of RFC 6455 section 5.2.
pub const CONTINUATION: u8 = 0;
pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

/// A connection of which only the bytes count.
pub struct Raw {
    /// The server's.
    pub address: SocketAddr,
    stream: TcpStream,
    read: Vec<u8>,
}

impl Raw {
    /// Connects. The system keeps little of what this side doesn't read.
    pub async fn dial(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let stream = timeout(DEADLINE, socket.connect(address)).await.expect("in time").unwrap();
        Self { address, stream, read: Vec::new() }
    }

    /// Connects and comes back to the session of `token` with everything up to
    /// `seq`; the `welcome`.
    pub async fn resume(server: &Server, token: &str, seq: &str) -> (Self, Value) {
        let address = server.elsewhere(token);
        let mut raw = Self::dial(address).await;
        let path = format!("/ws?resume={token}&seq={seq}");
        raw.send(handshake_at(address, &path, "").as_bytes()).await;
        let welcome = raw.message_after_head().await;
        assert_eq!(welcome["type"], "welcome");
        server.visited(welcome["resume"].as_str().unwrap(), address);
        (raw, welcome)
    }

    /// Connects, shakes hands and takes the `welcome`.
    pub async fn connect(address: SocketAddr) -> Self {
        let mut raw = Self::dial(address).await;
        raw.send(handshake(address, "").as_bytes()).await;
        assert_eq!(raw.message_after_head().await["type"], "welcome");
        raw
    }

    /// Sends bytes as they stand.
    pub async fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).await.expect("the server reads");
    }

    /// Sends bytes, as far as the server takes them.
    pub async fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        timeout(DEADLINE, self.stream.write_all(bytes)).await.expect("the server reads in time")
    }

    /// Sends a text in one frame.
    pub async fn say(&mut self, text: &str) {
        self.send(&frame(TEXT, text.as_bytes())).await;
    }

    /// The status and head of the answer to a request.
    pub async fn head(&mut self) -> (u16, String) {
        loop {
            if let Some(end) = self.read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let rest = self.read.split_off(end + 4);
                let head = std::mem::replace(&mut self.read, rest);
                let head = String::from_utf8(head).unwrap();
                return (head.split(' ').nth(1).unwrap().parse().unwrap(), head);
            }
            assert!(self.more().await, "an answer");
        }
    }

    /// The next frame: its opcode and payload; `None` at the end.
    pub async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let Some((opcode, start, end)) = self.whole_frame() {
                let rest = self.read.split_off(end);
                let mut frame = std::mem::replace(&mut self.read, rest);
                return Some((opcode, frame.split_off(start)));
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// The next message; pings are passed over and not answered.
    pub async fn message(&mut self) -> Value {
        loop {
            match self.frame().await {
                Some((TEXT, payload)) => return serde_json::from_slice(&payload).unwrap(),
                Some((PING, _)) => (),
                other => panic!("a message was expected: {other:?}"),
            }
        }
    }

    /// The next message that has a number.
    pub async fn numbered(&mut self) -> Value {
        loop {
            let message = self.message().await;
            if message.get("seq").is_some() {
                return message;
            }
            assert_eq!(message["type"], "online", "{message}");
        }
    }

    /// The first message behind the answer to a handshake.
    pub async fn message_after_head(&mut self) -> Value {
        assert_eq!(self.head().await.0, 101);
        self.message().await
    }

    /// Takes all that comes; the code of the close frame, if there was one.
    pub async fn closed(&mut self) -> Option<u16> {
        let mut code = None;
        while let Some((opcode, payload)) = self.frame().await {
            if opcode == CLOSE {
                code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
            }
        }
        code
    }

    /// Takes all that comes up to the end, and how much that was.
    pub async fn drained(&mut self) -> usize {
        while self.more().await {}
        self.read.len()
    }

    /// Reads on; `false` at the end.
    async fn more(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let read = timeout(DEADLINE, self.stream.read(&mut bytes)).await.expect("in time");
        let count = read.unwrap_or(0);
        self.read.extend_from_slice(&bytes[..count]);
        count > 0
    }

    /// The opcode of the frame at the front and where its payload stands.
    fn whole_frame(&self) -> Option<(u8, usize, usize)> {
        let bytes = &self.read;
        let (start, length) = match bytes.get(1)? & 0x7F {
            126 => (4, u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().unwrap()))),
            127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().unwrap())),
            short => (2, u64::from(short)),
        };
        let end = start + usize::try_from(length).unwrap();
        (end <= bytes.len()).then_some((bytes[0] & 0x0F, start, end))
    }
}

/// A handshake with further header lines, each with its end.
pub fn handshake(address: SocketAddr, lines: &str) -> String {
    handshake_at(address, "/ws", lines)
}

/// A handshake at another path.
pub fn handshake_at(address: SocketAddr, path: &str, lines: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{lines}\r\n"
    )
}

/// A whole message of a client in one frame.
pub fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    frame_of(0x80 | opcode, payload)
}

/// A frame with this first byte: FIN, the reserved bits and the opcode.
pub fn frame_of(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = announced(first, payload.len() as u64);
    let key = [1, 2, 3, 4];
    frame.extend(key);
    frame.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

/// The begin of a masked frame that says it has so many bytes.
pub fn announced(first: u8, length: u64) -> Vec<u8> {
    let mut frame = vec![first];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..126), _) => frame.push(0x80 | short),
        (_, Ok(medium)) => {
            frame.push(0x80 | 126);
            frame.extend(medium.to_be_bytes());
        }
        _ => {
            frame.push(0x80 | 127);
            frame.extend(length.to_be_bytes());
        }
    }
    frame
}
