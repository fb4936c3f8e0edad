//! Tasks that wait for the matchmaker or look after a session. Each goes on
//! when chance has it, so that they overtake each other.

use std::sync::Arc;

use passerby::clock::Moment;
use passerby::ids::RoomId;
use passerby::session::aftermath::Aftermath;
use passerby::session::bell::Bell;
use passerby::session::handle::Session;
use passerby::session::link::Link;
use rand::RngExt;

use super::books::number;
use super::world::World;

/// Who is still to hear of a change, and what happens then.
pub(crate) struct Task {
    aftermath: Aftermath,
    news: Option<News>,
    then: Then,
}

/// What news must bring about by the books.
#[derive(Clone, Copy, Debug)]
pub(crate) struct News {
    pub(crate) to: usize,
    pub(crate) room: RoomId,
    pub(crate) what: NewsOf,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum NewsOf {
    Link(u64),
    Parted(&'static str),
}

pub(crate) enum Then {
    Nothing,
    /// The connection goes on.
    Connection(usize),
    /// The session is looked after.
    Keep(Keeper),
}

/// Looks after a session that is away.
pub(crate) struct Keeper {
    pub(crate) session: Arc<Session>,
    pub(crate) who: usize,
    pub(crate) link: Link,
    pub(crate) bell: Arc<Bell>,
    pub(crate) due: Moment,
}

impl World {
    /// Begins what follows from a change, which the books say must be `news`.
    pub(crate) fn begin_task(&mut self, aftermath: Aftermath, news: Option<News>, then: Then) {
        let told = aftermath
            .news
            .as_ref()
            .map(|news| number(news.receiver().expect("all are on one node").id()));
        assert_eq!(told, news.map(|news| news.to), "the partner must hear of it");
        if let Then::Connection(id) = then {
            self.connections.get_mut(&id).expect("its own").busy = true;
        }
        self.tasks.push(Task { aftermath, news, then });
        // Mostly nothing keeps a task waiting.
        if self.rng.random_range(..3_u32) > 0 {
            let last = self.tasks.len() - 1;
            while self.tasks.len() > last {
                self.go_on(last);
            }
        }
    }

    /// Lets one task go on by a step.
    pub(crate) fn go_on(&mut self, place: usize) {
        let task = &mut self.tasks[place];
        if let Some(event) = task.aftermath.event.take() {
            self.events.push_back(event);
            return;
        }
        let Task { aftermath, news, then } = self.tasks.swap_remove(place);
        if let Some(told) = aftermath.news {
            told.deliver(self.now);
        }
        if let Some(News { to, room, what }) = news {
            match what {
                NewsOf::Link(link) => self.books.of(to).hear(room, link),
                NewsOf::Parted(reason) => self.books.of(to).part(room, reason),
            }
            self.books.check(to);
        }
        match then {
            Then::Nothing => (),
            Then::Connection(id) => {
                if let Some(connection) = self.connections.get_mut(&id) {
                    connection.busy = false;
                }
            }
            Then::Keep(keeper) => self.keepers.push(keeper),
        }
    }

    /// Lets the host take one event, or do what time alone does.
    pub(crate) fn run_host(&mut self) {
        match self.events.pop_front() {
            Some(event) => self.host.apply(self.now, event),
            None => self.host.advance(self.now),
        }
        self.books.observe_host();
    }
}
