//! Allocate requests.

use stun_types::attribute::{AttributeType, RawAttribute, UnknownAttributes, XorMappedAddress};
use turn_types::AddressFamily::{IPV4, IPV6};
use turn_types::attribute::{
    AdditionalAddressFamily, AddressErrorCode, DontFragment, EvenPort, RequestedAddressFamily,
    RequestedTransport, ReservationToken,
};
use turn_types::message::ALLOCATE;

use crate::client::{Client, Part, lifetime, udp};
use crate::running::{Running, eventually};

/// The code of an Allocate with these attributes.
async fn code(running: &Running, parts: &[Part]) -> u16 {
    Client::udp(running.v4(), "1:a").await.request(ALLOCATE, parts).await.code()
}

fn raw(kind: u16, value: &'static [u8]) -> Part {
    RawAttribute::new(AttributeType::new(kind), value).into()
}

#[tokio::test]
async fn a_client_is_given_an_address() {
    let running = Running::start(|_| ());
    for mut client in [
        Client::udp(running.v4(), "1:a").await,
        Client::tcp(running.v4(), "1:a").await,
        Client::udp(running.v6(), "1:a").await,
        Client::tcp(running.v6(), "1:a").await,
    ] {
        let answer = client.request(ALLOCATE, &[udp()]).await;
        assert_eq!(answer.code(), 0);
        let id = answer.message().transaction_id();
        assert_eq!(answer.get::<XorMappedAddress>().addr(id), client.wire.local());
        let relayed = answer.relayed();
        assert_eq!((relayed.len(), relayed[0].ip()), (1, running.v4().ip()));
        assert!(relayed[0].port() >= 49152);
        assert_eq!(running.standing(), 1);
        assert_eq!(client.refresh(0).await, 0);
        assert_eq!(running.standing(), 0);
    }
    assert_eq!(running.metric("turn_allocations_total{transport=\"udp\"}"), 2);
    assert_eq!(running.metric("turn_allocations_total{transport=\"tcp\"}"), 2);
}

#[tokio::test]
async fn it_lasts_as_long_as_is_asked_within_bounds() {
    let running = Running::start(|_| ());
    for (asked, given) in
        [(None, 600), (Some(1), 600), (Some(0), 600), (Some(700), 700), (Some(u32::MAX), 3600)]
    {
        let mut client = Client::udp(running.v4(), "1:a").await;
        let parts: Vec<_> = asked.map(lifetime).into_iter().chain([udp()]).collect();
        assert_eq!(client.request(ALLOCATE, &parts).await.seconds(), given);
    }
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_answered_again() {
    let running = Running::start(|_| ());
    let mut client = Client::udp(running.v4(), "1:a").await;
    client.refresh(600).await;
    let request = client.signed(ALLOCATE, &[udp(), EvenPort::new(true).into()]);
    let first = client.exchange(&request).await;
    assert_eq!(first.code(), 0);
    assert_eq!(client.exchange(&request).await.0, first.0);
    assert_eq!(client.request(ALLOCATE, &[udp()]).await.code(), 437);
    assert_eq!(running.standing(), 1);
}

#[tokio::test]
async fn only_udp_is_relayed() {
    let running = Running::start(|_| ());
    assert_eq!(code(&running, &[]).await, 400);
    let tcp = RequestedTransport::new(RequestedTransport::TCP);
    assert_eq!(code(&running, &[tcp.into()]).await, 442);
    assert_eq!(code(&running, &[raw(0x0019, &[17])]).await, 400);
}

#[tokio::test]
async fn what_must_be_understood_and_is_not_is_named() {
    let running = Running::start(|_| ());
    let mut client = Client::udp(running.v4(), "1:a").await;
    let parts = [udp(), DontFragment::new().into(), raw(0x7777, &[])];
    let answer = client.request(ALLOCATE, &parts).await;
    assert_eq!(answer.code(), 420);
    let unknown = answer.get::<UnknownAttributes>();
    assert!([0x001A, 0x7777].map(AttributeType::new).iter().all(|a| unknown.has_attribute(*a)));
    assert_eq!(code(&running, &[udp(), raw(0x8777, &[])]).await, 0);
}

#[tokio::test]
async fn an_address_of_the_family_that_is_asked_for() {
    let running = Running::start(|_| ());
    for family in [IPV4, IPV6] {
        let mut client = Client::udp(running.v4(), "1:a").await;
        let relayed = client.allocate(vec![RequestedAddressFamily::new(family).into()]).await;
        assert_eq!(relayed.is_ipv4(), family == IPV4);
    }
    assert_eq!(code(&running, &[udp(), raw(0x0017, &[9, 0, 0, 0])]).await, 440);
    let only_v4 = Running::start(|config| config.listen.truncate(1));
    assert_eq!(code(&only_v4, &[udp(), RequestedAddressFamily::new(IPV6).into()]).await, 440);
    let only_v6 = Running::start(|config| config.listen = vec![config.listen[1]]);
    assert_eq!(code(&only_v6, &[udp()]).await, 440);
    assert_eq!(only_v6.standing(), 0);
}

#[tokio::test]
async fn two_addresses_or_what_of_them_can_be_had() {
    let both = || [udp(), AdditionalAddressFamily::new(IPV6).into()];
    let running = Running::start(|_| ());
    let mut client = Client::udp(running.v4(), "1:a").await;
    let relayed = client.request(ALLOCATE, &both()).await.relayed();
    assert!(relayed.len() == 2 && relayed[0].is_ipv4() && relayed[1].is_ipv6());
    for (left, missing) in [(0, IPV6), (1, IPV4)] {
        let one = Running::start(|config| config.listen = vec![config.listen[left]]);
        let mut client = Client::udp(one.v4(), "1:a").await;
        let answer = client.request(ALLOCATE, &both()).await;
        assert_eq!((answer.code(), answer.relayed().len()), (0, 1));
        let error = answer.get::<AddressErrorCode>();
        assert_eq!((error.family(), error.error().code()), (missing, 440));
    }
}

#[tokio::test]
async fn what_excludes_each_other_is_refused() {
    let running = Running::start(|_| ());
    let family = || RequestedAddressFamily::new(IPV4).into();
    let additional = || AdditionalAddressFamily::new(IPV6).into();
    let token = || ReservationToken::new(1).into();
    let pair = || EvenPort::new(true).into();
    for parts in [
        [family(), additional()],
        [additional(), pair()],
        [token(), pair()],
        [token(), family()],
        [token(), additional()],
        [raw(0x8000, &[1, 0, 0, 0]), lifetime(600)],
        [raw(0x0022, &[1]), lifetime(600)],
        [raw(0x0018, &[1, 2]), lifetime(600)],
        [raw(0x000D, &[1]), pair()],
    ] {
        let parts: Vec<_> = [udp()].into_iter().chain(parts).collect();
        assert_eq!(code(&running, &parts).await, 400);
    }
    assert_eq!(running.standing(), 0);
}

#[tokio::test]
async fn a_pair_of_ports_is_fetched_by_its_token_once() {
    let running = Running::start(|_| ());
    let mut first = Client::udp(running.v4(), "1:a").await;
    let answer = first.request(ALLOCATE, &[udp(), EvenPort::new(true).into()]).await;
    let relayed = answer.relayed()[0];
    assert_eq!(relayed.port() % 2, 0);
    let token = answer.get::<ReservationToken>().token();
    let mut second = Client::udp(running.v4(), "1:a").await;
    let next = second.allocate(vec![ReservationToken::new(token).into()]).await;
    assert_eq!((next.ip(), next.port()), (relayed.ip(), relayed.port() + 1));
    assert_eq!(code(&running, &[udp(), ReservationToken::new(token).into()]).await, 508);
    let mut even = Client::udp(running.v4(), "1:a").await;
    assert_eq!(even.allocate(vec![EvenPort::new(false).into()]).await.port() % 2, 0);
}

#[tokio::test]
async fn a_relay_that_stops_leaves_its_ports() {
    let running = Running::start(|_| ());
    let mut client = Client::udp(running.v4(), "1:a").await;
    let relayed = client.allocate(vec![]).await;
    let handle = running.relay.clone();
    drop(running);
    assert!(std::net::UdpSocket::bind(relayed).is_err(), "a handle is left");
    drop(handle);
    eventually("the port is free", || std::net::UdpSocket::bind(relayed).is_ok()).await;
}
