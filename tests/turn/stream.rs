//! What is particular to clients that connect.

use std::net::SocketAddr;
use std::time::Duration;

use stun_types::message::{BINDING, MessageWrite};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use turn_types::message::ALLOCATE;

use crate::client::{Client, Heard, udp, unsigned};
use crate::running::{DEADLINE, Running, eventually};
use crate::wire::Wire;

/// Waits until the relay closes a stream.
async fn closed(mut stream: TcpStream) {
    let mut rest = Vec::new();
    // A reset is an end too.
    let _ = timeout(DEADLINE, stream.read_to_end(&mut rest)).await.expect("the end in time");
}

#[tokio::test]
async fn frames_come_in_pieces_and_together() {
    let running = Running::start(|_| ());
    let mut stream = TcpStream::connect(running.v4()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let request = unsigned(BINDING, &[]).finish();
    for byte in &request {
        stream.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    stream.write_all(&request.repeat(3)).await.unwrap();
    let local = stream.local_addr().unwrap();
    let mut wire = Wire::stream(stream, local);
    for _ in 0..4 {
        let answer = timeout(DEADLINE, wire.receive()).await.expect("an answer in time");
        assert_eq!(answer[8..20], request[8..20]);
    }
}

#[tokio::test]
async fn what_is_no_frame_ends_the_stream() {
    let running = Running::start(|_| ());
    for garbage in [&b"\x80\0\0\0"[..], b"\xff\xff\xff\xff", b"\0\x01\0\x01more"] {
        let mut stream = TcpStream::connect(running.v4()).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        closed(stream).await;
    }
}

#[tokio::test]
async fn an_allocation_ends_with_its_stream() {
    let running = Running::start(|_| ());
    let mut client = Client::tcp(running.v4(), "1:a").await;
    client.allocate(vec![]).await;
    assert_eq!(running.standing(), 1);
    drop(client);
    eventually("it is gone", || running.standing() == 0).await;
}

#[tokio::test]
async fn an_address_has_so_many_streams() {
    let running = Running::start(|_| ());
    let mut streams = Vec::new();
    for _ in 0..256 {
        streams.push(TcpStream::connect(running.v4()).await.unwrap());
    }
    closed(TcpStream::connect(running.v4()).await.unwrap()).await;
    assert_eq!(running.refused("connections"), 1);
    Client::tcp(running.v6(), "1:a").await.allocate(vec![]).await;
    drop(streams);
    let again = async {
        loop {
            let mut client = Client::tcp(running.v4(), "1:b").await;
            client.wire.send(&unsigned(ALLOCATE, &[udp()]).finish()).await;
            if !client.wire.receive().await.is_empty() {
                return;
            }
        }
    };
    timeout(DEADLINE, again).await.expect("room again");
}

#[tokio::test]
async fn a_slow_reader_costs_only_itself() {
    let running = Running::start(|_| ());
    let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let at: SocketAddr = peer.local_addr().unwrap();
    let mut slow = Client::tcp(running.v4(), "1:slow").await;
    let relayed = slow.allocate(vec![]).await;
    assert_eq!(slow.bind(0x4000, at).await, 0);
    let mut other = Client::tcp(running.v4(), "1:b").await;
    let others = other.allocate(vec![]).await;
    assert_eq!(other.bind(0x4000, at).await, 0);
    let sent = async {
        while running.refused("congestion") < 100 {
            peer.send_to(&[1; 8000], relayed).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, sent).await.expect("its buffers are full");
    peer.send_to(b"for the other", others).await.unwrap();
    assert_eq!(other.hear().await, Heard::On(0x4000, b"for the other".to_vec()));
    // Its answers still have room, and what it reads is whole.
    let request = slow.signed(turn_types::message::REFRESH, &[]);
    assert_eq!(slow.exchange(&request).await.code(), 0);
    assert_eq!(slow.hear().await, Heard::On(0x4000, vec![1; 8000]));
}

#[tokio::test]
async fn who_reads_no_answers_is_closed() {
    let running = Running::start(|config| {
        config.limits.unauthenticated.every = Duration::ZERO;
    });
    let mut stream = TcpStream::connect(running.v4()).await.unwrap();
    let requests = unsigned(BINDING, &[]).finish().repeat(1000);
    let flooded = async { while stream.write_all(&requests).await.is_ok() {} };
    timeout(DEADLINE, flooded).await.expect("the end in time");
}
