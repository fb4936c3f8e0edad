//! The people of the simulation: who they are, what they wish, where they are.

use std::sync::Arc;

use passerby::clock::Moment;
use passerby::ids::{PersonId, SessionId};
use passerby::protocol::Mode;
use passerby::protocol::Preferences;
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

const SESSIONS: usize = 3_000;
/// The first so many sessions are two of one person each.
const DOUBLED: usize = 200;
const INTERESTS: f64 = 400.0;
const LANGUAGES: f64 = 30.0;

/// Where someone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Idle,
    /// Since when the wait counts, and since when with these wishes.
    Waiting {
        since: Moment,
        joined: Moment,
    },
    Room {
        partner: usize,
    },
}

/// Someone who waits, for judgement.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) person: PersonId,
    pub(crate) wishes: Arc<Preferences>,
    pub(crate) since: Moment,
    pub(crate) joined: Moment,
}

struct Someone {
    session: SessionId,
    person: PersonId,
    wishes: Arc<Preferences>,
    state: State,
}

/// Everyone.
pub(crate) struct People(Vec<Someone>);

impl People {
    pub(crate) fn new(rng: &mut Xoshiro256PlusPlus) -> Self {
        let mut people: Vec<_> = (0..SESSIONS).map(|_| someone(rng)).collect();
        for pair in people[..DOUBLED].chunks_mut(2) {
            pair[1].person = pair[0].person;
        }
        Self(people)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many persons there are.
    pub(crate) fn known(&self) -> usize {
        SESSIONS - DOUBLED / 2
    }

    /// Whether this is the person's only session.
    pub(crate) fn is_alone(&self, who: usize) -> bool {
        who >= DOUBLED
    }

    /// Someone new takes the place.
    pub(crate) fn replace(&mut self, who: usize, rng: &mut Xoshiro256PlusPlus) {
        self.0[who] = someone(rng);
    }

    pub(crate) fn change_wishes(&mut self, who: usize, rng: &mut Xoshiro256PlusPlus) {
        self.0[who].wishes = Arc::new(wishes(rng));
    }

    pub(crate) fn session(&self, who: usize) -> SessionId {
        self.0[who].session
    }

    pub(crate) fn person(&self, who: usize) -> PersonId {
        self.0[who].person
    }

    pub(crate) fn wishes(&self, who: usize) -> Arc<Preferences> {
        Arc::clone(&self.0[who].wishes)
    }

    pub(crate) fn state(&self, who: usize) -> State {
        self.0[who].state
    }

    pub(crate) fn set(&mut self, who: usize, state: State) {
        self.0[who].state = state;
    }

    pub(crate) fn waiting(&self, who: usize) -> Option<Waiting> {
        let Someone { person, wishes, state, .. } = &self.0[who];
        let State::Waiting { since, joined } = *state else { return None };
        Some(Waiting { person: *person, wishes: Arc::clone(wishes), since, joined })
    }
}

fn someone(rng: &mut Xoshiro256PlusPlus) -> Someone {
    let bits = |rng: &mut Xoshiro256PlusPlus| rng.random::<u128>();
    Someone {
        session: SessionId::from_u128(bits(rng)),
        person: PersonId::from_u128(bits(rng)),
        wishes: Arc::new(wishes(rng)),
        state: State::Idle,
    }
}

fn wishes(rng: &mut Xoshiro256PlusPlus) -> Preferences {
    let mode = if rng.random_range(..4_u32) == 0 { Mode::Text } else { Mode::Video };
    let interests = [0, 0, 1, 2, 4, 10][rng.random_range(..6_usize)];
    let languages = [0, 1, 1, 2, 5][rng.random_range(..5_usize)];
    Preferences {
        mode,
        interests: names("interest", interests, INTERESTS, rng),
        languages: names("l", languages, LANGUAGES, rng),
        private: rng.random(),
    }
}

/// Up to `count` of `all` names, the first ones far more often than the last
/// (about as 1, 1/2, 1/3 ...).
fn names(kind: &str, count: usize, all: f64, rng: &mut Xoshiro256PlusPlus) -> Vec<Box<str>> {
    let draw = |_| format!("{kind}{}", all.powf(rng.random::<f64>()).floor()).into();
    let mut names: Vec<Box<str>> = (0..count).map(draw).collect();
    names.sort();
    names.dedup();
    names
}
