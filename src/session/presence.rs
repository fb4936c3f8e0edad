//! How a session begins, is paused, goes on and ends, and who hears of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::sleep;

use super::bell::Bell;
use super::desk::{Partner, Resumed};
use super::handle::Session;
use super::link::Link;
use super::node::Node;
use super::state::Seat;
use super::token::Token;
use crate::clock::Moment;
use crate::ids::{RoomId, SessionId};
use crate::matchmaking::host::Event;
use crate::protocol::{Encoded, RoomStanding, ServerMessage, Standing, Welcome, WhyLeft};
use crate::room::part;

/// What a client presents to come back.
#[derive(Clone, Debug)]
pub struct Resume {
    /// Its session's token.
    pub token: Token,
    /// The last number it has, if it knows.
    pub seq: Option<u64>,
}

/// A session with a connection.
#[derive(Debug)]
pub(super) struct Present {
    pub(super) session: Arc<Session>,
    pub(super) link: Link,
}

/// Who sits opposite, and in which room.
type Opposite = (Arc<Session>, RoomId);

/// A new session.
pub(super) fn begin(node: &Node, bell: &Arc<Bell>) -> Present {
    let token = Token::random();
    let session = node.new_session(SessionId::random(), token.hash());
    let link = session.update(|desk| {
        let link = desk.open(bell);
        desk.outbox.push_first(welcome(node, &session, &token, None));
        link
    });
    node.sessions.add(session.clone());
    Present { session, link }
}

/// The session that a client comes back to, if it is there.
pub(super) async fn come_back(node: &Node, resume: &Resume, bell: &Arc<Bell>) -> Option<Present> {
    let session = node.sessions.find(resume.token.hash())?;
    let (resumed, opposite) = reattach(node, &session, resume, bell)?;
    node.metrics.resumed(resumed.was_away, resumed.replay.missed);
    node.metrics.replayed.inc_by(resumed.replay.again as u64);
    if let Some(wait) = &resumed.wait {
        node.matchmaker.tell(Event::waits(&session, wait)).await;
    }
    if resumed.was_away {
        tell_opposite(opposite, resumed.link);
    }
    Some(Present { session, link: resumed.link })
}

/// Gives the session to who hears `bell`, and says so to who served it before.
fn reattach(
    node: &Node,
    session: &Session,
    resume: &Resume,
    bell: &Arc<Bell>,
) -> Option<(Resumed, Option<Opposite>)> {
    let mut desk = session.lock();
    let older = desk.bell();
    let resumed = desk.resume(resume.seq, bell)?;
    let standing = Standing {
        room: desk.state.seat().map(standing_in_room),
        waiting: desk.state.waits(),
        last_seq: desk.outbox.last_seq(),
        missed: resumed.replay.missed,
    };
    let message = welcome(node, session, &resume.token, Some(standing));
    desk.outbox.push_first(message);
    let opposite = opposite(desk.state.seat());
    drop(desk);
    older.ring();
    bell.ring();
    Some((resumed, opposite))
}

/// The connection dropped; the session waits for its client for the grace.
pub(super) async fn pause(node: &Arc<Node>, present: &Present, handed: u64) {
    let bell = Arc::new(Bell::default());
    let session = &present.session;
    let (paused, opposite) = {
        let mut desk = session.lock();
        let Some(paused) = desk.pause(present.link, handed, &bell) else { return };
        (paused, opposite(desk.state.seat()))
    };
    if paused.waited {
        node.matchmaker.tell(Event::Pauses { session: session.id() }).await;
    }
    tell_opposite(opposite, paused.link);
    actix_rt::spawn(keep(node.clone(), session.clone(), paused.link, bell, node.grace));
}

/// Looks after a session without a connection until its client is back or its
/// grace is over. A process that stops ends no session: the next one may be
/// handed them.
pub(super) async fn keep(
    node: Arc<Node>,
    session: Arc<Session>,
    link: Link,
    bell: Arc<Bell>,
    grace: Duration,
) {
    let _away = node.metrics.away();
    let grace = sleep(grace);
    tokio::pin!(grace);
    loop {
        let mut expired = false;
        tokio::select! {
            () = std::future::poll_fn(|cx| bell.poll_heard(cx)) => (),
            () = &mut grace, if !grace.is_elapsed() => {
                expired = !node.stopping.load(Ordering::Acquire);
            }
        }
        let over = {
            let desk = session.lock();
            if desk.link() != link {
                return;
            }
            expired || desk.overflowed()
        };
        if over {
            end(&node, &session, node.clock.now(), WhyLeft::Disconnected).await;
            return;
        }
    }
}

/// Ends the session; its partner is told why.
pub(super) async fn end(node: &Node, session: &Arc<Session>, now: Moment, reason: WhyLeft) {
    node.sessions.remove(session);
    let left = {
        let mut desk = session.lock();
        desk.outbox.clear();
        desk.state.end(now)
    };
    let parted = left.as_ref().map(|seat| seat.person);
    let (id, person) = (session.id(), session.person());
    node.matchmaker.tell(Event::Ends { session: id, person, parted }).await;
    stand_up(left, now, reason);
}

/// Tells who sat opposite that the seat was given up.
pub(super) fn stand_up(left: Option<Seat<Partner>>, now: Moment, reason: WhyLeft) {
    if let Some(seat) = left {
        part(now, &seat.partner.session, seat.room, reason);
    }
}

fn welcome(
    node: &Node,
    session: &Session,
    token: &Token,
    standing: Option<Standing<'_>>,
) -> Encoded {
    let welcome = Welcome {
        session: session.id(),
        resume: token.secret(),
        resumed: standing.is_some(),
        online: node.metrics.online(),
        ice_servers: &[],
        grace_ms: u64::try_from(node.grace.as_millis()).unwrap_or(u64::MAX),
        standing,
    };
    ServerMessage::Welcome(welcome).encode()
}

fn standing_in_room(seat: &Seat<Partner>) -> RoomStanding<'_> {
    RoomStanding {
        room: seat.room,
        role: seat.role,
        mode: seat.terms.mode,
        interests: &seat.terms.interests,
    }
}

fn opposite(seat: Option<&Seat<Partner>>) -> Option<Opposite> {
    seat.map(|seat| (seat.partner.session.clone(), seat.room))
}

fn tell_opposite(opposite: Option<Opposite>, link: Link) {
    if let Some((session, room)) = opposite {
        session.update(|desk| desk.partner_link(room, link));
    }
}
