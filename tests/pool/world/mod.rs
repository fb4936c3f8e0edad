//! A simulated service around the pool: people who come, meet, go on, report
//! and leave, and a bookkeeping that judges each match by the rules.

mod books;
mod people;

use std::time::Duration;

use books::Books;
use passerby::clock::Moment;
use passerby::matchmaking::pool::{Config, Match, Pool, Ticket};
use passerby::protocol::Mode;
use people::{People, State};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// The pool, those who use it, and what must hold.
pub(crate) struct World {
    pool: Pool<usize>,
    people: People,
    books: Books,
    rng: Xoshiro256PlusPlus,
    now: Moment,
    /// When nobody who suited anyone waited, as far as is known.
    settled: Moment,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let people = People::new(&mut rng);
        let pool = Pool::new(Config::default(), rng.random());
        let now = Moment::from_micros(1_000_000_000);
        Self { pool, people, books: Books::default(), rng, now, settled: now }
    }

    /// Lets some time pass and one person do something.
    pub(crate) fn step(&mut self) {
        self.pass_time();
        let who = self.rng.random_range(..self.people.len());
        match self.people.state(who) {
            State::Idle => self.act_idle(who),
            State::Waiting { .. } => self.act_waiting(who),
            State::Room { partner } => self.act_in_room(who, partner),
        }
        self.check_memory();
    }

    /// Mostly a few milliseconds with every alarm on time; now and then a late
    /// call, and a leap over many alarms at once.
    fn pass_time(&mut self) {
        let micros = match self.rng.random_range(..100_000_u32) {
            0 => 3_700_000_000,
            1..10 => 31_000_000,
            10..100 => self.rng.random_range(..6_000_000),
            _ => self.rng.random_range(..8_000),
        };
        let late = self.rng.random_range(..50_u32) == 0;
        let target = self.now + Duration::from_micros(micros);
        while let Some(wake) = self.pool.next_wake().filter(|wake| *wake <= target) {
            assert!(wake > self.settled, "an alarm that leads to nothing");
            self.now = if late { target } else { wake };
            for made in self.pool.advance(self.now) {
                self.settle(made);
            }
            self.settled = self.now;
        }
        self.now = target;
        self.settled = target;
    }

    fn act_idle(&mut self, who: usize) {
        if self.people.is_alone(who) && self.rng.random_range(..20_u32) == 0 {
            self.pool.forget(self.people.person(who));
            self.people.replace(who, &mut self.rng);
        }
        if self.rng.random_range(..3_u32) == 0 {
            self.people.change_wishes(who, &mut self.rng);
        }
        self.join(who, self.now);
    }

    fn act_waiting(&mut self, who: usize) {
        match self.rng.random_range(..10_u32) {
            0..2 => {
                let left = self.pool.leave(self.people.session(who)).map(|ticket| ticket.owner);
                assert_eq!(left, Some(who));
                self.people.set(who, State::Idle);
            }
            2..4 => {
                let State::Waiting { since, .. } = self.people.state(who) else { return };
                self.people.change_wishes(who, &mut self.rng);
                self.join(who, since);
            }
            _ => {}
        }
    }

    fn act_in_room(&mut self, who: usize, partner: usize) {
        match self.rng.random_range(..100_u32) {
            0..40 => {
                self.end_room(who, partner);
                self.join(who, self.now);
                // The one who was left behind mostly goes on as well.
                if self.rng.random_range(..4_u32) > 0 && self.people.state(partner) == State::Idle {
                    self.join(partner, self.now);
                }
            }
            40..50 => self.end_room(who, partner),
            50..53 => {
                let (a, b) = (self.people.person(who), self.people.person(partner));
                self.pool.reported([a, b]);
                self.books.reported(a, b);
            }
            _ => {}
        }
    }

    fn end_room(&mut self, who: usize, partner: usize) {
        let (a, b) = (self.people.person(who), self.people.person(partner));
        self.pool.parted(self.now, [a, b]);
        self.books.parted(self.now, a, b);
        self.people.set(who, State::Idle);
        self.people.set(partner, State::Idle);
    }

    fn join(&mut self, who: usize, since: Moment) {
        let ticket = Ticket {
            session: self.people.session(who),
            person: self.people.person(who),
            preferences: self.people.wishes(who),
            since,
            owner: who,
        };
        self.people.set(who, State::Waiting { since, joined: self.now });
        let made = self.pool.join(self.now, ticket);
        if let Some(made) = made {
            assert!(made.offerer.owner == who || made.answerer.owner == who);
            self.settle(made);
        }
    }

    /// Judges a match and puts the two into their room.
    fn settle(&mut self, made: Match<usize>) {
        let (a, b) = (made.offerer.owner, made.answerer.owner);
        let (one, other) = (self.people.waiting(a), self.people.waiting(b));
        let (Some(one), Some(other)) = (one, other) else {
            panic!("{a} or {b} didn't wait: {:?}, {:?}", self.people.state(a), self.people.state(b))
        };
        let first = self.books.judge(&one, &other, &made.shared);
        assert!(first <= self.now, "{a} and {b} are paired before they may: {one:?} {other:?}");
        assert!(
            first == self.now || first > self.settled,
            "{a} and {b} waited although they suited: {one:?} {other:?}"
        );
        self.people.set(a, State::Room { partner: b });
        self.people.set(b, State::Room { partner: a });
    }

    /// Compares all who wait with each other.
    pub(crate) fn check_all(&self) {
        let waiting: Vec<_> =
            (0..self.people.len()).filter_map(|who| self.people.waiting(who)).collect();
        for (place, one) in waiting.iter().enumerate() {
            for other in &waiting[..place] {
                let first = self.books.first_moment(one, other);
                let suit = first.is_some_and(|first| first <= self.now);
                assert!(!suit, "both wait: {one:?} {other:?}");
            }
        }
        let in_pool: usize = Mode::ALL.into_iter().map(|mode| self.pool.waiting(mode)).sum();
        assert_eq!(in_pool, waiting.len());
    }

    /// At most so many meetings as each one's last partners, and those of the
    /// last 30 s; the sweep may be a few behind.
    fn check_memory(&mut self) {
        let config = Config::default();
        let counted = self.people.known() * config.remembered;
        let recent = self.books.partings_within(self.now, config.rematch_wait);
        assert!(self.pool.remembered() <= counted + recent + 10);
    }

    /// That the run has seen what it is meant to test.
    pub(crate) fn check_variety(&self) {
        self.books.check_variety();
    }
}
