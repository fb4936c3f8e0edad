//! How much there is for a session, an address, and in all.

use std::time::Duration;

use passerby::guard::limiter::Allowance;
use stun_types::message::{BINDING, MessageWrite};
use turn_types::message::ALLOCATE;

use crate::client::{Client, udp, unsigned};
use crate::running::{Running, eventually};

#[tokio::test]
async fn a_session_has_so_many_allocations_under_any_username() {
    let running = Running::start(|config| config.limits.per_session = 2);
    let mut first = Client::udp(running.v4(), "1:a").await;
    first.allocate(vec![]).await;
    Client::tcp(running.v4(), "2:a").await.allocate(vec![]).await;
    eventually("its connection is gone", || running.standing() == 1).await;
    let mut second = Client::udp(running.v4(), "3:a").await;
    second.allocate(vec![]).await;
    let mut third = Client::udp(running.v4(), "4:a").await;
    assert_eq!(third.request(ALLOCATE, &[udp()]).await.code(), 486);
    assert_eq!(running.refused("session_quota"), 1);
    Client::udp(running.v4(), "1:b").await.allocate(vec![]).await;
    assert_eq!(first.refresh(0).await, 0);
    third.allocate(vec![]).await;
}

#[tokio::test]
async fn there_are_so_many_allocations_in_all() {
    let running = Running::start(|config| config.limits.allocations = 2);
    let mut first = Client::udp(running.v4(), "1:a").await;
    first.allocate(vec![]).await;
    let mut second = Client::udp(running.v4(), "1:b").await;
    second.allocate(vec![]).await;
    let mut third = Client::udp(running.v4(), "1:c").await;
    assert_eq!(third.request(ALLOCATE, &[udp()]).await.code(), 508);
    assert_eq!(running.refused("capacity"), 1);
    running.relay.end("a");
    third.allocate(vec![]).await;
}

#[tokio::test]
async fn there_are_so_many_ports() {
    let port = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let running = Running::start(|config| config.ports = port..=port);
    let mut first = Client::udp(running.v4(), "1:a").await;
    assert_eq!(first.allocate(vec![]).await.port(), port);
    let mut second = Client::udp(running.v4(), "1:b").await;
    assert_eq!(second.request(ALLOCATE, &[udp()]).await.code(), 508);
    assert_eq!(first.refresh(0).await, 0);
    // The port is free when the allocation's task has ended.
    let tries = async {
        while second.request(ALLOCATE, &[udp()]).await.code() != 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::running::DEADLINE, tries).await.unwrap();
}

#[tokio::test]
async fn an_address_asks_so_much_without_credentials() {
    let every = Duration::from_secs(100_000);
    let running =
        Running::start(|config| config.limits.unauthenticated = Allowance { burst: 4, every });
    let mut client = Client::udp(running.v4(), "1:a").await;
    let mut codes = Vec::new();
    for method in [BINDING, ALLOCATE, ALLOCATE, BINDING, ALLOCATE, BINDING, BINDING, ALLOCATE] {
        let answer = client.exchange(&unsigned(method, &[udp()]).finish()).await;
        if codes.len() == 1 {
            let nonce = answer.get::<stun_types::attribute::Nonce>();
            client.nonce = Some(nonce.nonce().to_owned());
        }
        codes.push(answer.code());
    }
    assert_eq!(codes, [0, 401, 401, 0, 508, 508, 508, 508]);
    for _ in 0..3 {
        client.wire.send(&unsigned(BINDING, &[]).finish()).await;
    }
    eventually("the rest was ignored", || running.refused("unauthenticated") == 7).await;
    // Who has credentials and a nonce is none of them.
    client.allocate(vec![]).await;
    let mut elsewhere = Client::udp(running.v6(), "1:b").await;
    elsewhere.allocate(vec![]).await;
}
