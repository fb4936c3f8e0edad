//! A crowd that stays as large as it is while people come and go.
//!
//! Time moves on so far in a round that a few have waited their five seconds;
//! as many leave or are paired by newcomers. Then new people come, until as
//! many wait as before. All sessions are new, all picks are random.

use std::sync::Arc;
use std::time::Duration;

use passerby::clock::Moment;
use passerby::ids::{PersonId, SessionId};
use passerby::matchmaking::pool::{Config, Match, Pool, Ticket};
use passerby::protocol::{Mode, Preferences};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::roster::Roster;
use super::tally::{Step, Tallies, Tally};
use super::wishes::Wishes;

/// How many leave, and how many are paired by newcomers, in a round.
const MOVES: u64 = 16;

/// People who wait, and the time.
pub struct Crowd {
    wishes: Wishes,
    size: usize,
    pool: Pool<u64>,
    now: Moment,
    roster: Roster,
    rng: Xoshiro256PlusPlus,
    tallies: Tallies,
}

impl Crowd {
    /// `size` people who have come one after the other, of each age as many as
    /// rounds leave: half of those who come are gone before their time is over.
    pub fn new(wishes: Wishes, size: usize) -> Self {
        let mut crowd = Self {
            wishes,
            size,
            pool: Pool::new(Config::default(), 7),
            now: Moment::from_micros(0),
            roster: Roster::default(),
            rng: Xoshiro256PlusPlus::seed_from_u64(7),
            tallies: Tallies::default(),
        };
        let wait = Config::default().interest_wait;
        for number in 0..size {
            let share = number as f64 / size as f64;
            crowd.now = Moment::default() + wait.mul_f64((1.0 + share).log2());
            crowd.arrive();
        }
        crowd
    }

    /// What all steps took so far.
    pub fn tallies(&self) -> Tallies {
        self.tallies
    }

    /// Lets rounds pass with at least `count` of `step`; the time of `count` steps.
    pub fn measure(&mut self, step: Step, count: u64) -> Duration {
        let before = self.tallies[step as usize];
        loop {
            self.round();
            let since = self.tallies[step as usize] - before;
            if since.steps >= count {
                return since.time.mul_f64(count as f64 / since.steps as f64);
            }
        }
    }

    fn round(&mut self) {
        self.pass_time();
        match self.wishes {
            Wishes::Nothing => (0..2 * MOVES).for_each(|_| self.visit()),
            _ => (0..MOVES).for_each(|_| self.move_two()),
        }
        while self.pool.waiting(Mode::Video) < self.size {
            let tally = self.arrive();
            if self.wishes != Wishes::Nothing {
                self.tallies[Step::Waits as usize] += tally;
            }
        }
    }

    /// So far that, by [`MOVES`] of two kinds a round, half of those who come are
    /// gone before their time is over.
    fn pass_time(&mut self) {
        let lifetime = Config::default().interest_wait;
        self.now = self.now + lifetime.mul_f64(2.0 * MOVES as f64 / self.size as f64 / 2_f64.ln());
        let now = self.now;
        let (made, mut tally) = Tally::of(&mut self.pool, |pool| pool.advance(now));
        made.iter().for_each(|made| self.depart(made));
        tally.steps = 2 * made.len() as u64;
        self.tallies[Step::Expires as usize] += tally;
    }

    /// One of the crowd leaves, and a newcomer is paired with another.
    fn move_two(&mut self) {
        let leaving = self.roster.pick(&mut self.rng);
        self.leave(leaving);
        let wanted = self.roster.pick(&mut self.rng);
        let newcomer = self.roster.arrive();
        let (made, tally) = self.join(newcomer, self.wishes.of(wanted));
        assert!(made, "a newcomer who names the same suits");
        self.tallies[Step::Pairs as usize] += tally;
    }

    /// One comes who names nothing and is paired with the one before, or waits
    /// and then may leave.
    fn visit(&mut self) {
        let visitor = self.roster.arrive();
        let (made, tally) = self.join(visitor, Preferences::default());
        let step = if made { Step::Pairs } else { Step::Waits };
        self.tallies[step as usize] += tally;
        if !made && self.rng.random() {
            self.leave(visitor);
        }
    }

    /// One of the crowd comes.
    fn arrive(&mut self) -> Tally {
        let number = self.roster.arrive();
        let (made, tally) = self.join(number, self.wishes.of(number));
        assert!(!made, "nobody suits a newcomer who names what nobody else does");
        tally
    }

    /// Whether the newcomer is paired.
    fn join(&mut self, number: u64, wishes: Preferences) -> (bool, Tally) {
        let ticket = Ticket {
            session: SessionId::from_u128(number.into()),
            person: PersonId::from_u128(number.into()),
            preferences: Arc::new(wishes),
            since: self.now,
            owner: number,
        };
        let now = self.now;
        let (made, tally) = Tally::of(&mut self.pool, |pool| pool.join(now, ticket));
        if let Some(made) = &made {
            self.depart(made);
        }
        (made.is_some(), tally)
    }

    fn depart(&mut self, made: &Match<u64>) {
        for side in [&made.offerer, &made.answerer] {
            self.roster.depart(side.owner);
        }
    }

    fn leave(&mut self, number: u64) {
        let session = SessionId::from_u128(number.into());
        let (left, tally) = Tally::of(&mut self.pool, |pool| pool.leave(session));
        assert!(left.is_some(), "who is picked waits");
        self.roster.depart(number);
        self.tallies[Step::Leaves as usize] += tally;
    }
}
