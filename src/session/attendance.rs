//! How a session is opened, resumed, left by its connection and ended.
//!
//! Each function looks and acts under one lock, so that of two who come and go
//! at the same time one is first. Pure but for the lock: time comes in, and who
//! must hear of it is returned.

use std::sync::Arc;
use std::time::Duration;

use super::aftermath::{Aftermath, News};
use super::bell::Bell;
use super::desk::{Desk, Partner, Resumed};
use super::handle::Session;
use super::link::Link;
use super::state::Seat;
use super::token::{Token, TokenKey};
use crate::clock::Moment;
use crate::ice::Ice;
use crate::matchmaking::host::Event;
use crate::protocol::{
    CloseCode, Encoded, RoomStanding, ServerMessage, Standing, Welcome, WhyLeft,
};

/// What a client presents to come back.
#[derive(Clone, Debug)]
pub struct Resume {
    /// Its session's token.
    pub token: Token,
    /// The last number it has, if it knows.
    pub seq: Option<u64>,
}

/// What a `welcome` says of the service.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// The number of people connected.
    pub online: u64,
    /// How long a dropped connection keeps its session.
    pub grace: Duration,
    /// The ways through a client's network.
    pub ice: &'a Ice,
    /// What signs tokens.
    pub key: &'a TokenKey,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug)]
pub struct Parting {
    /// Everything up to this number was handed to the network.
    pub handed: u64,
    /// Whether the client is done with its session.
    pub left: bool,
    /// Whether the service keeps sessions without a connection.
    pub keeps: bool,
}

/// What becomes of a session whose connection ended, or that is looked after.
#[derive(Debug)]
pub enum Fate {
    /// Another connection has it, or looks after it.
    Elsewhere,
    /// It waits for its client, under this link.
    Away(Link, Aftermath),
    /// It is over.
    Ended(Aftermath),
}

/// Gives a new session its first connection, served by who hears `bell`.
pub fn open(session: &Session, token: &Token, service: Service<'_>, bell: &Arc<Bell>) -> Link {
    session.update(|desk| {
        let link = desk.open(bell);
        desk.outbox.push_first(&welcome(session, token, service, None));
        link
    })
}

/// Gives the session to a client that came back, and says so to who served it
/// before. `None` where it is over.
pub fn come_back(
    session: &Arc<Session>,
    resume: &Resume,
    service: Service<'_>,
    bell: &Arc<Bell>,
) -> Option<(Resumed, Aftermath)> {
    let mut desk = session.lock();
    let older = desk.bell();
    let resumed = desk.resume(resume.seq, bell)?;
    let standing = Standing {
        room: desk.state.seat().map(standing_in_room),
        waiting: desk.state.waits(),
        last_seq: desk.outbox.last_seq(),
        missed: resumed.replay.missed,
    };
    let message = welcome(session, &resume.token, service, Some(standing));
    desk.outbox.push_first(&message);
    let event = resumed.wait.as_ref().map(|wait| Event::waits(session, wait));
    let seat = desk.state.seat().filter(|_| resumed.was_away);
    let news = News::link(seat, resumed.link);
    drop(desk);
    older.ring();
    bell.ring();
    Some((resumed, Aftermath { event, news }))
}

/// Takes note that the connection `link` ended. If the session waits for its
/// client now, who hears `bell` looks after it.
pub fn release(
    session: &Session,
    link: Link,
    parting: Parting,
    bell: &Arc<Bell>,
    now: Moment,
) -> Fate {
    let mut desk = session.lock();
    if desk.link() != link {
        return Fate::Elsewhere;
    }
    if desk.state.ended() {
        return Fate::Elsewhere;
    }
    if parting.left {
        return Fate::Ended(end(session, &mut desk, now, WhyLeft::Left));
    }
    if desk.overflowed() || !parting.keeps {
        return Fate::Ended(end(session, &mut desk, now, WhyLeft::Disconnected));
    }
    let Some(paused) = desk.pause(link, parting.handed, bell) else { return Fate::Elsewhere };
    let event = paused.waited.then(|| Event::Pauses { session: session.id() });
    let news = News::link(desk.state.seat(), paused.link);
    Fate::Away(paused.link, Aftermath { event, news })
}

/// Looks after a session that is away under `link`. It ends when it is
/// `expired`, or can't hold what it is sent.
pub fn look_after(session: &Session, link: Link, expired: bool, now: Moment) -> Fate {
    let mut desk = session.lock();
    if desk.link() != link {
        return Fate::Elsewhere;
    }
    if expired || desk.overflowed() {
        return Fate::Ended(end(session, &mut desk, now, WhyLeft::Disconnected));
    }
    Fate::Away(link, Aftermath::default())
}

/// Ends a session whose person is banned, and has its connection closed. `None` where
/// it is over already.
pub fn remove(session: &Session, note: &ServerMessage<'_>, now: Moment) -> Option<Aftermath> {
    let mut desk = session.lock();
    if desk.state.ended() {
        return None;
    }
    // What it was sent stays: it may not have had its `welcome` yet.
    let aftermath = part_for_good(session, &mut desk, now, WhyLeft::Removed);
    desk.push(note.encode(), None);
    desk.close(CloseCode::Banned);
    let bell = desk.bell();
    drop(desk);
    bell.ring();
    Some(aftermath)
}

/// Ends an outdated copy of a session: another node had it since, and it comes
/// back from there. A connection to it is closed.
pub fn supersede(session: &Session, now: Moment) -> Aftermath {
    let mut desk = session.lock();
    let aftermath = end(session, &mut desk, now, WhyLeft::Disconnected);
    desk.give_up(now);
    let bell = desk.bell();
    drop(desk);
    bell.ring();
    aftermath
}

fn end(session: &Session, desk: &mut Desk, now: Moment, reason: WhyLeft) -> Aftermath {
    desk.outbox.clear();
    part_for_good(session, desk, now, reason)
}

fn part_for_good(session: &Session, desk: &mut Desk, now: Moment, reason: WhyLeft) -> Aftermath {
    let left = desk.state.end(now);
    let parted = left.as_ref().map(|seat| seat.names);
    let identity = session.identity();
    let gone = Some((identity.person(), identity.presented));
    let event = Event::Ends { session: session.id(), gone, parted };
    Aftermath { event: Some(event), news: News::parted(left.as_ref(), reason) }
}

fn welcome(
    session: &Session,
    token: &Token,
    service: Service<'_>,
    standing: Option<Standing<'_>>,
) -> Encoded<'static> {
    let token = token.given_out(service.key);
    let welcome = Welcome {
        session: session.id(),
        resume: token.secret(),
        resumed: standing.is_some(),
        online: service.online,
        ice_servers: &service.ice.for_session(session.id()),
        ice_ttl: service.ice.ttl_seconds(),
        privacy: service.ice.offered_privacy(),
        grace_ms: u64::try_from(service.grace.as_millis()).unwrap_or(u64::MAX),
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
        private: seat.private,
    }
}
