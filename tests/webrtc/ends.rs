//! Partners that don't do their part.

use std::time::Duration;

use passerby::load::webrtc::{Failure, Options, Path, Peer, Route, Signal};
use passerby::protocol::Role;
use tokio::sync::mpsc::channel;

use crate::running::{Running, eventually};
use crate::support::{assert_connected, hasty, patient, turn, wired};

#[tokio::test]
async fn a_partner_that_never_says_a_word_is_waited_for_until_the_deadline() {
    for (role, failure) in [(0, Failure::NoAnswer), (1, Failure::NoOffer)] {
        let mut sides = wired(&[], &hasty(Route::Any)).into_iter();
        let side = sides.nth(role).unwrap();
        let (_held, signals_in) = channel(1);
        let (signals_out, _unread) = channel(1);
        let outcome = side.peer.run(signals_in, signals_out).await;
        assert_eq!((outcome.connected(), outcome.why), (false, Some(failure)));
    }
}

#[tokio::test]
async fn a_partner_that_falls_silent_in_the_middle_is_noticed() {
    let running = Running::start(|_| ());
    let servers = turn(running.v4(), "udp");
    let endless = Options { messages: u32::MAX, ..patient(Route::Relay) };
    let [mut offerer, answerer] = wired(&servers, &endless);
    let hasty = Options { deadline: Duration::from_secs(2), ..endless };
    offerer.peer = Peer::new(Role::Offerer, &servers, hasty);
    let mut offering = Box::pin(offerer.run());
    tokio::select! {
        outcome = &mut offering => panic!("it sends: {outcome:?}"),
        outcome = answerer.run() => panic!("it echoes: {outcome:?}"),
        () = talking(&running) => (),
    }
    // Nobody drives the answerer any more.
    let outcome = offering.await;
    assert!(outcome.connected(), "{outcome:?}");
    assert_eq!(outcome.why, Some(Failure::NoEcho));
}

/// Waits until more went through a relay than it takes to connect.
async fn talking(running: &Running) {
    let packets = || running.metric("turn_relayed_packets_total{direction=\"to_peer\"}");
    eventually("they talk", || packets() > 200).await;
}

#[tokio::test]
async fn a_call_with_a_path_goes_on_without_signalling() {
    let running = Running::start(|_| ());
    let servers = turn(running.v4(), "udp");
    let options = Options { messages: 500, ..patient(Route::Relay) };
    let [mut offerer, mut answerer] = wired(&servers, &options);
    let carried = [&mut offerer.signals_in, &mut answerer.signals_in].map(|signals_in| {
        let (carry, carried) = channel(16);
        (carry, std::mem::replace(signals_in, carried))
    });
    let carry = async {
        let [(to_one, mut to_be_one), (to_other, mut to_be_other)] = carried;
        loop {
            tokio::select! {
                Some(signal) = to_be_one.recv() => to_one.send(signal).await.unwrap(),
                Some(signal) = to_be_other.recv() => to_other.send(signal).await.unwrap(),
                () = talking(&running) => break,
            }
        }
    };
    let (one, other, ()) = tokio::join!(offerer.run(), answerer.run(), carry);
    assert_connected(&[one, other], Path::Relay);
}

#[tokio::test]
async fn where_the_signalling_ends_too_early_that_is_said_at_once() {
    let [offerer, answerer] = wired(&[], &patient(Route::Any));
    drop(answerer);
    assert_eq!(offerer.run().await.why, Some(Failure::SignallingEnded));
}

#[tokio::test]
async fn a_description_that_is_none_is_not_taken() {
    for sdp in ["", "v=0", "rubbish\r\n", &"a".repeat(70_000)] {
        for role in [Role::Offerer, Role::Answerer] {
            let at = usize::from(role == Role::Answerer);
            let side = wired(&[], &patient(Route::Any)).into_iter().nth(at).unwrap();
            let (partner, signals_in) = channel(1);
            let (signals_out, _unread) = channel(16);
            let sdp = sdp.to_owned();
            let signal = match role {
                Role::Offerer => Signal::CreateAnswer { sdp },
                Role::Answerer => Signal::CreateOffer { sdp },
            };
            partner.send(signal).await.unwrap();
            let outcome = side.peer.run(signals_in, signals_out).await;
            assert_eq!(outcome.why, Some(Failure::BadDescription));
        }
    }
}
