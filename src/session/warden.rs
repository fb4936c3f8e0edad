//! Keeps out who is banned: sees to it that bans are in force on the connections that
//! are open, and reads those that others put into the store.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::handle::Session;
use super::node::Node;
use super::presence::remove;
use crate::clock::UnixMillis;
use crate::moderation::{Ban, Moderation};
use crate::protocol::{ErrorCode, ErrorNote, ServerMessage};
use crate::store::{Revision, Store, StoreError};

/// How often the store is asked for new bans: with what enforcing them takes, within
/// a second.
const ASKS: Duration = Duration::from_millis(500);
/// How often it is looked over what is in force, where nothing changes.
const LOOKS: Duration = Duration::from_secs(10);
/// So many are read at once.
const BATCH: u32 = 1000;
/// How often everything is tried again that the start could not read.
const TRIES: Duration = Duration::from_millis(200);
/// Of how long ago reports count.
const REPORTS: Duration = Duration::from_secs(24 * 60 * 60);
/// So many of them, the newest.
const FACTS: u32 = 20_000;

/// Looks after bans for ever. Whether other nodes have the same store is `shared`.
pub async fn watch(node: Arc<Node>, store: Arc<dyn Store>, shared: bool) {
    let follow = follow(&node.moderation, &*store, shared);
    tokio::join!(enforce(&node), follow, recall(&node, &*store));
}

/// Removes who is banned, as soon as somebody is.
async fn enforce(node: &Node) {
    loop {
        let changed = timeout(LOOKS, node.moderation.changed()).await;
        node.moderation.tidy();
        if changed.is_err() {
            continue;
        }
        for session in node.sessions.all() {
            if let Some(ban) = node.moderation.ban_of(session.identity(), &[]) {
                eject(node, &session, &ban);
            }
        }
    }
}

/// Ends a session because of a ban, which its client is told.
pub(crate) fn eject(node: &Node, session: &Session, ban: &Ban) {
    let note = ErrorNote {
        reason: Some(&ban.reason),
        until: ban.until.map(|until| until.0),
        appeal: ban.appeal.as_deref().or(node.moderation.appeal()),
        ..ErrorNote::default()
    };
    let message = "you are kept out of this service for now";
    node.metrics.errors.with_label_values(&[ErrorCode::Banned.name()]).inc();
    remove(node, session, &ServerMessage::Error { code: ErrorCode::Banned, message, note });
}

/// Reads bans as they come into the store. Other nodes are told of them where it is not
/// `shared`: nobody else would.
async fn follow(moderation: &Moderation, store: &dyn Store, shared: bool) {
    let mut pace = interval(ASKS);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut read = 0;
    loop {
        pace.tick().await;
        // While it is away there is nothing to be read, which others log.
        while let Ok(true) = read_on(moderation, store, shared, &mut read).await {}
    }
}

/// Reads the next bans; whether there may be more.
async fn read_on(
    moderation: &Moderation,
    store: &dyn Store,
    shared: bool,
    read: &mut Revision,
) -> Result<bool, StoreError> {
    let now = UnixMillis::now();
    let bans = store.bans(*read, now, BATCH).await?;
    let more = bans.len() == BATCH as usize;
    for (revision, ban) in bans {
        if moderation.learn(ban.clone()) && !shared {
            moderation.say_ban(ban);
        }
        *read = revision;
    }
    Ok(more)
}

/// Reads once what was reported lately.
async fn recall(node: &Node, store: &dyn Store) {
    loop {
        let now = UnixMillis::now();
        let read = async {
            Ok::<_, StoreError>((
                store.facts(now.before(REPORTS), FACTS).await?,
                store.since().await?,
            ))
        };
        match read.await {
            Ok((facts, since)) => return node.moderation.recall(facts, since),
            Err(_) => sleep(TRIES).await,
        }
    }
}
