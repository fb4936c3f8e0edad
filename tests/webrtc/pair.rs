//! Two that meet through the binary.

use passerby::load::webrtc::{
    Failure, MeetingError, Options, Path, RelayError, Route, Transport, echo_pair,
};

use crate::server::Server;
use crate::support::{assert_connected, hasty, patient};

const RELAY: [&str; 4] = ["--turn", "on", "--turn-listen", "127.0.0.1:0"];

fn target(server: &Server) -> String {
    format!("ws://{}/ws", server.public())
}

#[tokio::test]
async fn a_pair_meets_and_talks_directly() {
    let server = Server::start(&[]);
    let outcomes = echo_pair(&target(&server), &patient(Route::Any)).await.unwrap();
    assert_connected(&outcomes, Path::Host);
    server.metric_becomes("passerby_connections", 0.0).await;
}

#[tokio::test]
async fn a_pair_meets_and_talks_by_stun_and_through_the_relay() {
    let server = Server::start(&RELAY);
    let outcomes = echo_pair(&target(&server), &patient(Route::Stun)).await.unwrap();
    assert_connected(&outcomes, Path::Srflx);
    for (transport, name) in [(Transport::Udp, "udp"), (Transport::Tcp, "tcp")] {
        let relay_over = Some(transport);
        let options = Options { relay_over, ..patient(Route::Relay) };
        let outcomes = echo_pair(&target(&server), &options).await.unwrap();
        assert_connected(&outcomes, Path::Relay);
        let standing = format!("passerby_turn_allocations{{transport=\"{name}\"}}");
        server.metric_becomes(&standing, 0.0).await;
    }
}

#[tokio::test]
async fn where_everybody_is_private_a_pair_goes_through_the_relay_unasked() {
    let server = Server::start(&[&RELAY[..], &["--private", "always"]].concat());
    let outcomes = echo_pair(&target(&server), &patient(Route::Any)).await.unwrap();
    assert_connected(&outcomes, Path::Relay);
}

#[tokio::test]
async fn many_pairs_meet_at_once_and_nobody_meets_a_stranger() {
    let server = Server::start(&[]);
    let (target, options) = (target(&server), patient(Route::Any));
    let pairs = (0..5).map(|_| echo_pair(&target, &options));
    for outcomes in futures_util::future::join_all(pairs).await {
        assert_connected(&outcomes.unwrap(), Path::Host);
    }
}

#[tokio::test]
async fn what_keeps_two_from_meeting_is_said() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let met = echo_pair(&format!("ws://{free}/ws"), &patient(Route::Any)).await;
    assert_eq!(met, Err(MeetingError::Refused));
    let server = Server::start(&[]);
    let met = echo_pair(&format!("ws://{}/", server.public()), &patient(Route::Any)).await;
    assert_eq!(met, Err(MeetingError::Refused));
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("ws://{}/ws", silent.local_addr().unwrap());
    assert_eq!(echo_pair(&silent, &hasty(Route::Any)).await, Err(MeetingError::Late));
}

#[tokio::test]
async fn a_relay_that_refuses_ends_both_calls_at_once() {
    let limits = ["--turn-max-allocations", "1"];
    let server = Server::start(&[&RELAY[..], &limits].concat());
    let options = Options { relay_over: Some(Transport::Udp), ..patient(Route::Relay) };
    let outcomes = echo_pair(&target(&server), &options).await.unwrap();
    let why: Vec<_> = outcomes.iter().map(|outcome| outcome.why.unwrap()).collect();
    assert!(why.contains(&Failure::Relay(RelayError::Refused(508))), "{why:?}");
    assert!(why.contains(&Failure::SignallingEnded), "{why:?}");
}
