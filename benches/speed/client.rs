//! A client that takes as little as it can: the servers are what is measured,
//! on the same cores. Its mask is zero, so a frame goes out as it lies in memory.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// People at one address; the next ones connect from the next one.
const PEOPLE_AN_ADDRESS: u32 = 5_000;
/// What is read at once: all that is under way, or one burst would go on as two.
const READ_BYTES: usize = 4_096;
/// Opcodes of RFC 6455 section 5.2.
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// One connection.
pub struct Client {
    stream: TcpStream,
    /// What came in: all before `taken` is done with.
    bytes: Vec<u8>,
    taken: usize,
    /// The room, as its last `matched` named it.
    pub room: String,
}

impl Client {
    /// Connects and takes the `welcome`.
    pub async fn connect(server: SocketAddr) -> io::Result<Self> {
        static PEOPLE: AtomicU32 = AtomicU32::new(0);
        let nth = PEOPLE.fetch_add(1, Ordering::Relaxed) / PEOPLE_AN_ADDRESS % 100;
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 0, 0, 2)) + nth), 0).into())?;
        socket.set_nodelay(true)?;
        let stream = socket.connect(server).await?;
        let mut client = Self { stream, bytes: Vec::new(), taken: 0, room: String::new() };
        client.shake(server).await?;
        client.until("welcome").await?;
        Ok(client)
    }

    async fn shake(&mut self, server: SocketAddr) -> io::Result<()> {
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        self.stream.write_all(request.as_bytes()).await?;
        loop {
            self.read().await?;
            if let Some(end) = self.bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                if !self.bytes.starts_with(b"HTTP/1.1 101") {
                    return Err(io::Error::other("refused at the handshake"));
                }
                self.taken = end + 4;
                return Ok(());
            }
        }
    }

    /// Sends frames as [`frame`] makes them.
    pub async fn send(&mut self, frames: &[u8]) -> io::Result<()> {
        self.stream.write_all(frames).await
    }

    /// The next text; its memory goes with the next call.
    pub async fn next(&mut self) -> io::Result<&str> {
        let (start, end) = loop {
            if let Some(found) = whole(&self.bytes[self.taken..]) {
                break found;
            }
            self.bytes.drain(..self.taken);
            self.taken = 0;
            self.read().await?;
        };
        let opcode = self.bytes[self.taken] & 0x0F;
        let text = self.taken + start..self.taken + end;
        self.taken = text.end;
        if opcode == PING {
            let payload = self.bytes[text].to_vec();
            self.stream.write_all(&masked(PONG, &payload)).await?;
            return Ok("");
        }
        let text = &self.bytes[text];
        if let Some(room) = field(text, b"{\"type\":\"matched\",\"room\":\"") {
            self.room = room.into();
        }
        std::str::from_utf8(text).map_err(|_| ErrorKind::InvalidData.into())
    }

    /// Whether [`next`](Self::next) has another frame at once.
    pub fn has_more(&self) -> bool {
        whole(&self.bytes[self.taken..]).is_some()
    }

    /// Takes texts until one is of this kind.
    pub async fn until(&mut self, kind: &str) -> io::Result<()> {
        self.until_any(&[kind]).await
    }

    /// Takes texts until one is of these kinds.
    pub async fn until_any(&mut self, kinds: &[&str]) -> io::Result<()> {
        loop {
            let text = self.next().await?;
            if kinds.iter().any(|kind| is(text, kind)) {
                return Ok(());
            }
        }
    }

    /// Leaves for good: closes with 1000 and waits until the server has as well.
    pub async fn close(mut self) -> io::Result<()> {
        self.stream.write_all(&masked(CLOSE, &1000_u16.to_be_bytes())).await?;
        loop {
            self.bytes.clear();
            if self.stream.read_buf(&mut self.bytes).await? == 0 {
                return Ok(());
            }
        }
    }

    async fn read(&mut self) -> io::Result<()> {
        self.bytes.reserve(READ_BYTES);
        match self.stream.read_buf(&mut self.bytes).await? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Gives back memory that nothing waits in.
    pub fn rest(&mut self) {
        self.bytes.drain(..self.taken);
        self.taken = 0;
        self.bytes.shrink_to_fit();
    }
}

/// Whether a text is a message of this kind.
pub fn is(text: &str, kind: &str) -> bool {
    let rest = text.strip_prefix("{\"type\":\"").and_then(|rest| rest.strip_prefix(kind));
    rest.is_some_and(|rest| rest.starts_with('"'))
}

fn field<'a>(text: &'a [u8], before: &[u8]) -> Option<&'a str> {
    let rest = text.strip_prefix(before)?;
    let end = rest.iter().position(|byte| *byte == b'"')?;
    std::str::from_utf8(&rest[..end]).ok()
}

/// A text as a frame (RFC 6455 section 5.2), masked with zeros.
pub fn frame(text: &str) -> Vec<u8> {
    masked(TEXT, text.as_bytes())
}

fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        short @ 0..=125 => frame.push(0x80 | short as u8),
        long => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(long).expect("a text below 64 KB").to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// Where the payload of the first frame begins and ends, once it is whole.
fn whole(bytes: &[u8]) -> Option<(usize, usize)> {
    let start = match bytes.get(1)? & 0x7F {
        126 => 4,
        127 => 10,
        _ => 2,
    };
    let length = match start {
        2 => usize::from(bytes[1]),
        _ => bytes.get(2..start)?.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
    };
    (bytes.len() >= start + length).then_some((start, start + length))
}
