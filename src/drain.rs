//! How a stopping process lets its people move.

use std::time::Duration;

use rand::RngExt;
use tokio::time::{Instant, sleep, sleep_until};

use crate::protocol::{CloseCode, ServerMessage};
use crate::session::node::Node;

/// Of the drain time, how much `goingAway` is spread over; the rest is for the
/// last ones told.
const SPREAD: f64 = 0.75;
/// Of the drain time, and no longer than a second, how much the last close
/// frames have.
const LAST_WORDS: f64 = 0.1;
/// When a client that was told should come back, at most.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// How often it is looked whether everybody has gone.
const LOOK: Duration = Duration::from_millis(20);

/// Tells everybody to go, idle and waiting people first, and returns when they
/// have or when `time` is over. No new connection is taken by now.
pub(crate) async fn drain(node: &Node, time: Duration) {
    let begun = Instant::now();
    let close_at = begun + time - time.mul_f64(LAST_WORDS).min(Duration::from_secs(1));
    tokio::select! {
        () = tell(node, begun, time.mul_f64(SPREAD)) => gone(node, close_at).await,
        () = gone(node, close_at) => (),
    }
    for session in node.sessions.all() {
        session.close(CloseCode::GoingAway);
    }
    gone(node, begun + time).await;
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
