//! Serves the clients that connect.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::client::{Client, FiveTuple, Sink};
use super::framing::{Frame, first};
use super::outbox::Outbox;
use super::server::Server;
use super::tls::Certificates;
use crate::metrics::{Refusal, Transport};

/// How long a connection may be without an allocation, and how long it may take
/// to agree on TLS.
const IDLE: Duration = Duration::from_secs(30);
/// How long no connection is taken when the system has no room for one.
const REST: Duration = Duration::from_millis(100);
/// Bytes that are made room for at a time; a longer frame takes more.
const READ_BYTES: usize = 4096;

/// The number of the next stream of all listeners.
static STREAMS: AtomicU64 = AtomicU64::new(1);

/// Takes connections, forever.
pub(super) async fn accept(
    server: Arc<Server>,
    listener: TcpListener,
    certificates: Option<Arc<Certificates>>,
    number: usize,
) {
    loop {
        let Ok((stream, address)) = listener.accept().await else {
            tokio::time::sleep(REST).await;
            continue;
        };
        if !server.crowd.lock().enter(address.ip()) {
            server.metrics.turn.refused(Refusal::Connections);
            continue;
        }
        let stream_number = STREAMS.fetch_add(1, Ordering::Relaxed);
        let tuple = FiveTuple { listener: number, address, stream: stream_number };
        let place = Place { server: server.clone(), tuple };
        tokio::spawn(connection(place, stream, certificates.clone()));
    }
}

/// A connection's place among those that are open. Its allocation ends with it.
struct Place {
    server: Arc<Server>,
    tuple: FiveTuple,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.server.crowd.lock().leave(self.tuple.address.ip());
        if let Some(allocation) = self.server.allocations.find(&self.tuple, self.server.clock.now())
        {
            self.server.allocations.close(&allocation);
        }
    }
}

async fn connection(place: Place, stream: TcpStream, certificates: Option<Arc<Certificates>>) {
    // A packet that waits for the next is late.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let Some(certificates) = certificates else {
        return serve(&place, stream, Transport::Tcp).await;
    };
    let acceptor = certificates.acceptor(place.server.clock.now());
    if let Ok(Ok(stream)) = timeout(IDLE, acceptor.accept(stream)).await {
        serve(&place, stream, Transport::Tls).await;
    }
}

/// Serves one stream until either side ends it.
async fn serve<S: AsyncRead + AsyncWrite>(place: &Place, stream: S, transport: Transport) {
    let (reader, writer) = tokio::io::split(stream);
    let outbox = Arc::new(Outbox::default());
    let sink = Sink::Stream(outbox.clone());
    let client = Client { tuple: place.tuple, transport, sink };
    tokio::select! {
        () = read(&place.server, reader, &client) => (),
        () = write(writer, &outbox) => (),
    }
}

async fn read(server: &Arc<Server>, mut reader: impl AsyncRead + Unpin, client: &Client) {
    let mut buffer = BytesMut::new();
    let mut idle_since = server.clock.now();
    loop {
        buffer.reserve(READ_BYTES);
        let read = timeout(IDLE, reader.read_buf(&mut buffer)).await;
        if matches!(read, Ok(Ok(0) | Err(_))) || !take_frames(server, &mut buffer, client) {
            return;
        }
        let now = server.clock.now();
        if server.allocations.find(&client.tuple, now).is_some() {
            idle_since = now;
        } else if now.since(idle_since) >= IDLE {
            return;
        }
    }
}

/// Handles the whole frames of what came in; whether the stream can be followed.
fn take_frames(server: &Arc<Server>, buffer: &mut BytesMut, client: &Client) -> bool {
    loop {
        match first(buffer) {
            Frame::Partial => return true,
            Frame::Garbage => return false,
            Frame::Whole { length, padded } => {
                server.receive(&client.tuple, &buffer[..length], || client.clone());
                buffer.advance(padded);
            }
        }
    }
}

async fn write(mut writer: impl AsyncWrite + Unpin, outbox: &Outbox) {
    let mut bytes = Vec::new();
    while outbox.next(&mut bytes).await {
        let written = writer.write_all(&bytes).await;
        if written.is_err() || writer.flush().await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use stun_types::message::{BINDING, Message, MessageWrite, MessageWriteVec};
    use tokio::io::DuplexStream;
    use tokio::time::advance;

    use super::*;
    use crate::turn::server::tests::World;

    /// A stream that the world's client has to its server.
    fn connect(world: &World) -> DuplexStream {
        let (ours, theirs) = tokio::io::duplex(4096);
        let place = Place { server: world.server.clone(), tuple: world.client.tuple };
        tokio::spawn(async move { serve(&place, theirs, Transport::Tcp).await });
        ours
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_without_an_allocation_is_closed_whatever_it_asks() {
        let world = World::new();
        let mut stream = connect(&world);
        let request = Message::builder_request(BINDING, MessageWriteVec::new()).finish();
        let mut answer = [0; 32];
        for _ in 0..3 {
            stream.write_all(&request).await.unwrap();
            stream.read_exact(&mut answer).await.unwrap();
            advance(IDLE / 3).await;
        }
        // The third third is over, and no further request is answered for long.
        stream.write_all(&request).await.unwrap();
        let closed = timeout(IDLE / 2, stream.read_to_end(&mut Vec::new())).await;
        closed.expect("it is closed").unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_is_closed_some_time_after_its_allocation_ran_out() {
        let world = World::new();
        let mut stream = connect(&world);
        world.allocate().await;
        let mut byte = [0; 1];
        assert!(timeout(IDLE * 19, stream.read(&mut byte)).await.is_err(), "it stays");
        assert_eq!(timeout(IDLE * 4, stream.read(&mut byte)).await.unwrap().unwrap(), 0);
    }
}
