//! Peers that may not be reached.

use std::net::SocketAddr;

use turn_types::AddressFamily::IPV6;
use turn_types::attribute::AdditionalAddressFamily;

use crate::client::Client;
use crate::running::{Running, eventually};

/// One or more of each range that is denied on a relay that does not listen on
/// the loopback.
const DENIED: [&str; 36] = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.9.9.9",
    "168.63.129.16",
    "169.254.1.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "100::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::808:808",
    "2002:a00:1::1",
    "2001:0:a00:1::f7f7:f7f7",
    "2001:0:808:808::f5ff:fffe",
];

/// A client with both families at a relay that does not say that it is on the
/// loopback: it listens on every address and is reached at these.
async fn away_from_home(running: &Running) -> Client {
    let port = running.v4().port();
    let mut client = Client::udp(SocketAddr::from(([127, 0, 0, 1], port)), "1:a").await;
    client.allocate(vec![AdditionalAddressFamily::new(IPV6).into()]).await;
    client
}

fn everywhere(allow: &[&str]) -> Running {
    Running::start(|config| {
        config.listen = vec!["0.0.0.0:0".parse().unwrap(), "[::]:0".parse().unwrap()];
        config.external = ["203.0.113.7", "2001:db8::7"].map(|ip| ip.parse().unwrap()).into();
        config.allow_peers = allow.iter().map(|range| range.parse().unwrap()).collect();
        config.ports = 61_000..=61_999;
    })
}

#[tokio::test]
async fn every_special_range_is_denied() {
    let running = everywhere(&[]);
    let mut client = away_from_home(&running).await;
    for ip in DENIED {
        let peer = SocketAddr::new(ip.parse().unwrap(), 9);
        assert_eq!(client.permit(&[peer]).await, 403, "{ip}");
        assert_eq!(client.bind(0x4000, peer).await, 403, "{ip}");
        client.send_to(peer, b"no").await;
    }
    let refused = 3 * DENIED.len() as u64;
    eventually("all were counted", || running.refused("peer") == refused).await;
}

#[tokio::test]
async fn one_denied_peer_denies_a_whole_request() {
    let running = everywhere(&[]);
    let mut client = away_from_home(&running).await;
    let (good, bad) = ("198.51.100.1:9".parse().unwrap(), "10.0.0.1:9".parse().unwrap());
    assert_eq!(client.permit(&[good, bad]).await, 403);
    client.send_to(good, b"no").await;
    eventually("it has no permission", || running.refused("permission") == 1).await;
}

#[tokio::test]
async fn what_is_allowed_and_ordinary_may_be_reached() {
    let running = everywhere(&["10.1.0.0/16", "fd00:1::/32"]);
    let mut client = away_from_home(&running).await;
    for ip in [
        "10.1.2.3",
        "fd00:1::1",
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "8.8.8.8",
        "2001:db8::1",
        "64:ff9b::8.8.8.8",
    ] {
        assert_eq!(client.permit(&[SocketAddr::new(ip.parse().unwrap(), 9)]).await, 0, "{ip}");
    }
    assert_eq!(client.permit(&["10.2.0.1:9".parse().unwrap()]).await, 403);
}

#[tokio::test]
async fn the_relay_is_its_own_peer_on_relayed_ports_alone() {
    let running = everywhere(&[]);
    let mut client = away_from_home(&running).await;
    let own = |port| SocketAddr::from(([203, 0, 113, 7], port));
    assert_eq!(client.permit(&[own(3478)]).await, 0, "a permission has no port");
    assert_eq!(client.bind(0x4000, own(61_000)).await, 0);
    for port in [0, 22, 3478, 60_999, 62_000] {
        assert_eq!(client.bind(0x4001, own(port)).await, 403, "{port}");
    }
    client.send_to(own(3478), b"no").await;
    eventually("all were counted", || running.refused("peer") == 6).await;
}
