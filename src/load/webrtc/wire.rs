//! What a TURN client's frames go over: datagrams, or a stream.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpSocket, TcpStream, UdpSocket};

use super::options::Transport;
use crate::turn::framing::{Frame, first};

/// The longest datagram that is taken whole; WebRTC sends none over 1500 bytes.
pub(super) const DATAGRAM_BYTES: usize = 2048;
/// Bytes that wait to be written to a stream; further frames are dropped, as a
/// network would.
const WAITING_BYTES: usize = 256 * 1024;
/// Bytes that are read from a stream at a time. A frame has at most 65,552.
const READ_BYTES: usize = 4096;

type Connecting = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>;

/// A way to a TURN server.
pub(super) enum Wire {
    Datagrams(UdpSocket),
    Stream(Stream),
}

/// A stream, with what was read of it and what waits to be written.
pub(super) struct Stream {
    state: Connection,
    read: BytesMut,
    waiting: BytesMut,
}

enum Connection {
    Connecting(Connecting),
    Open(TcpStream),
}

impl Wire {
    /// Begins to reach a server, from `source` or any address; the local address
    /// as far as it is known yet.
    pub(super) fn open(
        transport: Transport,
        server: SocketAddr,
        source: Option<IpAddr>,
    ) -> io::Result<(Self, SocketAddr)> {
        let local = SocketAddr::new(source.unwrap_or(unspecified(server)), 0);
        match transport {
            Transport::Udp => {
                let socket = std::net::UdpSocket::bind(local)?;
                socket.connect(server)?;
                socket.set_nonblocking(true)?;
                let local = socket.local_addr()?;
                Ok((Self::Datagrams(UdpSocket::from_std(socket)?), local))
            }
            Transport::Tcp => {
                let socket =
                    if server.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
                socket.set_nodelay(true)?;
                socket.bind(local)?;
                let local = socket.local_addr()?;
                let state = Connection::Connecting(Box::pin(socket.connect(server)));
                let (read, waiting) = (BytesMut::new(), BytesMut::new());
                Ok((Self::Stream(Stream { state, read, waiting }), local))
            }
        }
    }

    /// Whether frames that are sent arrive for certain.
    pub(super) fn is_reliable(&self) -> bool {
        matches!(self, Self::Stream(_))
    }

    /// Sends a frame or drops it. In a stream it goes out with the next
    /// [`poll_frame`](Self::poll_frame), padded to four bytes (RFC 8656, section
    /// 12.5).
    pub(super) fn send(&mut self, frame: &[u8]) {
        match self {
            // Made directly: tokio's would refuse a socket that its reactor has not
            // seen yet.
            Self::Datagrams(socket) => drop(SockRef::from(&*socket).send(frame)),
            Self::Stream(stream) if stream.waiting.len() + frame.len() <= WAITING_BYTES => {
                stream.waiting.extend_from_slice(frame);
                let padded = stream.waiting.len() + frame.len().next_multiple_of(4) - frame.len();
                stream.waiting.resize(padded, 0);
            }
            Self::Stream(_) => (),
        }
    }

    /// The next frame.
    ///
    /// # Errors
    /// The server can't be reached any more.
    pub(super) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Vec<u8>>> {
        match self {
            Self::Datagrams(socket) => {
                let mut bytes = [0; DATAGRAM_BYTES];
                let mut buffer = ReadBuf::new(&mut bytes);
                ready!(socket.poll_recv(cx, &mut buffer))?;
                Poll::Ready(Ok(buffer.filled().to_vec()))
            }
            Self::Stream(stream) => stream.poll_frame(cx),
        }
    }
}

impl Stream {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Vec<u8>>> {
        if let Connection::Connecting(connecting) = &mut self.state {
            self.state = Connection::Open(ready!(connecting.as_mut().poll(cx))?);
        }
        let Connection::Open(stream) = &mut self.state else { return Poll::Pending };
        while !self.waiting.is_empty() {
            let Poll::Ready(written) = pin!(&mut *stream).poll_write(cx, &self.waiting) else {
                break;
            };
            self.waiting.advance(written?);
        }
        loop {
            match first(&self.read) {
                Frame::Partial => ready!(poll_read(stream, cx, &mut self.read))?,
                Frame::Garbage => return Poll::Ready(Err(io::ErrorKind::InvalidData.into())),
                Frame::Whole { length, padded } => {
                    let frame = self.read[..length].to_vec();
                    self.read.advance(padded);
                    return Poll::Ready(Ok(frame));
                }
            }
        }
    }
}

fn poll_read(
    stream: &mut TcpStream,
    cx: &mut Context<'_>,
    read: &mut BytesMut,
) -> Poll<io::Result<()>> {
    let mut bytes = [0; READ_BYTES];
    let mut buffer = ReadBuf::new(&mut bytes);
    ready!(pin!(stream).poll_read(cx, &mut buffer))?;
    if buffer.filled().is_empty() {
        return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
    }
    read.extend_from_slice(buffer.filled());
    Poll::Ready(Ok(()))
}

fn unspecified(like: SocketAddr) -> IpAddr {
    match like {
        SocketAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    }
}
