//! What has happened so far, and the rules in their plainest form.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use passerby::clock::Moment;
use passerby::ids::{PersonId, RoomId};
use passerby::protocol::{Preferences, Role};

use super::rules::Rules;

/// How long after the people a host may hear of a room's end.
const LAG: Duration = Duration::from_secs(2);

type Pair = (PersonId, PersonId);

/// A wait that goes on.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// When it began; at the latest, as its node sees it, which takes no account
    /// of the time for which the session was on its way.
    pub since: Moment,
    pub latest: Moment,
    /// Since when nothing about it has changed.
    pub settled: Moment,
    pub preferences: Preferences,
}

pub struct Ledger {
    interest_wait: Duration,
    rematch_wait: Duration,
    pub rooms: BTreeMap<RoomId, Room>,
    /// When a room of the two ended last.
    ended: BTreeMap<Pair, Moment>,
    /// When the last of the two learned of it.
    known_to_end: BTreeMap<Pair, Moment>,
    /// Who reported whom, as far as a host has heard.
    reported: BTreeMap<(PersonId, PersonId), Moment>,
    /// Of these a node that died may have known more than is known now.
    forgotten: BTreeSet<PersonId>,
    /// Of these a copy of their session has ended, and what was known with it, or an
    /// older one goes on.
    pub erased: BTreeSet<PersonId>,
    pub waits: BTreeMap<PersonId, Waiting>,
    /// Waits of people who were brought back into a room in which they were not
    /// seen to sit: their own node had promised them.
    promised: BTreeMap<(RoomId, PersonId), Waiting>,
}

impl Waiting {
    pub fn begin(now: Moment, preferences: Preferences) -> Self {
        Self { since: now, latest: now, settled: now, preferences }
    }

    fn at_the_latest(&self) -> Self {
        Self { since: self.latest, ..self.clone() }
    }
}

/// A room, as the sessions in it and their clients see it.
#[derive(Debug, Default)]
pub struct Room {
    pub sides: Vec<Side>,
    /// A machine died, and messages with it.
    pub lossy: bool,
    /// One of the two left, or was told that it is over.
    over: bool,
}

#[derive(Debug)]
pub struct Side {
    pub person: PersonId,
    opposite: PersonId,
    role: Role,
    since: Moment,
    waiting: Waiting,
    /// How many signals were sent, and the last that came.
    pub sent: u64,
    pub heard: u64,
}

/// Somebody sits.
#[derive(Clone, Copy, Debug)]
pub struct Sitting {
    pub room: RoomId,
    pub person: PersonId,
    pub opposite: PersonId,
    pub role: Role,
}

impl Ledger {
    pub fn new(rules: &Rules) -> Self {
        Self {
            interest_wait: rules.pairing.interest_wait,
            rematch_wait: rules.pairing.rematch_wait,
            rooms: BTreeMap::new(),
            ended: BTreeMap::new(),
            known_to_end: BTreeMap::new(),
            reported: BTreeMap::new(),
            forgotten: BTreeSet::new(),
            erased: BTreeSet::new(),
            waits: BTreeMap::new(),
            promised: BTreeMap::new(),
        }
    }

    /// Whether it is known that this one sits or sat there.
    pub fn has_sat(&self, sitting: &Sitting) -> bool {
        let room = self.rooms.get(&sitting.room);
        room.is_some_and(|room| room.sides.iter().any(|side| side.person == sitting.person))
    }

    /// Somebody sits down, or is seen to sit on another node; whether the room is
    /// whole with that.
    pub fn sits(&mut self, now: Moment, sitting: Sitting) -> bool {
        let Sitting { room: id, person, opposite, role } = sitting;
        let room = self.rooms.entry(id).or_default();
        if let Some(side) = room.sides.iter().find(|side| side.person == person) {
            assert_eq!((side.opposite, side.role), (opposite, role), "{sitting:?}");
            return false;
        }
        let promised = self.promised.remove(&(id, person));
        let waiting = promised.or_else(|| self.waits.remove(&person));
        let waiting = waiting.expect("rule 1: only who waits is paired");
        room.sides.push(Side { person, opposite, role, since: now, waiting, sent: 0, heard: 0 });
        let [one, other] = &self.rooms[&id].sides[..] else {
            let room = &self.rooms[&id];
            assert_eq!(room.sides.len(), 1, "rule 1: a room of three: {room:?}");
            return false;
        };
        assert_eq!((one.opposite, other.opposite), (other.person, one.person), "rule 1");
        assert_ne!(one.role, other.role, "one of them is the offerer");
        self.assert_may_meet(now, one, other);
        true
    }

    /// A person is brought back into a room, as its partner's node knows it: it waited
    /// when its own node promised it, which may have taken that back while the two
    /// nodes could not talk.
    pub fn brought_back(&mut self, person: PersonId, room: RoomId, preferences: Preferences) {
        let wait = Waiting::begin(Moment::default(), preferences);
        self.promised.insert((room, person), wait);
    }

    fn assert_may_meet(&self, now: Moment, one: &Side, other: &Side) {
        let pair = pair(one.person, other.person);
        let (a, b) = (&one.waiting, &other.waiting);
        assert!(self.suit(now, a, b), "rule 5: {a:?} {b:?} at {now:?}");
        // The first may have left this room before the second sat.
        let ended = self.ended.get(&pair).filter(|ended| **ended < one.since);
        let apart = ended.is_some_and(|ended| *ended + self.rematch_wait > now);
        let sides = [one.person, other.person];
        let forgotten = sides.iter().all(|side| self.forgotten.contains(side))
            || sides.iter().any(|side| self.erased.contains(side));
        assert!(!apart || forgotten, "rule 4: {pair:?} met until {ended:?} and again at {now:?}");
        // In the room itself one may report the other before that one sits.
        let reported = self.when_reported(pair).is_some_and(|heard| heard < one.since);
        assert!(!reported, "rule 4: {pair:?}, one of whom was reported");
    }

    /// Someone leaves a room, or is told that it is over. The first of two counts
    /// for how long they are apart; the second may not know of it before.
    pub fn ends(&mut self, now: Moment, room: RoomId) {
        let Some(room) = self.rooms.get_mut(&room) else { return };
        let pair = pair(room.sides[0].person, room.sides[0].opposite);
        if !std::mem::replace(&mut room.over, true) {
            self.ended.insert(pair, now);
        }
        self.known_to_end.insert(pair, now);
    }

    /// A host has heard of a report.
    pub fn reported(&mut self, now: Moment, by: PersonId, of: PersonId) {
        self.reported.entry((by, of)).or_insert(now);
    }

    fn when_reported(&self, (a, b): Pair) -> Option<Moment> {
        [(a, b), (b, a)].iter().filter_map(|pair| self.reported.get(pair)).min().copied()
    }

    /// A machine died that had this person: what it knew, nobody knows. Whoever
    /// reported the person is on another, which still knows.
    pub fn forget(&mut self, person: PersonId) {
        self.reported.retain(|(by, _), _| *by != person);
        self.forgotten.insert(person);
    }

    /// What is known of a person that was away for so long may have been on its way:
    /// times travel as ages.
    pub fn aged(&mut self, person: PersonId, away: Duration) {
        if let Some(wait) = self.waits.get_mut(&person) {
            wait.latest = wait.latest + away;
        }
        let concerned =
            self.known_to_end.iter_mut().filter(|((a, b), _)| [*a, *b].contains(&person));
        concerned.for_each(|(_, known)| *known = *known + away);
    }

    /// A signal was sent into a room in which the sender sits; its number.
    pub fn says(&mut self, room: RoomId, person: PersonId) -> u64 {
        let room = self.rooms.get_mut(&room).expect("it sits there");
        let side = room.sides.iter_mut().find(|side| side.person == person);
        let side = side.expect("it sits there");
        side.sent += 1;
        side.sent
    }

    /// A signal came to `person`, who believes to be in `room`.
    pub fn hears(&mut self, room: RoomId, person: PersonId, from: PersonId, number: u64) {
        let room = self.rooms.get_mut(&room).expect("a room");
        let lossy = room.lossy;
        let opposite = room.sides.iter().find(|side| side.person == from && from != person);
        let sent = opposite.expect("rule 2: from who sits opposite").sent;
        let side = room.sides.iter_mut().find(|side| side.person == person);
        let side = side.expect("it sits there");
        let next = side.heard + 1;
        let right = number == next || lossy && number > next;
        assert!(right && number <= sent, "rule 3: {number}, not {next}, of {sent} in {room:?}");
        side.heard = number;
    }

    /// A machine died, and with it what was said in this room.
    pub fn lossy(&mut self, room: RoomId) {
        if let Some(room) = self.rooms.get_mut(&room) {
            room.lossy = true;
        }
    }

    /// All that was said in a standing room has arrived.
    pub fn assert_heard(&self, room: RoomId) {
        let room = &self.rooms[&room];
        let [one, other] = &room.sides[..] else { panic!("rule 1: {room:?}") };
        let heard = (one.heard, other.heard) == (other.sent, one.sent);
        assert!(heard || room.lossy, "rule 3: {room:?}");
    }

    /// How many rooms were cut in half: the second never sat.
    pub fn halves(&self) -> u64 {
        self.rooms.values().filter(|room| room.sides.len() < 2).count() as u64
    }

    /// Whether two have no reason to wait, and had none `ago`.
    pub fn should_meet(
        &self,
        now: Moment,
        ago: Duration,
        (a, one): (PersonId, &Waiting),
        (b, other): (PersonId, &Waiting),
    ) -> bool {
        let pair = pair(a, b);
        let ended = self.known_to_end.get(&pair);
        let apart = ended.is_some_and(|ended| *ended + self.rematch_wait + LAG + ago > now);
        let waited = one.settled.max(other.settled) + ago <= now;
        !apart
            && waited
            && self.when_reported(pair).is_none()
            && !self.forgotten.contains(&a)
            && !self.forgotten.contains(&b)
            && self.suit(now.before(ago), &one.at_the_latest(), &other.at_the_latest())
    }

    /// Rule 5, in its own words.
    fn suit(&self, now: Moment, a: &Waiting, b: &Waiting) -> bool {
        let long = |waiting: &Waiting| waiting.since + self.interest_wait <= now;
        let open = |waiting: &Waiting| waiting.preferences.interests.is_empty() || long(waiting);
        let (ours, theirs) = (&a.preferences, &b.preferences);
        let interests = common(&ours.interests, &theirs.interests);
        let languages = common(&ours.languages, &theirs.languages);
        ours.mode == theirs.mode
            && (interests || open(a) && open(b))
            && (languages
                || ours.languages.is_empty()
                || theirs.languages.is_empty()
                || long(a) && long(b))
    }
}

fn pair(a: PersonId, b: PersonId) -> Pair {
    (a.min(b), a.max(b))
}

fn common(ours: &[Box<str>], theirs: &[Box<str>]) -> bool {
    ours.iter().any(|name| theirs.contains(name))
}
