//! What a client sends and receives frames over.

use std::net::SocketAddr;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

/// A byte stream of any kind.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A connection to the relay.
pub enum Wire {
    Datagrams(UdpSocket),
    Stream(Box<dyn Stream>, SocketAddr, BytesMut),
}

impl Wire {
    pub async fn udp(server: SocketAddr) -> Self {
        let local = SocketAddr::new(server.ip(), 0);
        let socket = UdpSocket::bind(local).await.unwrap();
        socket.connect(server).await.unwrap();
        Self::Datagrams(socket)
    }

    pub async fn tcp(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        let local = stream.local_addr().unwrap();
        Self::stream(stream, local)
    }

    pub fn stream(stream: impl Stream + 'static, local: SocketAddr) -> Self {
        Self::Stream(Box::new(stream), local, BytesMut::new())
    }

    /// The client's address.
    pub fn local(&self) -> SocketAddr {
        match self {
            Self::Datagrams(socket) => socket.local_addr().unwrap(),
            Self::Stream(_, local, _) => *local,
        }
    }

    /// Sends a frame, padded in a stream.
    pub async fn send(&mut self, frame: &[u8]) {
        match self {
            Self::Datagrams(socket) => {
                socket.send(frame).await.unwrap();
            }
            Self::Stream(stream, ..) => {
                let mut padded = frame.to_vec();
                padded.resize(frame.len().next_multiple_of(4), 0);
                stream.write_all(&padded).await.unwrap();
            }
        }
    }

    /// Takes a frame; an empty one where the stream has ended.
    pub async fn receive(&mut self) -> Vec<u8> {
        match self {
            Self::Datagrams(socket) => {
                let mut datagram = vec![0; 65_536];
                let length = socket.recv(&mut datagram).await.unwrap();
                datagram.truncate(length);
                datagram
            }
            Self::Stream(stream, _, buffer) => loop {
                if let Some(frame) = frame(buffer) {
                    return frame;
                }
                if !matches!(stream.read_buf(buffer).await, Ok(1..)) {
                    return Vec::new();
                }
            },
        }
    }
}

fn frame(buffer: &mut BytesMut) -> Option<Vec<u8>> {
    let header = buffer.first_chunk::<4>()?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let length = if header[0] < 0x40 { 20 + length } else { 4 + length };
    let padded = length.next_multiple_of(4);
    if buffer.len() < padded {
        return None;
    }
    let frame = buffer[..length].to_vec();
    buffer.advance(padded);
    Some(frame)
}
