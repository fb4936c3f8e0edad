//! What has happened so far, and the rules in their plainest form.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use passerby::clock::Moment;
use passerby::ids::{PersonId, RoomId};
use passerby::protocol::Preferences;

use super::person::Waiting;
use super::view::Message;

const INTEREST_WAIT: Duration = Duration::from_secs(5);
pub const REMATCH_WAIT: Duration = Duration::from_secs(30);

type Pair = (PersonId, PersonId);

#[derive(Default)]
pub struct Ledger {
    /// Rooms of which only one side has been seen yet.
    halves: HashMap<RoomId, Half>,
    /// When a room of the two ended last.
    ended: HashMap<Pair, Moment>,
    /// When the host heard of that last.
    noted: HashMap<Pair, Moment>,
    reported: HashSet<Pair>,
    pub rooms: usize,
}

struct Half {
    person: PersonId,
    waiting: Waiting,
    matched: Message,
}

impl Ledger {
    pub fn ends(&mut self, now: Moment, a: PersonId, b: PersonId) {
        self.ended.insert(pair(a, b), now);
    }

    pub fn noted(&mut self, now: Moment, a: PersonId, b: PersonId) {
        self.noted.insert(pair(a, b), now);
    }

    pub fn reported(&mut self, a: PersonId, b: PersonId) {
        self.reported.insert(pair(a, b));
    }

    /// Takes one side's `matched`, which was sent at `now`; the second one of a
    /// room is held against the first.
    pub fn matched(&mut self, now: Moment, person: PersonId, waiting: Waiting, matched: Message) {
        let room = matched.room.expect("matched names its room");
        let half = Half { person, waiting, matched };
        let Some(other) = self.halves.remove(&room) else {
            self.halves.insert(room, half);
            return;
        };
        self.rooms += 1;
        assert_ne!(person, other.person, "rule 1: nobody is paired with themselves");
        agree(&half, &other);
        let (a, b) = (&half.waiting, &other.waiting);
        assert!(suit(now, a, b), "rule 5: {:?} {:?}", a.preferences, b.preferences);
        let pair = pair(person, other.person);
        let ended = self.ended.get(&pair);
        let apart = ended.is_none_or(|ended| *ended + REMATCH_WAIT <= now);
        assert!(apart, "rule 4: {pair:?} met at {ended:?} and again at {now:?}");
        assert!(!self.reported.contains(&pair), "rule 4: {pair:?}, one of whom was reported");
    }

    /// Whether the host, with all news heard, has no reason to let these two wait.
    pub fn should_meet(
        &self,
        now: Moment,
        a: (PersonId, &Waiting),
        b: (PersonId, &Waiting),
    ) -> bool {
        let pair = pair(a.0, b.0);
        let apart = self.noted.get(&pair).is_some_and(|noted| *noted + REMATCH_WAIT > now);
        !apart && !self.reported.contains(&pair) && suit(now, a.1, b.1)
    }

    /// Asserts that no room has one member only.
    pub fn assert_whole(&self) {
        let halves: Vec<_> = self.halves.keys().collect();
        assert!(halves.is_empty(), "rule 1: both are told: {halves:?}");
    }
}

fn pair(a: PersonId, b: PersonId) -> Pair {
    (a.min(b), a.max(b))
}

/// Both sides are told the same, and one of them is the offerer.
fn agree(one: &Half, other: &Half) {
    let (a, b) = (&one.matched, &other.matched);
    let roles = [&a.role, &b.role].map(|role| role.as_deref().expect("matched gives a role"));
    assert!(matches!(roles, ["offerer", "answerer"] | ["answerer", "offerer"]), "{roles:?}");
    assert_eq!((a.mode, &a.interests), (b.mode, &b.interests));
    assert_eq!(a.mode, Some(one.waiting.preferences.mode));
    let (ours, theirs) = (&one.waiting.preferences, &other.waiting.preferences);
    let mut shared: Vec<_> = common(&ours.interests, &theirs.interests).collect();
    let mut named: Vec<_> = a.interests.iter().map(String::as_str).collect();
    shared.sort_unstable();
    named.sort_unstable();
    assert_eq!(shared, named, "rule 5: those that both named, each once");
}

/// Rule 5, in its own words.
fn suit(now: Moment, a: &Waiting, b: &Waiting) -> bool {
    let long = |waiting: &Waiting| waiting.since + INTEREST_WAIT <= now;
    let open = |waiting: &Waiting| waiting.preferences.interests.is_empty() || long(waiting);
    let (ours, theirs): (&Preferences, &Preferences) = (&a.preferences, &b.preferences);
    let interests = common(&ours.interests, &theirs.interests).next().is_some();
    let languages = common(&ours.languages, &theirs.languages).next().is_some();
    ours.mode == theirs.mode
        && (interests || open(a) && open(b))
        && (languages
            || ours.languages.is_empty()
            || theirs.languages.is_empty()
            || long(a) && long(b))
}

fn common<'a>(ours: &'a [Box<str>], theirs: &'a [Box<str>]) -> impl Iterator<Item = &'a str> {
    ours.iter().filter(|name| theirs.contains(name)).map(|name| &**name)
}
