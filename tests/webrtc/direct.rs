//! Without a relay.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use passerby::load::webrtc::{Options, Path, Route, Signal};
use tokio::sync::mpsc::channel;

use crate::running::Running;
use crate::support::{assert_connected, call, patient, stun, wired};

#[tokio::test]
async fn two_peers_reach_each_other_by_their_own_addresses() {
    assert_connected(&call(&[], &patient(Route::Any)).await, Path::Host);
}

#[tokio::test]
async fn sockets_are_bound_to_the_addresses_that_were_named() {
    let source = IpAddr::from(Ipv4Addr::new(127, 0, 3, 7));
    let options = Options { sources: vec![source], ..patient(Route::Any) };
    let [mut offerer, answerer] = wired(&[], &options);
    let (tap, mut tapped) = channel(16);
    let to_answerer = std::mem::replace(&mut offerer.signals_out, tap);
    let carry = async {
        let mut candidates = Vec::new();
        while let Some(signal) = tapped.recv().await {
            if let Signal::AddIceCandidate { candidate: Some(candidate) } = &signal {
                candidates.push(candidate.candidate.clone());
            }
            // The answerer may have gone.
            let _ = to_answerer.send(signal).await;
        }
        candidates
    };
    let (one, other, candidates) = tokio::join!(offerer.run(), answerer.run(), carry);
    assert_connected(&[one, other], Path::Host);
    assert_eq!(candidates.len(), 1, "{candidates:?}");
    assert!(candidates[0].contains(" 127.0.3.7 "), "{candidates:?}");
}

#[tokio::test]
async fn two_peers_reach_each_other_by_what_a_stun_server_told_them() {
    let running = Running::start(|_| ());
    let outcomes = call(&stun(running.v4()), &patient(Route::Stun)).await;
    assert_connected(&outcomes, Path::Srflx);
}

#[tokio::test]
async fn a_call_may_take_its_time() {
    let (messages, every) = (3, Duration::from_millis(20));
    let options = Options { messages, every, ..patient(Route::Any) };
    assert_connected(&call(&[], &options).await, Path::Host);
}
