//! Two peers that meet through a Passerby server.

use tokio::sync::mpsc::{Sender, channel};
use tokio::time::timeout;

use super::meeting::{MeetingError, Visitor};
use super::options::{Options, Route};
use super::outcome::Outcome;
use super::peer::Peer;
use super::signal::Signal;
use crate::protocol::Role;

/// Signals that wait on their way to or from a peer. One that waits longer holds
/// the peer's candidates up, not its call; a partner that sends more at once than
/// a peer takes is no longer listened to.
const SIGNALS: usize = 64;

/// Has two visitors meet at a server's `ws://` address and their peers call each
/// other; what became of the offerer's and of the answerer's call. Who is private
/// there goes through the relay, as the page does.
///
/// # Errors
/// The two were not matched.
pub async fn echo_pair(target: &str, options: &Options) -> Result<[Outcome; 2], MeetingError> {
    // Nobody else names it.
    let interest = format!("echo {:016x}", rand::random::<u64>());
    let meeting = async {
        tokio::try_join!(Visitor::meet(target, &interest), Visitor::meet(target, &interest))
    };
    let met = timeout(options.deadline, meeting).await;
    let (one, other) = met.map_err(|_| MeetingError::Late)??;
    let one_offers = one.role == Role::Offerer;
    let (one, other) = tokio::join!(call(one, options.clone()), call(other, options.clone()));
    Ok(if one_offers { [one, other] } else { [other, one] })
}

async fn call(mut visitor: Visitor, mut options: Options) -> Outcome {
    if visitor.private {
        options.route = Route::Relay;
    }
    let deadline = options.deadline;
    let peer = Peer::new(visitor.role, &visitor.ice_servers, options);
    let (to_peer, signals_in) = channel(SIGNALS);
    let (signals_out, mut from_peer) = channel(SIGNALS);
    let mut to_peer = Some(to_peer);
    let mut run = Box::pin(peer.run(signals_in, signals_out));
    let outcome = loop {
        tokio::select! {
            outcome = &mut run => break outcome,
            Some(signal) = from_peer.recv() => {
                // A server that does not read holds nobody up for ever.
                if timeout(deadline, visitor.tell(signal)).await != Ok(true) {
                    to_peer = None;
                }
            }
            signal = visitor.hear(), if to_peer.is_some() => pass(signal, &mut to_peer),
        }
    };
    // It is over either way.
    let _ = timeout(deadline, visitor.leave()).await;
    outcome
}

/// Hands a signal to a peer; where there will be no more, says so.
fn pass(signal: Option<Signal>, to_peer: &mut Option<Sender<Signal>>) {
    let passed = signal.zip(to_peer.as_ref()).map(|(signal, to)| to.try_send(signal));
    if !matches!(passed, Some(Ok(()))) {
        *to_peer = None;
    }
}
