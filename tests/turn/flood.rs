//! A flood of requests without credentials leaves nothing behind.

use std::net::UdpSocket;

use stun_types::message::MessageWrite;
use turn_types::message::ALLOCATE;

use crate::client::{Client, udp, unsigned};
use crate::running::Running;

/// So many requests, each of another transaction.
const REQUESTS: usize = 200_000;
/// What the process may grow by. Other tests run beside this one in it.
const GROWTH_KB: u64 = 64 * 1024;

fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn it_keeps_no_memory_and_others_are_served() {
    let running = Running::start(|_| ());
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let before = resident_kb();
    let (server, request) = (running.v4(), unsigned(ALLOCATE, &[udp()]).finish());
    let flood = tokio::task::spawn_blocking(move || {
        let mut request = request;
        for number in 0..REQUESTS {
            request[12..20].copy_from_slice(&(number as u64).to_be_bytes());
            socket.send_to(&request, server).unwrap();
        }
    });
    // From elsewhere, as the flood uses up what its own address may ask.
    let mut client = Client::udp(running.v6(), "1:a").await;
    client.allocate(vec![]).await;
    flood.await.unwrap();
    assert_eq!(client.refresh(600).await, 0);
    let growth = resident_kb().saturating_sub(before);
    assert!(growth < GROWTH_KB, "{growth} KB more");
    assert!(running.refused("unauthenticated") > 0);
}
