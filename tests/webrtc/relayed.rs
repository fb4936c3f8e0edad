//! Through a relay alone.

use passerby::load::webrtc::{Failure, Options, Path, RelayError, Route, Transport};

use crate::running::{Running, eventually};
use crate::support::{assert_connected, call, patient, turn, turn_with, wired};

#[tokio::test]
async fn two_peers_reach_each_other_through_a_relay_and_leave_nothing_there() {
    for transport in ["udp", "tcp"] {
        let running = Running::start(|_| ());
        let servers = turn(running.v4(), transport);
        assert_connected(&call(&servers, &patient(Route::Relay)).await, Path::Relay);
        let relayed = running.metric("turn_relayed_packets_total{direction=\"to_peer\"}");
        assert!(relayed > 10, "{transport}: {relayed} packets went through it");
        eventually("the allocations end", || running.standing() == 0).await;
    }
}

#[tokio::test]
async fn a_peer_that_is_cut_short_leaves_nothing_at_the_relay() {
    for transport in ["udp", "tcp"] {
        let running = Running::start(|_| ());
        let servers = turn(running.v4(), transport);
        let [offerer, _answerer] = wired(&servers, &patient(Route::Relay));
        tokio::select! {
            outcome = offerer.run() => panic!("nobody answers: {outcome:?}"),
            () = eventually("it allocates", || running.standing() == 1) => (),
        }
        eventually("the allocation ends", || running.standing() == 0).await;
    }
}

#[tokio::test]
async fn only_relays_of_the_wanted_transport_are_asked() {
    let running = Running::start(|_| ());
    let servers = [turn(running.v4(), "udp"), turn(running.v4(), "tcp")].concat();
    let only = Some(Transport::Tcp);
    let options = Options { relay_over: only, ..patient(Route::Relay) };
    assert_connected(&call(&servers, &options).await, Path::Relay);
    let allocated = |transport: &str| {
        running.metric(&format!("turn_allocations_total{{transport=\"{transport}\"}}"))
    };
    assert_eq!([allocated("udp"), allocated("tcp")], [0, 2]);
}

#[tokio::test]
async fn wrong_credentials_fail_at_once() {
    let running = Running::start(|_| ());
    for transport in ["udp", "tcp"] {
        let servers = turn_with(running.v4(), transport, "wrong");
        let [offerer, _answerer] = wired(&servers, &patient(Route::Relay));
        let outcome = offerer.run().await;
        let refused = Failure::Relay(RelayError::Refused(401));
        assert_eq!((outcome.connected(), outcome.why), (false, Some(refused)));
        assert_eq!(refused.to_string(), "the relay refused with 401");
    }
}

#[tokio::test]
async fn where_no_relay_is_named_or_listens_that_is_said() {
    let [offerer, _answerer] = wired(&[], &patient(Route::Relay));
    assert_eq!(offerer.run().await.why, Some(Failure::NoRelay));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    drop(taken);
    let [offerer, _answerer] = wired(&turn(address, "tcp"), &patient(Route::Relay));
    let unreachable = Failure::Relay(RelayError::Unreachable);
    assert_eq!(offerer.run().await.why, Some(unreachable));
}

#[tokio::test]
async fn a_relay_that_fails_does_not_matter_where_another_way_is_there() {
    let running = Running::start(|_| ());
    let servers = turn_with(running.v4(), "udp", "wrong");
    assert_connected(&call(&servers, &patient(Route::Any)).await, Path::Host);
}
