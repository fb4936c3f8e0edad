//! One side of a room whose other side sits on another node.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

pub use self::state::{BridgeRecord, Far, State};
use super::channel::{Channel, Numbers, Turn};
use super::letter::{Content, Frame, Letter};
use super::road::Road;
use crate::clock::Moment;
use crate::ids::{NodeId, RoomId};
use crate::matchmaking::proposal::Likeness;
use crate::protocol::{Encoded, WhyLeft};
use crate::session::handle::Session;
use crate::session::lines::Side;
use crate::session::link::Link;

mod state;

/// What a message takes beside its text.
const OVERHEAD_BYTES: usize = 128;

/// How long a session takes to another node, at most as a rule.
const HUSH: Duration = Duration::from_millis(200);
/// How long nobody else may bring back a session that somebody wants to.
const CLAIM: Duration = Duration::from_secs(5);

/// A room's side here and the way to the other. It belongs to the session that
/// sits here, and outlives its seat until the other side knows of the end.
pub struct Bridge {
    room: RoomId,
    session: Arc<Session>,
    opposite: Likeness,
    road: Arc<Road>,
    state: Mutex<State>,
}

/// What was heard from the other side.
#[derive(Debug)]
pub enum Heard {
    /// It was delivered, or is no news.
    Taken,
    /// The other side gave its seat up: the room is over.
    Parted(WhyLeft),
    /// It came from an earlier owner of the other side.
    Outdated,
    /// Nobody sits here any more.
    Nobody(Box<Frame>),
}

/// What is to be done about a bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing, until something is said or heard.
    Nothing,
    /// To look again soon.
    Watch,
    /// To forget it.
    Forget,
    /// To end the room here: the other side can't be reached.
    End,
}

impl Bridge {
    /// The bridge of a new room.
    #[must_use]
    pub fn new(
        room: RoomId,
        session: Arc<Session>,
        opposite: Likeness,
        far: Far,
        road: Arc<Road>,
    ) -> Arc<Self> {
        Self::with(room, session, opposite, road, State::new(far, 0, Channel::default()))
    }

    /// The bridge of a session that has moved here.
    #[must_use]
    pub fn restore(
        now: Moment,
        session: Arc<Session>,
        record: BridgeRecord,
        road: Arc<Road>,
    ) -> Arc<Self> {
        let BridgeRecord { room, opposite, far, moves, channel } = record;
        let state = State::new(far, moves + 1, Channel::restore(now, channel));
        Self::with(room, session, opposite, road, state)
    }

    fn with(
        room: RoomId,
        session: Arc<Session>,
        opposite: Likeness,
        road: Arc<Road>,
        state: State,
    ) -> Arc<Self> {
        Arc::new(Self { room, session, opposite, road, state: Mutex::new(state) })
    }

    /// The room.
    #[must_use]
    pub fn room(&self) -> RoomId {
        self.room
    }

    /// Who sits here.
    #[must_use]
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Who sits on the other side.
    #[must_use]
    pub fn opposite(&self) -> &Likeness {
        &self.opposite
    }

    /// Where the other side is.
    #[must_use]
    pub fn far(&self) -> Far {
        self.state.lock().far
    }

    /// How often the session here has moved.
    #[must_use]
    pub fn moves(&self) -> u32 {
        self.state.lock().moves
    }

    /// Keeps for a moment what is said: the other side is on its way to its node,
    /// which would know of no such room if this came first.
    pub fn hush(&self, now: Moment) {
        self.state.lock().hush = Some(now + HUSH);
    }

    /// Says something to the other side.
    pub fn say(self: &Arc<Self>, now: Moment, content: Content) {
        let mut state = self.state.lock();
        if state.over {
            return;
        }
        if matches!(content, Content::Parted(_)) {
            state.parting = Some(now);
        }
        let bytes =
            OVERHEAD_BYTES + if let Content::Signal(json, _) = &content { json.len() } else { 0 };
        match state.channel.say(now, content.clone(), bytes) {
            // It is said again when its time has come.
            Ok(_) if state.hushed(now) => (),
            Ok(number) => self.post_frame(&mut state, number, content),
            Err(_) => state.full = true,
        }
        self.watch(&mut state);
    }

    /// Takes what the other side said.
    pub fn hear(self: &Arc<Self>, now: Moment, from: NodeId, frame: Frame) -> Heard {
        let mut state = self.state.lock();
        if state.over {
            return Heard::Nobody(frame.into());
        }
        if frame.moves < state.far.moves || state.is_past(&frame) {
            return Heard::Outdated;
        }
        state.found(now, Far { node: from, moves: frame.moves });
        state.channel.confirmed(now, frame.heard);
        state.channel.skip_to(frame.first);
        let heard = match state.channel.hear(frame.number) {
            Turn::Next => self.take(frame.content, now),
            Turn::Again | Turn::Early => Heard::Taken,
        };
        state.over |= matches!(heard, Heard::Parted(_));
        if state.over || state.channel.owes_much() {
            self.post_confirmation(&mut state);
        }
        if !state.over {
            self.watch(&mut state);
        }
        heard
    }

    /// The other side, at `from`, has heard everything up to `heard`.
    pub fn confirmed(&self, now: Moment, from: NodeId, heard: u64) {
        let mut state = self.state.lock();
        state.channel.confirmed(now, heard);
        if state.far.node == from {
            state.lost = None;
        }
    }

    /// The other side's session has moved, says `from`. One that should have it by
    /// now, and knows only that it went before, has not got it: who gave it up will
    /// see to that, or is lost, and the session with it.
    pub fn moved(self: &Arc<Self>, now: Moment, from: NodeId, far: Far) {
        let mut state = self.state.lock();
        if state.over {
            return;
        }
        if far.moves >= state.far.moves {
            state.found(now, far);
        } else if state.far.node == from {
            state.lost.get_or_insert(now);
        }
        self.watch(&mut state);
    }

    /// Nobody sits on the other side, as was said to the owner of this one after
    /// so many moves, who had heard so much. Whether this side still had to learn it;
    /// `None` where an earlier owner was meant, or the other side has come since.
    pub fn gone(&self, moves: u32, heard: u64) -> Option<bool> {
        let mut state = self.state.lock();
        let meant = state.moves == moves && state.channel.numbers().heard <= heard;
        meant.then(|| !std::mem::replace(&mut state.over, true) && state.parting.is_none())
    }

    /// Nothing is said or heard any more.
    pub fn close(&self) {
        self.state.lock().over = true;
    }

    /// The other side's node is lost; whether that is news.
    pub fn lost(self: &Arc<Self>, now: Moment, node: NodeId) -> bool {
        let mut state = self.state.lock();
        let news = state.far.node == node && state.lost.is_none() && !state.over;
        if news {
            state.lost = Some(now);
            self.watch(&mut state);
        }
        news
    }

    /// What a node has to know that wants to bring the other side's session back,
    /// whose own node is lost. `None` where another node is about to.
    pub fn claim(&self, now: Moment, by: NodeId) -> Option<(Far, u32, Numbers)> {
        let mut state = self.state.lock();
        if state.claimed.is_some_and(|(at, node)| node != by && now - at < CLAIM) {
            return None;
        }
        state.claimed = Some((now, by));
        Some((state.far, state.moves, state.channel.numbers()))
    }

    /// Has all that is not confirmed said again at once, with where the session's
    /// connection stands.
    pub fn announce(self: &Arc<Self>, now: Moment) {
        let link = self.session.lock().link();
        self.say(now, Content::Link(link.number()));
        self.state.lock().channel.hurry(now);
    }

    /// Looks after it: says again what is due, and confirms what was heard.
    pub fn look_after(&self, now: Moment, grace: Duration) -> Need {
        let mut state = self.state.lock();
        let need = state.need(now, grace);
        if need == Need::Forget {
            state.over = true;
            return need;
        }
        for (number, content) in state.channel.again(now) {
            self.post_frame(&mut state, number, content);
        }
        if state.channel.owes() {
            self.post_confirmation(&mut state);
        }
        state.watched = need != Need::Nothing;
        need
    }

    /// Locks it: nothing is said or heard meanwhile.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    fn watch(self: &Arc<Self>, state: &mut State) {
        if !std::mem::replace(&mut state.watched, true) {
            self.road.watch(self.clone());
        }
    }

    /// Delivers what was heard, while nothing else is heard.
    fn take(&self, content: Content, now: Moment) -> Heard {
        match content {
            // Where nobody sits here any more it is dropped.
            Content::Signal(json, line) => {
                self.session.hand_in(self.room, |desk| {
                    desk.push(Encoded::forwarded(self.room, json.into_bytes()), Some(now));
                    desk.state.note_line(self.room, Side::Theirs, line);
                });
            }
            Content::Link(number) => {
                self.session.update(|desk| desk.partner_link(self.room, Link::numbered(number)));
            }
            Content::Parted(reason) => return Heard::Parted(reason),
            // It made this bridge.
            Content::Seated(_) => (),
        }
        Heard::Taken
    }

    fn post_frame(&self, state: &mut State, number: u64, content: Content) {
        let frame = Frame {
            room: self.room,
            to: self.opposite.session,
            from: self.session.id(),
            moves: state.moves,
            number,
            first: state.channel.first(),
            heard: state.channel.confirm(),
            content,
        };
        self.road.post.post(state.far.node, Letter::Frame(Box::new(frame)));
    }

    fn post_confirmation(&self, state: &mut State) {
        let heard = state.channel.confirm();
        let confirm = Letter::Confirm { room: self.room, to: self.opposite.session, heard };
        self.road.post.post(state.far.node, confirm);
    }
}

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridge").field("room", &self.room).finish_non_exhaustive()
    }
}
