//! The pool against a naive model: a list of who waits and a list of all that
//! happened, searched pair by pair with the rules as they are written.

use std::time::Duration;

use super::support::{at, person, session, ticket};
use passerby::matchmaking::pool::{Config, Match, MatchedBy, Pool};
use passerby::protocol::Mode;
use passerby::protocol::Preferences;
use proptest::prelude::*;
use proptest::sample::subsequence;

const SESSIONS: u64 = 12;
/// Fewer than sessions, so that some are of one person.
const PEOPLE: u64 = 9;
const CONFIG: Config = Config {
    interest_wait: Duration::from_secs(5),
    rematch_wait: Duration::from_secs(30),
    memory: Duration::from_secs(120),
    remembered: 2,
    allow_self: false,
};
const INTEREST_WAIT: u64 = 5_000;
const REMATCH_WAIT: u64 = 30_000;
const MEMORY: u64 = 120_000;

#[derive(Clone, Debug)]
enum Event {
    Join { session: u64, waited: u64, wishes: Preferences },
    Leave { session: u64 },
    Parted { a: u64, b: u64 },
    Reported { a: u64, b: u64 },
    Forget { person: u64 },
    Pass,
}

fn wishes() -> impl Strategy<Value = Preferences> {
    let mode = prop_oneof![4 => Just(Mode::Video), 1 => Just(Mode::Text)];
    let interests = subsequence(vec!["art", "chess", "go", "music"], 0..=3);
    let languages = subsequence(vec!["de", "en", "fr"], 0..=2);
    (mode, interests, languages).prop_map(|(mode, interests, languages)| Preferences {
        mode,
        interests: interests.into_iter().map(Into::into).collect(),
        languages: languages.into_iter().map(Into::into).collect(),
        private: false,
    })
}

fn event() -> impl Strategy<Value = Event> {
    let waited = prop_oneof![4 => Just(0_u64), 1 => Just(2_300), 1 => Just(6_000)];
    prop_oneof![
        10 => (0..SESSIONS, waited, wishes())
            .prop_map(|(session, waited, wishes)| Event::Join { session, waited, wishes }),
        1 => (0..SESSIONS).prop_map(|session| Event::Leave { session }),
        6 => (0..PEOPLE, 0..PEOPLE).prop_map(|(a, b)| Event::Parted { a, b }),
        1 => (0..PEOPLE, 0..PEOPLE).prop_map(|(a, b)| Event::Reported { a, b }),
        1 => (0..PEOPLE).prop_map(|person| Event::Forget { person }),
        2 => Just(Event::Pass),
    ]
}

fn events() -> impl Strategy<Value = Vec<(u64, Event)>> {
    let span = prop_oneof![Just(0_u64), 1_u64..900, 1_000_u64..7_000, 7_000_u64..45_000];
    prop::collection::vec((span, event()), 1..120)
}

#[derive(Clone, Debug)]
struct Waiting {
    session: u64,
    person: u64,
    since: u64,
    wishes: Preferences,
}

/// How two stand to each other, as far as the rules fix it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Strangers,
    /// Met within the memory, but not among the last partners of either: the
    /// pool may remember it or not.
    Either,
    Acquainted,
    Apart,
}

#[derive(Default)]
struct Model {
    now: u64,
    waiting: Vec<Waiting>,
    /// When, who, whom, and whether one of the two was forgotten since.
    partings: Vec<(u64, u64, u64, bool)>,
    reports: Vec<(u64, u64)>,
}

impl Model {
    fn relation(&self, a: u64, b: u64) -> Relation {
        let of_both = |x: u64, y: u64| (x, y) == (a, b) || (x, y) == (b, a);
        if a == b || self.reports.iter().any(|&(x, y)| of_both(x, y)) {
            return Relation::Apart;
        }
        let last = self.partings.iter().rev().find(|(_, x, y, lost)| of_both(*x, *y) && !lost);
        let Some((when, ..)) = last else { return Relation::Strangers };
        match self.now - when {
            ago if ago < REMATCH_WAIT => Relation::Apart,
            ago if ago >= MEMORY => Relation::Strangers,
            _ if self.counts(a, b) || self.counts(b, a) => Relation::Acquainted,
            _ => Relation::Either,
        }
    }

    /// Whether `partner` is among the last partners of `person`.
    fn counts(&self, person: u64, partner: u64) -> bool {
        let mut last = Vec::new();
        for &(_, a, b, _) in self.partings.iter().rev() {
            let other = if a == person { b } else { a };
            if (a == person || b == person) && !last.contains(&other) {
                last.push(other);
            }
        }
        last.iter().take(CONFIG.remembered).any(|other| *other == partner)
    }

    fn relaxed(&self, who: &Waiting) -> bool {
        self.now - who.since >= INTEREST_WAIT
    }

    /// Whether the wishes of the two suit each other.
    fn suits(&self, a: &Waiting, b: &Waiting) -> bool {
        let open = |who: &Waiting| who.wishes.interests.is_empty() || self.relaxed(who);
        let (ours, theirs) = (&a.wishes.languages, &b.wishes.languages);
        a.wishes.mode == b.wishes.mode
            && (shared(a, b) > 0 || (open(a) && open(b)))
            && (ours.is_empty()
                || theirs.is_empty()
                || ours.iter().any(|language| theirs.contains(language))
                || (self.relaxed(a) && self.relaxed(b)))
    }

    fn may_pair(&self, a: &Waiting, b: &Waiting) -> bool {
        self.suits(a, b) && self.relation(a.person, b.person) != Relation::Apart
    }

    /// Whether a search for `seeker` may end with `found`.
    fn is_best(&self, seeker: &Waiting, found: &Waiting) -> bool {
        let rank = |other: &Waiting| (shared(seeker, other), (self.now - other.since) / 1000);
        let beaten_by = |relation: Relation| {
            self.candidates(seeker, relation).any(|other| rank(other) > rank(found))
        };
        let relation = self.relation(seeker.person, found.person);
        let as_stranger = relation != Relation::Acquainted && !beaten_by(Relation::Strangers);
        let as_acquaintance = relation != Relation::Strangers
            && self.candidates(seeker, Relation::Strangers).next().is_none()
            && !beaten_by(Relation::Acquainted);
        as_stranger || as_acquaintance
    }

    fn candidates(&self, seeker: &Waiting, relation: Relation) -> impl Iterator<Item = &Waiting> {
        self.waiting.iter().filter(move |other| {
            self.may_pair(seeker, other) && self.relation(seeker.person, other.person) == relation
        })
    }

    fn take(&mut self, session: u64) -> Option<Waiting> {
        let place = self.waiting.iter().position(|who| who.session == session)?;
        Some(self.waiting.remove(place))
    }

    fn forget(&mut self, person: u64) {
        for (_, a, b, lost) in &mut self.partings {
            *lost |= *a == person || *b == person;
        }
        self.reports.retain(|(a, b)| *a != person && *b != person);
    }
}

fn shared(a: &Waiting, b: &Waiting) -> usize {
    let theirs = &b.wishes.interests;
    a.wishes.interests.iter().filter(|interest| theirs.contains(interest)).count()
}

/// The pool and the model side by side.
struct Run {
    pool: Pool<u64>,
    model: Model,
}

impl Run {
    fn step(&mut self, span: u64, event: Event) {
        self.model.now += span;
        self.advance_if_due();
        match event {
            Event::Join { session, waited, wishes } => self.join(session, waited, wishes),
            Event::Leave { session: number } => {
                let left = self.pool.leave(session(number)).map(|ticket| ticket.owner);
                assert_eq!(left, self.model.take(number).map(|who| who.session));
            }
            Event::Parted { a, b } if a != b => {
                self.pool.parted(at(self.model.now), [person(a.into()), person(b.into())]);
                self.model.partings.push((self.model.now, a, b, false));
            }
            Event::Reported { a, b } if a != b => {
                self.pool.reported([person(a.into()), person(b.into())]);
                self.model.reports.push((a, b));
            }
            // Who waits isn't gone for good.
            Event::Forget { person: gone } if !self.waits(gone) => {
                self.pool.forget(person(gone.into()));
                self.model.forget(gone);
            }
            _ => {}
        }
        self.check();
    }

    fn waits(&self, person: u64) -> bool {
        self.model.waiting.iter().any(|who| who.person == person)
    }

    fn advance_if_due(&mut self) {
        if self.pool.next_wake().is_some_and(|wake| wake <= at(self.model.now)) {
            for made in self.pool.advance(at(self.model.now)) {
                self.check_timed(&made);
            }
        }
        self.check();
    }

    /// Checks a match that time brought about, and takes the two out.
    fn check_timed(&mut self, made: &Match<u64>) {
        let mut take = |owner| self.model.take(owner).expect("only who waits is paired");
        let (a, b) = (take(made.offerer.owner), take(made.answerer.owner));
        self.check_match(made, &a, &b);
        let best = self.model.is_best(&a, &b) || self.model.is_best(&b, &a);
        assert!(best, "neither {a:?} nor {b:?} is the best for the other");
        if self.model.relation(a.person, b.person) == Relation::Acquainted {
            for side in [&a, &b] {
                let strangers = self.model.candidates(side, Relation::Strangers).count();
                assert_eq!(strangers, 0, "a stranger waits for {side:?}");
            }
        }
    }

    fn join(&mut self, number: u64, waited: u64, wishes: Preferences) {
        let before = self.model.take(number);
        let now = self.model.now;
        let since = before.map_or(now - waited.min(now), |who| who.since);
        let joining =
            Waiting { session: number, person: number % PEOPLE, since, wishes: wishes.clone() };
        let ticket = ticket(since, number, joining.person.into(), wishes);
        let Some(made) = self.pool.join(at(now), ticket) else {
            self.model.waiting.push(joining);
            return;
        };
        let owners = [made.offerer.owner, made.answerer.owner];
        let partner = owners.into_iter().find(|owner| *owner != number).expect("two are paired");
        let partner = self.model.take(partner).expect("only who waits is paired");
        self.check_match(&made, &joining, &partner);
        assert!(self.model.is_best(&joining, &partner), "{partner:?} is not best for {joining:?}");
    }

    fn check_match(&self, made: &Match<u64>, a: &Waiting, b: &Waiting) {
        assert!(self.model.may_pair(a, b), "{a:?} must not meet {b:?}");
        assert_eq!(made.shared.len(), shared(a, b));
        assert!(made.shared.iter().all(|name| b.wishes.interests.contains(name)));
        let language = a.wishes.languages.iter().any(|tag| b.wishes.languages.contains(tag));
        let by = match (made.shared.is_empty(), language) {
            (false, _) => MatchedBy::Interest,
            (true, true) => MatchedBy::Language,
            (true, false) => MatchedBy::Any,
        };
        assert_eq!(made.by, by);
    }

    fn check(&self) {
        for (place, a) in self.model.waiting.iter().enumerate() {
            for b in &self.model.waiting[..place] {
                assert!(!self.model.may_pair(a, b), "{a:?} and {b:?} suit but both wait");
            }
        }
        for mode in Mode::ALL {
            let waiting = self.model.waiting.iter().filter(|who| who.wishes.mode == mode).count();
            assert_eq!(self.pool.waiting(mode), waiting);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn the_pool_does_what_the_rules_say(seed: u64, events in events()) {
        let mut run = Run { pool: Pool::new(CONFIG, seed), model: Model::default() };
        for (span, event) in events {
            run.step(span, event);
        }
    }
}
