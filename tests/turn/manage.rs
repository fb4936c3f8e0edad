//! Refresh, CreatePermission and ChannelBind requests.

use std::net::SocketAddr;

use turn_types::AddressFamily::{IPV4, IPV6};
use turn_types::attribute::{AdditionalAddressFamily, ChannelNumber, RequestedAddressFamily};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH};

use crate::client::{Client, Part, lifetime, udp};
use crate::running::Running;

/// A client that has an allocation.
async fn allocated(running: &Running) -> Client {
    let mut client = Client::udp(running.v4(), "1:a").await;
    client.allocate(vec![]).await;
    client
}

fn peer(number: u16) -> SocketAddr {
    SocketAddr::from(([203, 0, 113, (number >> 8) as u8], 1000 + (number & 255)))
}

#[tokio::test]
async fn a_refresh_puts_the_end_off_within_bounds() {
    let running = Running::start(|_| ());
    let mut client = allocated(&running).await;
    assert_eq!(client.request(REFRESH, &[]).await.seconds(), 600);
    for (asked, given) in [(1, 600), (1000, 1000), (4000, 3600)] {
        assert_eq!(client.request(REFRESH, &[lifetime(asked)]).await.seconds(), given);
    }
    assert_eq!(client.request(REFRESH, &[lifetime(0)]).await.seconds(), 0);
    assert_eq!(client.request(ALLOCATE, &[udp()]).await.code(), 0, "it is gone at once");
}

#[tokio::test]
async fn without_an_allocation_there_is_nothing_to_manage() {
    let running = Running::start(|_| ());
    let mut client = Client::udp(running.v4(), "1:a").await;
    assert_eq!(client.refresh(600).await, 437);
    assert_eq!(client.refresh(0).await, 437);
    assert_eq!(client.permit(&[peer(1)]).await, 437);
    assert_eq!(client.bind(0x4000, peer(1)).await, 437);
}

#[tokio::test]
async fn families_must_fit() {
    let running = Running::start(|_| ());
    let mut client = allocated(&running).await;
    let family = |family| [RequestedAddressFamily::new(family).into(), lifetime(600)];
    assert_eq!(client.request(REFRESH, &family(IPV4)).await.code(), 0);
    assert_eq!(client.request(REFRESH, &family(IPV6)).await.code(), 443);
    let v6 = "[2001:db8::1]:1".parse().unwrap();
    assert_eq!(client.permit(&[peer(1), v6]).await, 443);
    assert_eq!(client.bind(0x4000, v6).await, 443);
}

#[tokio::test]
async fn one_family_of_two_can_be_given_back() {
    let running = Running::start(|_| ());
    let mut client = Client::udp(running.v4(), "1:a").await;
    client.allocate(vec![AdditionalAddressFamily::new(IPV6).into()]).await;
    let v6 = "[2001:db8::1]:1".parse().unwrap();
    assert_eq!(client.permit(&[peer(1), v6]).await, 0);
    let family = |family| [RequestedAddressFamily::new(family).into(), lifetime(0)];
    assert_eq!(client.request(REFRESH, &family(IPV6)).await.code(), 0);
    assert_eq!(client.permit(&[v6]).await, 443);
    assert_eq!(client.permit(&[peer(1)]).await, 0);
    assert_eq!(client.request(REFRESH, &family(IPV6)).await.code(), 443);
    assert_eq!(client.request(REFRESH, &family(IPV4)).await.code(), 0);
    assert_eq!(client.refresh(600).await, 437);
    assert_eq!(running.standing(), 0);
}

#[tokio::test]
async fn a_permission_needs_a_peer() {
    let running = Running::start(|_| ());
    let mut client = allocated(&running).await;
    assert_eq!(client.permit(&[]).await, 400);
    assert_eq!(client.permit(&[peer(1), peer(300)]).await, 0);
}

#[tokio::test]
async fn a_channel_has_a_number_and_a_peer_of_its_own() {
    let running = Running::start(|_| ());
    let mut client = allocated(&running).await;
    for number in [0x4000, 0x7FFF] {
        assert_eq!(client.bind(number, peer(number)).await, 0);
        assert_eq!(client.bind(number, peer(number)).await, 0);
    }
    assert_eq!(client.bind(0x4000, peer(2)).await, 400);
    assert_eq!(client.bind(0x4001, peer(0x4000)).await, 400);
    for number in [0, 0x3FFF, 0x8000, 0xFFFF] {
        assert_eq!(client.bind(number, peer(3)).await, 400);
    }
    let missing: [Part; 2] = [ChannelNumber::new(0x4002).into(), Part::Peer(peer(3))];
    for part in missing {
        assert_eq!(client.request(CHANNEL_BIND, &[part]).await.code(), 400);
    }
}

#[tokio::test]
async fn permissions_and_channels_are_bounded() {
    let running = Running::start(|_| ());
    let mut client = allocated(&running).await;
    let many = |count: u16| -> Vec<_> { (0..count).map(|n| Part::Peer(peer(n << 8))).collect() };
    assert_eq!(client.request(CREATE_PERMISSION, &many(129)).await.code(), 508);
    assert_eq!(client.request(CREATE_PERMISSION, &many(128)).await.code(), 0);
    assert_eq!(client.permit(&[peer(200 << 8)]).await, 508);
    for number in 0..128 {
        assert_eq!(client.bind(0x4000 + number, peer(number)).await, 0);
    }
    assert_eq!(client.bind(0x5000, peer(128)).await, 508);
    assert_eq!(running.refused("capacity"), 3);
}
