//! The pairs that are real WebRTC peers: so many call at any time of a run.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::webrtc::{Options, Route, echo_pair};
use crate::config::PeopleFlags;

/// Ended calls that wait to be heard of; where they are full, pairs wait.
pub(super) const CALLS: usize = 1024;
/// Between the first calls of two pairs.
const APART: Duration = Duration::from_millis(50);
/// Before a pair calls again that could not meet.
const PAUSE: Duration = Duration::from_secs(1);
/// Messages of a call, and the time between two of them: a call of two seconds.
const MESSAGES: u32 = 20;
const EVERY: Duration = Duration::from_millis(100);

/// A call that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// From the match to the first echo that came back to the offerer.
    pub(super) connected: Option<Duration>,
    /// Which way it went.
    pub(super) path: Option<&'static str>,
    /// Why it is not to be counted as connected.
    pub(super) why: Option<String>,
}

/// Has pairs call, each again and again, until it is dropped or nobody hears of
/// it any more.
pub(super) async fn run(flags: PeopleFlags, targets: Vec<String>, ended: mpsc::Sender<Call>) {
    let mut pairs = JoinSet::new();
    for (number, target) in (0..flags.webrtc).zip(targets.iter().cycle()) {
        let route = if flags.webrtc_relay { Route::Relay } else { Route::Any };
        let options = Options { route, messages: MESSAGES, every: EVERY, ..Options::default() };
        pairs.spawn(call_on(target.clone(), options, APART * number, ended.clone()));
    }
    while pairs.join_next().await.is_some() {}
}

async fn call_on(target: String, options: Options, begins: Duration, ended: mpsc::Sender<Call>) {
    sleep(begins).await;
    loop {
        let call = call(&target, &options).await;
        let pause = if call.connected.is_none() { PAUSE } else { Duration::ZERO };
        if ended.send(call).await.is_err() {
            return;
        }
        sleep(pause).await;
    }
}

/// A pair is connected where both heard the other.
async fn call(target: &str, options: &Options) -> Call {
    match echo_pair(target, options).await {
        Err(error) => Call { connected: None, path: None, why: Some(error.to_string()) },
        Ok([offerer, answerer]) => {
            let why = offerer.why.or(answerer.why).map(|why| why.to_string());
            let both = offerer.time_to_connected.filter(|_| answerer.connected());
            let connected = both.filter(|_| why.is_none());
            Call { connected, path: offerer.path.map(super::webrtc::Path::name), why }
        }
    }
}
