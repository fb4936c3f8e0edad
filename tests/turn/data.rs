//! What is relayed between a client and its peers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::net::UdpSocket;
use turn_types::AddressFamily::IPV6;
use turn_types::attribute::{AdditionalAddressFamily, RequestedAddressFamily};

use crate::client::{Client, Heard};
use crate::running::{DEADLINE, Running, eventually};

/// Where the world sees a relay behind a router.
const EXTERNAL: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

/// A peer that is not relayed.
async fn peer(ip: &str) -> UdpSocket {
    UdpSocket::bind((ip, 0)).await.unwrap()
}

/// The next packet of a peer and whom it is from.
async fn hear(peer: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut bytes = vec![0; 65_536];
    let heard = tokio::time::timeout(DEADLINE, peer.recv_from(&mut bytes)).await;
    let (length, from) = heard.expect("a packet in time").unwrap();
    bytes.truncate(length);
    (bytes, from)
}

#[tokio::test]
async fn packets_pass_both_ways_by_every_transport() {
    let running = Running::start(|_| ());
    let peer = peer("127.0.0.1").await;
    let at = peer.local_addr().unwrap();
    for mut client in [
        Client::udp(running.v4(), "1:a").await,
        Client::tcp(running.v4(), "1:a").await,
        Client::udp(running.v6(), "1:a").await,
    ] {
        let relayed = client.allocate(vec![]).await;
        assert_eq!(client.permit(&[at]).await, 0);
        for data in [&b""[..], b"1", b"12345678", &[7; 9000]] {
            client.send_to(at, data).await;
            assert_eq!(hear(&peer).await, (data.to_vec(), relayed));
            peer.send_to(data, relayed).await.unwrap();
            assert_eq!(client.hear().await, Heard::From(at, data.to_vec()));
        }
        assert_eq!(client.bind(0x4001, at).await, 0);
        for data in [&b""[..], b"1", b"12345678", &[7; 9000]] {
            client.send_on(0x4001, data).await;
            assert_eq!(hear(&peer).await, (data.to_vec(), relayed));
            peer.send_to(data, relayed).await.unwrap();
            assert_eq!(client.hear().await, Heard::On(0x4001, data.to_vec()));
        }
    }
    let bytes = 3 * 2 * (1 + 8 + 9000);
    for direction in ["to_peer", "from_peer"] {
        let metric = |what| format!("turn_relayed_{what}_total{{direction=\"{direction}\"}}");
        // A packet is counted after it has been sent.
        eventually("all are counted", || running.metric(&metric("packets")) == 24).await;
        assert_eq!(running.metric(&metric("bytes")), bytes);
    }
}

#[tokio::test]
async fn nothing_passes_without_a_permission_or_a_channel() {
    let running = Running::start(|_| ());
    let (peer, other) = (peer("127.0.0.1").await, peer("127.0.0.2").await);
    let at = peer.local_addr().unwrap();
    let mut client = Client::udp(running.v4(), "1:a").await;
    let relayed = client.allocate(vec![]).await;
    client.send_to(at, b"early").await;
    client.send_on(0x4000, b"early").await;
    peer.send_to(b"early", relayed).await.unwrap();
    eventually("three were dropped", || running.refused("permission") == 3).await;
    assert_eq!(client.bind(0x4000, at).await, 0);
    client.send_on(0x4001, b"elsewhere").await;
    other.send_to(b"another", relayed).await.unwrap();
    eventually("two were dropped", || running.refused("permission") == 5).await;
    client.send_on(0x4000, b"first").await;
    assert_eq!(hear(&peer).await.0, b"first");
    peer.send_to(b"first", relayed).await.unwrap();
    assert_eq!(client.hear().await, Heard::On(0x4000, b"first".to_vec()));
}

#[tokio::test]
async fn another_client_can_not_use_an_allocation() {
    let running = Running::start(|_| ());
    let peer = peer("127.0.0.1").await;
    let at = peer.local_addr().unwrap();
    let mut client = Client::udp(running.v4(), "1:a").await;
    client.allocate(vec![]).await;
    client.bind(0x4000, at).await;
    let mut other = Client::udp(running.v4(), "1:a").await;
    other.send_on(0x4000, b"not mine").await;
    other.send_to(at, b"not mine").await;
    other.hears_nothing().await;
    client.send_on(0x4000, b"first").await;
    assert_eq!(hear(&peer).await.0, b"first");
}

#[tokio::test]
async fn one_allocation_relays_both_families() {
    let running = Running::start(|_| ());
    let mut client = Client::udp(running.v4(), "1:a").await;
    client.allocate(vec![AdditionalAddressFamily::new(IPV6).into()]).await;
    for (number, peer) in [(0x4000, peer("127.0.0.1").await), (0x4001, peer("::1").await)] {
        let at = peer.local_addr().unwrap();
        assert_eq!(client.bind(number, at).await, 0);
        client.send_on(number, b"there").await;
        let (data, relayed) = hear(&peer).await;
        assert_eq!(data, b"there");
        peer.send_to(b"back", relayed).await.unwrap();
        assert_eq!(client.hear().await, Heard::On(number, b"back".to_vec()));
    }
}

/// A relay bound to `listen` that is reached at an address of its router.
fn behind_nat(listen: &str) -> Running {
    Running::start(|config| {
        config.listen = vec![listen.parse().unwrap()];
        config.external = vec![EXTERNAL];
        config.ports = 62_000..=62_999;
    })
}

#[tokio::test]
async fn two_clients_meet_at_the_address_that_the_world_sees() {
    meet(&behind_nat("127.0.0.1:0")).await;
    meet(&behind_nat("0.0.0.0:0")).await;
}

async fn meet(running: &Running) {
    assert_eq!(running.relay.external_addresses(), [EXTERNAL]);
    let server = SocketAddr::from(([127, 0, 0, 1], running.v4().port()));
    let mut clients = [Client::udp(server, "1:a").await, Client::tcp(server, "1:b").await];
    let (a, b) = (clients[0].allocate(vec![]).await, clients[1].allocate(vec![]).await);
    assert_eq!([a.ip(), b.ip()], [EXTERNAL; 2]);
    assert_eq!(clients[0].bind(0x4000, b).await, 0);
    assert_eq!(clients[1].permit(&[a]).await, 0);
    clients[0].send_on(0x4000, b"hello").await;
    assert_eq!(clients[1].hear().await, Heard::From(a, b"hello".to_vec()));
    clients[1].send_to(a, b"you").await;
    assert_eq!(clients[0].hear().await, Heard::On(0x4000, b"you".to_vec()));
}

#[tokio::test]
async fn what_is_over_an_allocations_bandwidth_is_dropped() {
    let running = Running::start(|config| config.limits.bytes_per_second = 10_000);
    let peer = peer("127.0.0.1").await;
    let at = peer.local_addr().unwrap();
    let mut client = Client::udp(running.v4(), "1:a").await;
    let relayed = client.allocate(vec![]).await;
    client.bind(0x4000, at).await;
    for _ in 0..2 {
        client.send_on(0x4000, &[1; 9000]).await;
        peer.send_to(&[2; 9000], relayed).await.unwrap();
    }
    eventually("one each way was dropped", || running.refused("bandwidth") == 2).await;
    assert_eq!(hear(&peer).await.0, [1; 9000]);
    assert_eq!(client.hear().await, Heard::On(0x4000, vec![2; 9000]));
}

#[tokio::test]
async fn an_allocation_that_is_gone_relays_nothing() {
    let running = Running::start(|_| ());
    let peer = peer("127.0.0.1").await;
    let at = peer.local_addr().unwrap();
    let mut client = Client::udp(running.v4(), "1:a").await;
    let relayed = client.allocate(vec![]).await;
    client.bind(0x4000, at).await;
    assert_eq!(client.refresh(0).await, 0);
    client.send_on(0x4000, b"late").await;
    peer.send_to(b"late", relayed).await.unwrap();
    client.hears_nothing().await;
    eventually("its port is free", || std::net::UdpSocket::bind(relayed).is_ok()).await;
    assert_eq!(running.metric("turn_relayed_packets_total{direction=\"to_peer\"}"), 0);
    assert_eq!(running.metric("turn_relayed_packets_total{direction=\"from_peer\"}"), 0);
}

#[tokio::test]
async fn the_longest_packets_of_a_peer_harm_nothing() {
    let running = Running::start(|_| ());
    let peer = peer("::1").await;
    let at = peer.local_addr().unwrap();
    let mut client = Client::tcp(running.v6(), "1:a").await;
    let relayed = client.allocate(vec![RequestedAddressFamily::new(IPV6).into()]).await;
    client.permit(&[at]).await;
    peer.send_to(&[1; 65_527], relayed).await.unwrap();
    eventually("it can't be indicated", || running.refused("congestion") == 1).await;
    client.bind(0x4000, at).await;
    peer.send_to(&[1; 65_527], relayed).await.unwrap();
    assert_eq!(client.hear().await, Heard::On(0x4000, vec![1; 65_527]));
    client.send_on(0x4000, &[2; 65_527]).await;
    assert_eq!(hear(&peer).await.0, [2; 65_527]);
}
