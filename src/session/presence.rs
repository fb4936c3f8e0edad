//! Brings about how a session begins, is paused, goes on and ends: the task
//! that looks after one without a connection, and who hears of what.
//!
//! What is to happen is decided in [`attendance`](super::attendance).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::sleep;

use super::aftermath::Aftermath;
use super::attendance::{self, Fate, Parting, Resume, Service};
use super::bell::{Bell, Listener};
use super::handle::Session;
use super::link::Link;
use super::node::Node;
use super::token::Token;
use crate::clock::Moment;
use crate::identity::Identity;
use crate::ids::SessionId;
use crate::matchmaking::host::Event;
use crate::protocol::ServerMessage;

/// A session with a connection.
#[derive(Debug)]
pub(super) struct Present {
    pub(super) session: Arc<Session>,
    pub(super) link: Link,
}

/// A new session.
pub(super) fn begin(node: &Node, identity: Identity, bell: &Arc<Bell>) -> Present {
    let token = Token::random();
    let session = node.new_session(SessionId::random(), token.hash(), identity);
    let link = attendance::open(&session, &token, service(node), bell);
    node.sessions.add(session.clone());
    Present { session, link }
}

/// The session that a client comes back to, if it is there.
pub(super) fn come_back(node: &Node, resume: &Resume, bell: &Arc<Bell>) -> Option<Present> {
    let session = node.sessions.find(resume.token.hash())?;
    let (resumed, aftermath) = attendance::come_back(&session, resume, service(node), bell)?;
    node.metrics.resumed(resumed.was_away, resumed.replay.missed);
    node.metrics.replayed.inc_by(resumed.replay.again as u64);
    bring_about(node, aftermath, node.clock.now());
    Some(Present { session, link: resumed.link })
}

/// The connection ended; `left` where the client is done. Else the session
/// waits for its client for the grace.
pub(super) fn release(node: &Arc<Node>, present: &Present, handed: u64, left: bool) {
    let bell = Arc::new(Bell::default());
    let parting = Parting { handed, left, keeps: !node.grace.is_zero() };
    let (session, now) = (&present.session, node.clock.now());
    match attendance::release(session, present.link, parting, &bell, now) {
        Fate::Elsewhere => (),
        Fate::Ended(aftermath) => end(node, session, aftermath, now),
        Fate::Away(link, aftermath) => {
            bring_about(node, aftermath, now);
            actix_rt::spawn(keep(node.clone(), session.clone(), link, bell, node.grace));
        }
    }
}

/// Looks after a session without a connection until its client is back or its
/// grace is over. A process that stops ends no session: the next one may be
/// handed them.
pub(crate) async fn keep(
    node: Arc<Node>,
    session: Arc<Session>,
    link: Link,
    bell: Arc<Bell>,
    grace: Duration,
) {
    let _away = node.metrics.away();
    let mut bell = Listener::to(bell);
    let grace = sleep(grace);
    tokio::pin!(grace);
    // Not `Sleep::is_elapsed`: that is true as soon as the timer fired, also where
    // the bell was heard first.
    let mut elapsed = false;
    loop {
        tokio::select! {
            () = std::future::poll_fn(|cx| bell.poll_heard(cx)) => (),
            () = &mut grace, if !elapsed => elapsed = true,
        }
        let expired = elapsed && !node.stopping.load(Ordering::Acquire);
        let now = node.clock.now();
        match attendance::look_after(&session, link, expired, now) {
            Fate::Elsewhere => return,
            Fate::Ended(aftermath) => return end(&node, &session, aftermath, now),
            Fate::Away(..) => (),
        }
    }
}

/// Tells all who must hear of it.
pub(super) fn bring_about(node: &Node, aftermath: Aftermath, now: Moment) {
    let Aftermath { event, news } = aftermath;
    if let Some(event) = event {
        node.matchmaker.tell(event);
    }
    if let Some(news) = news {
        news.deliver(now);
    }
}

/// A session whose person is banned is over.
pub(crate) fn remove(node: &Node, session: &Session, note: &ServerMessage<'_>) {
    let now = node.clock.now();
    if let Some(aftermath) = attendance::remove(session, note, now) {
        end(node, session, aftermath, now);
    }
}

/// An outdated copy of a session makes way for the one that comes back.
pub(crate) fn supersede(node: &Node, session: &Session) {
    let now = node.clock.now();
    end(node, session, attendance::supersede(session, now), now);
}

fn end(node: &Node, session: &Session, mut aftermath: Aftermath, now: Moment) {
    node.sessions.remove(session);
    if let Some(Event::Ends { gone, .. }) = &mut aftermath.event {
        gone.take_if(|(person, _)| node.sessions.has(*person));
    }
    if let Some(relay) = &node.relay {
        relay.end(session.id().text(&mut [0; 36]));
    }
    bring_about(node, aftermath, now);
}

fn service(node: &Node) -> Service<'_> {
    Service { online: node.online(), grace: node.grace, ice: &node.ice, key: &node.tokens }
}
