//! How a stopping process lets its people move.

use std::time::Duration;

use rand::RngExt;
use tokio::time::{Instant, sleep, sleep_until};

use crate::protocol::{CloseCode, ServerMessage};
use crate::session::node::Node;

/// Of the drain time, how much `goingAway` is spread over; the rest is for the
/// last ones told.
const SPREAD: f64 = 0.75;
/// Of the drain time, how much the last close frames have, and at most.
const LAST_WORDS: f64 = 0.1;
const LAST_WORDS_AT_MOST: Duration = Duration::from_secs(1);
/// How long the last close frames have where there is no time to drain.
const AT_ONCE: Duration = Duration::from_millis(50);
/// When a client that was told should come back, at most.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// How often it is looked whether everybody has gone.
const LOOK: Duration = Duration::from_millis(20);

/// Tells everybody to go, idle and waiting people first, and returns when they
/// have or when most of `time` is over; what is left of it, for
/// [`dismiss`]. No new connection is taken by now.
pub(crate) async fn drain(node: &Node, time: Duration) -> Duration {
    let begun = Instant::now();
    let last_words = time.mul_f64(LAST_WORDS).min(LAST_WORDS_AT_MOST);
    let close_at = begun + time - last_words;
    tokio::select! {
        () = tell(node, begun, time.mul_f64(SPREAD)) => gone(node, close_at).await,
        () = gone(node, close_at) => (),
    }
    last_words
}

/// Closes every connection and takes nothing more from any. Returns when their
/// ends were heard, at the latest when `patience` is over.
pub(crate) async fn dismiss(node: &Node, patience: Duration) {
    for session in node.sessions.all() {
        session.close(CloseCode::GoingAway);
    }
    gone(node, Instant::now() + patience.max(AT_ONCE)).await;
}

async fn tell(node: &Node, begun: Instant, spread: Duration) {
    let mut sessions = node.sessions.all();
    sessions.sort_by_cached_key(|session| session.lock().state.seat().is_some());
    let each = spread.div_f64(sessions.len().max(1) as f64);
    for (turn, session) in sessions.into_iter().enumerate() {
        sleep_until(begun + each.mul_f64(turn as f64)).await;
        let retry_after_ms = rand::rng().random_range(0..=RETRY_AFTER.as_millis() as u64);
        session.send(&ServerMessage::GoingAway { retry_after_ms });
    }
}

/// Returns when nobody is connected any more, at the latest at `deadline`.
async fn gone(node: &Node, deadline: Instant) {
    while node.metrics.online() > 0 && Instant::now() < deadline {
        sleep(LOOK).await;
    }
}
