//! The network between the nodes: by a seed it loses, repeats, delays and
//! reorders letters, which travel as the bytes that the courier makes of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use passerby::clock::Moment;
use passerby::exchange::letter::Letter;
use passerby::exchange::post::Post;
use passerby::ids::{NodeId, SessionId};
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use super::tally::Tally;

/// One letter on its way.
struct Posted {
    from: NodeId,
    to: NodeId,
    /// Whom it concerns: letters posted at once are put in an order that doesn't
    /// depend on random ids.
    about: Option<SessionId>,
    bytes: Vec<u8>,
}

/// What a node posts lies here until the network takes it.
#[derive(Clone, Default)]
pub struct Pile(Arc<Mutex<Vec<Posted>>>);

/// A node's way to the pile.
pub struct Box {
    me: NodeId,
    pile: Pile,
}

impl Pile {
    pub fn at(&self, me: NodeId) -> Arc<dyn Post> {
        Arc::new(Box { me, pile: self.clone() })
    }
}

impl Post for Box {
    fn post(&self, to: NodeId, letter: Letter) {
        let bytes = rmp_serde::to_vec_named(&letter).expect("a letter is plain data");
        let about = about(&letter);
        self.pile.0.lock().push(Posted { from: self.me, to, about, bytes });
    }
}

impl std::fmt::Debug for Box {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Box").finish_non_exhaustive()
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Of a hundred letters so many are lost, and so many repeated.
    pub lost: u32,
    pub repeated: u32,
    /// Most take up to `usual`, some in a hundred up to `late`.
    pub usual: Duration,
    pub late: Duration,
    pub late_ones: u32,
}

impl Weather {
    pub const FAIR: Self = Self {
        lost: 0,
        repeated: 0,
        usual: Duration::from_millis(15),
        late: Duration::from_millis(15),
        late_ones: 0,
    };
}

/// A letter that has arrived.
pub struct Arrival {
    pub from: NodeId,
    pub to: NodeId,
    pub letter: Letter,
}

pub struct Network {
    pub pile: Pile,
    pub weather: Weather,
    /// Nodes that no letter reaches or leaves.
    pub cut: BTreeSet<NodeId>,
    under_way: BTreeMap<(Moment, u64), Posted>,
    posted: u64,
    /// When the newest that arrived from one node at another was posted.
    newest: BTreeMap<(NodeId, NodeId), u64>,
}

impl Network {
    pub fn new() -> Self {
        Self {
            pile: Pile::default(),
            weather: Weather::FAIR,
            cut: BTreeSet::new(),
            under_way: BTreeMap::new(),
            posted: 0,
            newest: BTreeMap::new(),
        }
    }

    /// Takes what was posted, and decides what becomes of it.
    pub fn collect(&mut self, now: Moment, rng: &mut Xoshiro256PlusPlus, tally: &mut Tally) {
        let mut posted = std::mem::take(&mut *self.pile.0.lock());
        posted.sort_by_key(|posted| (posted.from, posted.to, Reverse(posted.about)));
        for posted in posted {
            if posted.from == posted.to {
                self.send(now, posted);
                continue;
            }
            tally.letters += 1;
            let lost = rng.random_ratio(self.weather.lost, 100);
            if lost || self.cut.contains(&posted.from) || self.cut.contains(&posted.to) {
                tally.lost += 1;
                continue;
            }
            if rng.random_ratio(self.weather.repeated, 100) {
                tally.repeated += 1;
                let again = Posted { bytes: posted.bytes.clone(), ..posted };
                self.send(now + self.delay(rng), again);
            }
            self.send(now + self.delay(rng), posted);
        }
    }

    /// The next letter that has arrived by now.
    pub fn deliver(&mut self, now: Moment, tally: &mut Tally) -> Option<Arrival> {
        let first = self.under_way.first_entry().filter(|first| first.key().0 <= now)?;
        let ((_, number), Posted { from, to, bytes, .. }) = first.remove_entry();
        let newest = self.newest.entry((from, to)).or_default();
        tally.reordered += u64::from(number < *newest);
        *newest = number.max(*newest);
        let letter = rmp_serde::from_slice(&bytes).expect("what was written can be read");
        Some(Arrival { from, to, letter })
    }

    fn send(&mut self, at: Moment, posted: Posted) {
        self.posted += 1;
        self.under_way.insert((at, self.posted), posted);
    }

    fn delay(&self, rng: &mut Xoshiro256PlusPlus) -> Duration {
        let late = rng.random_ratio(self.weather.late_ones, 100);
        let most = if late { self.weather.late } else { self.weather.usual };
        most.mul_f64(rng.random())
    }
}

fn about(letter: &Letter) -> Option<SessionId> {
    match letter {
        Letter::Offer(offer) => Some(offer.session),
        Letter::Propose(proposal) => Some(proposal.offerer.session),
        Letter::Seat(request) => Some(request.proposal.answerer.session),
        Letter::Frame(frame) => Some(frame.to),
        Letter::Adopt(record) => Some(record.id),
        Letter::Withdraw { session, .. }
        | Letter::Adopted { session, .. }
        | Letter::Declined { session, .. } => Some(*session),
        Letter::Confirm { to, .. } | Letter::Gone { to, .. } | Letter::Moved { to, .. } => {
            Some(*to)
        }
        Letter::Outcome { .. }
        | Letter::NotSeated { .. }
        | Letter::Status(_)
        | Letter::Moderation(_)
        | Letter::Forgotten
        | Letter::Woke { .. }
        | Letter::Claims { .. }
        | Letter::Claimed { .. }
        | Letter::Ask { .. }
        | Letter::Answer { .. } => None,
    }
}
