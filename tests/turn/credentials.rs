//! Whose a request is.

use stun_types::attribute::{AttributeStaticType, Fingerprint, Nonce, Realm, Username};
use stun_types::message::{IntegrityAlgorithm, MessageWrite, MessageWriteExt};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH};

use crate::client::{Client, key, udp, unsigned};
use crate::running::{REALM, Running, password};

#[tokio::test]
async fn who_shows_no_credentials_is_challenged() {
    let running = Running::start(|_| ());
    let mut client = Client::udp(running.v4(), "1:a").await;
    for method in [ALLOCATE, REFRESH, CREATE_PERMISSION, CHANNEL_BIND] {
        let answer = client.exchange(&unsigned(method, &[udp()]).finish()).await;
        assert_eq!(answer.code(), 401);
        assert_eq!(answer.get::<Realm>().realm(), REALM);
        assert!(!answer.get::<Nonce>().nonce().is_empty());
    }
    assert_eq!(running.refused("credentials"), 0);
}

#[tokio::test]
async fn an_answer_is_signed_and_has_a_fingerprint_where_the_request_had() {
    let running = Running::start(|_| ());
    let mut client = Client::udp(running.v4(), "1:a").await;
    client.allocate(vec![]).await;
    let mut request = unsigned(REFRESH, &[]);
    request.add_attribute(&Username::new("1:a").unwrap()).unwrap();
    request.add_attribute(&Realm::new(REALM).unwrap()).unwrap();
    request.add_attribute(&Nonce::new(client.nonce.as_ref().unwrap()).unwrap()).unwrap();
    request.add_message_integrity_with_key(&client.key, IntegrityAlgorithm::Sha1).unwrap();
    request.add_fingerprint().unwrap();
    let answer = client.exchange(&request.finish()).await;
    assert_eq!(answer.code(), 0);
    assert!(answer.message().has_attribute(Fingerprint::TYPE));
    answer.message().validate_integrity_with_key(&client.key).unwrap();
}

#[tokio::test]
async fn wrong_unknown_and_expired_credentials_are_challenged() {
    let running = Running::start(|_| ());
    let mut wrong = Client::udp(running.v4(), "1:a").await;
    wrong.key = key("1:a", "another");
    assert_eq!(wrong.request(ALLOCATE, &[udp()]).await.code(), 401);
    let mut unknown = Client::udp(running.v4(), "1:stranger").await;
    assert_eq!(unknown.request(ALLOCATE, &[udp()]).await.code(), 401);
    assert_eq!((running.refused("credentials"), running.refused("expired")), (2, 0));
    running.book.expire("1:a");
    let mut expired = Client::udp(running.v4(), "1:a").await;
    assert_eq!(expired.request(ALLOCATE, &[udp()]).await.code(), 401);
    assert_eq!((running.refused("credentials"), running.refused("expired")), (2, 1));
    assert_eq!(running.standing(), 0);
}

#[tokio::test]
async fn a_nonce_of_nobody_or_another_is_stale() {
    let running = Running::start(|_| ());
    let mut other = Client::udp(running.v4(), "1:a").await;
    other.allocate(vec![]).await;
    for nonce in [other.nonce.unwrap(), "f".repeat(48), "x".to_owned()] {
        let mut client = Client::udp(running.v4(), "1:a").await;
        client.nonce = Some(nonce);
        let answer = client.request(ALLOCATE, &[udp()]).await;
        assert_eq!(answer.code(), 438);
        client.nonce = Some(answer.get::<Nonce>().nonce().to_owned());
        assert_eq!(client.request(ALLOCATE, &[udp()]).await.code(), 0);
    }
}

#[tokio::test]
async fn credentials_must_be_whole() {
    let running = Running::start(|_| ());
    let mut client = Client::udp(running.v4(), "1:a").await;
    for missing in 0..3 {
        let mut request = unsigned(ALLOCATE, &[udp()]);
        if missing != 0 {
            request.add_attribute(&Username::new("1:a").unwrap()).unwrap();
        }
        if missing != 1 {
            request.add_attribute(&Realm::new(REALM).unwrap()).unwrap();
        }
        if missing != 2 {
            request.add_attribute(&Nonce::new("1").unwrap()).unwrap();
        }
        let key = key("1:a", &password("1:a"));
        request.add_message_integrity_with_key(&key, IntegrityAlgorithm::Sha1).unwrap();
        assert_eq!(client.exchange(&request.finish()).await.code(), 400);
    }
}

#[tokio::test]
async fn another_user_of_the_same_client_is_told_apart() {
    let running = Running::start(|_| ());
    let mut client = Client::udp(running.v4(), "1:a").await;
    let relayed = client.allocate(vec![]).await;
    let mut other = Client::over(client.wire, "2:other");
    other.nonce = client.nonce;
    assert_eq!(other.refresh(600).await, 441);
    assert_eq!(other.permit(&[relayed]).await, 441);
    assert_eq!(other.bind(0x4000, relayed).await, 441);
    assert_eq!(other.request(ALLOCATE, &[udp()]).await.code(), 437);
    assert_eq!(running.refused("other_user"), 3);
    let mut own = Client::over(other.wire, "1:a");
    own.nonce = other.nonce;
    assert_eq!(own.refresh(600).await, 0);
}

#[tokio::test]
async fn an_allocation_outlives_its_credentials() {
    let running = Running::start(|_| ());
    let mut client = Client::udp(running.v4(), "1:a").await;
    client.refresh(600).await;
    let request = client.signed(ALLOCATE, &[udp()]);
    let relayed = client.exchange(&request).await.relayed()[0];
    running.book.expire("1:a");
    assert_eq!(client.exchange(&request).await.relayed(), [relayed], "it is sent again");
    assert_eq!(client.refresh(600).await, 0);
    assert_eq!(client.permit(&[relayed]).await, 0);
    assert_eq!(client.bind(0x4000, relayed).await, 0);
    assert_eq!(client.refresh(0).await, 0);
    assert_eq!(client.request(ALLOCATE, &[udp()]).await.code(), 401);
    // Its requests are still known, though they have nothing to be about.
    assert_eq!(client.refresh(600).await, 437);
}

#[tokio::test]
async fn an_allocation_is_managed_with_the_key_that_it_was_made_with() {
    let running = Running::start(|_| ());
    let mut client = Client::udp(running.v4(), "1:a").await;
    let relayed = client.allocate(vec![]).await;
    running.book.forget("1:a");
    assert_eq!(client.refresh(600).await, 0);
    assert_eq!(client.permit(&[relayed]).await, 0);
    assert_eq!(client.bind(0x4000, relayed).await, 0);
    client.key = key("1:a", "another");
    assert_eq!(client.refresh(600).await, 401);
    assert_eq!(client.refresh(0).await, 401);
    assert_eq!(running.standing(), 1);
}

#[tokio::test]
async fn a_name_that_ended_has_nothing_more() {
    let running = Running::start(|_| ());
    let mut clients = [
        Client::udp(running.v4(), "1:a").await,
        Client::tcp(running.v4(), "2:a").await,
        Client::udp(running.v4(), "1:b").await,
    ];
    for client in &mut clients {
        client.allocate(vec![]).await;
    }
    running.relay.end("a");
    assert_eq!(running.standing(), 1);
    let mut codes = Vec::new();
    for client in &mut clients {
        codes.push(client.refresh(600).await);
    }
    assert_eq!(codes, [437, 437, 0]);
    for client in &mut clients[..2] {
        assert_eq!(client.request(ALLOCATE, &[udp()]).await.code(), 401);
    }
}
