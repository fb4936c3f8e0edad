//! Binding requests: a client learns its address.

use stun_types::attribute::{AttributeStaticType, AttributeType, Fingerprint, RawAttribute};
use stun_types::attribute::{UnknownAttributes, XorMappedAddress};
use stun_types::message::{BINDING, MessageWrite, MessageWriteExt};

use crate::client::{Client, unsigned};
use crate::running::Running;

#[tokio::test]
async fn a_client_learns_its_address() {
    let running = Running::start(|_| ());
    for mut client in [
        Client::udp(running.v4(), "1:a").await,
        Client::udp(running.v6(), "1:a").await,
        Client::tcp(running.v4(), "1:a").await,
        Client::tcp(running.v6(), "1:a").await,
    ] {
        let answer = client.exchange(&unsigned(BINDING, &[]).finish()).await;
        assert_eq!(answer.code(), 0);
        let id = answer.message().transaction_id();
        assert_eq!(answer.get::<XorMappedAddress>().addr(id), client.wire.local());
        assert!(!answer.message().has_attribute(Fingerprint::TYPE));
    }
}

#[tokio::test]
async fn who_sends_a_fingerprint_gets_one() {
    let running = Running::start(|_| ());
    let mut client = Client::udp(running.v4(), "1:a").await;
    let mut request = unsigned(BINDING, &[]);
    request.add_fingerprint().unwrap();
    let answer = client.exchange(&request.finish()).await;
    // Reading it checked that it is right.
    assert!(answer.message().has_attribute(Fingerprint::TYPE));
}

#[tokio::test]
async fn what_must_be_understood_and_is_not_is_named() {
    let running = Running::start(|_| ());
    let mut client = Client::udp(running.v4(), "1:a").await;
    let kind = AttributeType::new(0x7777);
    let parts = [RawAttribute::new(kind, &[1]).into_owned().into()];
    let answer = client.exchange(&unsigned(BINDING, &parts).finish()).await;
    assert_eq!(answer.code(), 420);
    assert!(answer.get::<UnknownAttributes>().has_attribute(kind));
}

#[tokio::test]
async fn a_port_of_ipv6_leaves_that_of_ipv4_free() {
    let v6 = Running::start(|config| {
        config.listen = vec!["[::]:0".parse().unwrap()];
        config.external = vec!["2001:db8::7".parse().unwrap()];
    });
    let port = v6.relay.addresses()[0].port();
    let v4 = Running::start(|config| config.listen = vec![([127, 0, 0, 1], port).into()]);
    let mut client = Client::udp(v4.v4(), "1:a").await;
    assert_eq!(client.exchange(&unsigned(BINDING, &[]).finish()).await.code(), 0);
}
