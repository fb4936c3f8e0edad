//! The world: people, the way their news take to the host, and the time.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use passerby::clock::Moment;
use passerby::guard::address::AddressLimits;
use passerby::ice::Ice;
use passerby::identity::Identity;
use passerby::ids::{PersonId, RoomId, SessionId};
use passerby::matchmaking::host::{Event, Host};
use passerby::matchmaking::pool::Config;
use passerby::metrics::Metrics;
use passerby::moderation::Moderation;
use passerby::protocol::{Mode, Payload, Preferences, Signal};
use passerby::room::{part, relay};
use passerby::session::handle::Session;
use passerby::session::services::Services;
use passerby::session::state::Standing;
use passerby::session::token::Token;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::archive;
use super::ledger::Ledger;
use super::person::{Person, Step};

const INTERESTS: [&str; 6] = ["art", "chess", "film", "go", "music", "tea"];
const LANGUAGES: [&str; 3] = ["de", "en", "fr"];

pub struct World {
    rng: Xoshiro256PlusPlus,
    now: Moment,
    /// The longest time between two steps.
    pace: Duration,
    host: Host,
    metrics: Arc<Metrics>,
    moderation: Arc<Moderation>,
    people: Vec<Person>,
    places: HashMap<PersonId, usize>,
    sessions: u128,
    /// What was told to the host and not heard yet, in the order told.
    channel: VecDeque<Event>,
    ledger: Ledger,
    pairs: u64,
}

impl World {
    pub fn new(seed: u64, people: usize, pace_millis: u64) -> Self {
        let metrics = Arc::new(Metrics::new());
        let mut world = Self {
            rng: Xoshiro256PlusPlus::seed_from_u64(seed),
            now: Moment::default(),
            pace: Duration::from_millis(pace_millis),
            host: Host::new(Config::default(), seed, Arc::new(Ice::none()), metrics.clone()),
            metrics,
            moderation: archive::moderation(),
            people: Vec::new(),
            places: HashMap::new(),
            sessions: 0,
            channel: VecDeque::new(),
            ledger: Ledger::default(),
            pairs: 0,
        };
        (0..people).for_each(|place| world.arrive(place));
        world
    }

    /// Has people do so many things, while their news travel.
    pub fn operate(&mut self, mut operations: usize) {
        while operations > 0 {
            let step = self.pace.mul_f64(self.rng.random());
            self.now = self.now + step;
            match self.rng.random_range(0..8) {
                0..3 => operations -= usize::from(self.act()),
                3..6 => {
                    let place = self.rng.random_range(..self.people.len());
                    self.proceed(place);
                }
                6 => self.hear(),
                _ => self.wake(),
            }
        }
    }

    /// Lets everything under way arrive.
    pub fn settle(&mut self) {
        while let Some(place) = self.busy() {
            self.proceed(place);
            if self.rng.random() {
                self.hear();
            }
        }
        while !self.channel.is_empty() {
            self.hear();
        }
        // A wait is announced a moment after it began.
        self.now = self.now + Duration::from_millis(5);
        self.wake();
    }

    /// Looks the whole world over, with nothing under way.
    pub fn review(&mut self) {
        (0..self.people.len()).for_each(|place| self.look(place));
        self.ledger.assert_whole();
        self.host.show();
        let in_rooms = self.people.iter().filter(|person| person.view.room.is_some()).count();
        assert_eq!(self.metrics.rooms.get(), i64::try_from(in_rooms / 2).unwrap());
        let waiting: Vec<_> = self
            .people
            .iter()
            .filter_map(|person| Some((person.session.person(), person.waiting.as_ref()?, person)))
            .collect();
        let shown = Mode::ALL.map(|m| self.metrics.waiting_by_mode[m].get());
        assert_eq!(shown.iter().sum::<i64>(), i64::try_from(waiting.len()).unwrap());
        for (index, (id, wait, person)) in waiting.iter().enumerate() {
            assert!(person.session.lock().state.awaits(wait.epoch), "{id} waits under its epoch");
            assert!(person.view.told_waiting, "{id} was told that it waits");
            for (other, theirs, _) in &waiting[..index] {
                let meet = self.ledger.should_meet(self.now, (*id, *wait), (*other, *theirs));
                assert!(!meet, "rule 5: {id} and {other} suit each other and wait");
            }
        }
    }

    /// Says how it went; a world in which little happens proves little.
    pub fn report(&self) {
        let rooms = self.ledger.rooms;
        println!("{} sessions, {rooms} rooms, until {:?}", self.sessions, self.now);
        assert!(rooms > 1000, "only {rooms} rooms");
    }

    fn arrive(&mut self, place: usize) {
        self.sessions += 1;
        let (id, kept) = (SessionId::from_u128(self.sessions), self.metrics.kept_bytes.clone());
        let person =
            Person::new(Session::new(id, Token::random().hash(), Identity::of_session(id), kept));
        self.places.insert(person.session.person(), place);
        if place < self.people.len() {
            self.people[place] = person;
        } else {
            self.people.push(person);
        }
    }

    /// Someone does something, if they are not about something else; whether
    /// they did.
    fn act(&mut self) -> bool {
        let place = self.rng.random_range(..self.people.len());
        if !self.people[place].steps.is_empty() {
            return false;
        }
        self.look(place);
        let left = self.people[place].view.room;
        let chance = self.rng.random_range(0..100);
        let (now, wishes) = (self.now, self.wishes());
        let room = self.some_room(place);
        let person = &mut self.people[place];
        match (chance, person.view.room, person.waiting.is_some()) {
            (0..3, ..) => person.leave(now, true),
            (3..10, ..) => person.leave(now, false),
            (10..13, ..) => room.into_iter().for_each(|room| person.report(now, room)),
            (13..40, ..) => room.into_iter().for_each(|room| self.type_in(place, room)),
            (40..50, Some(_), _) | (40..60, None, true) | (40..80, None, false) => {
                person.join(now, wishes);
            }
            (50..60, Some(_), _) => _ = person.next(now, room),
            (_, current, _) => _ = person.next(now, current),
        }
        let gone = left.filter(|_| self.people[place].view.room.is_none());
        gone.into_iter().for_each(|room| self.note_end(place, room));
        true
    }

    /// The room is over from the moment in which the first of the two leaves.
    fn note_end(&mut self, place: usize, room: RoomId) {
        let person = &self.people[place];
        let id = person.session.person();
        let partner = person.steps.iter().find_map(|step| match step {
            Step::Part { partner, room: left, .. } if *left == room => Some(partner.person()),
            _ => None,
        });
        self.ledger.ends(self.now, id, partner.expect("the partner is to be told"));
    }

    /// The next of what a session's task has still to do.
    fn proceed(&mut self, place: usize) {
        let person = &mut self.people[place];
        match person.steps.pop_front() {
            Some(Step::Tell(event)) => self.channel.push_back(event),
            Some(Step::Part { partner, room, reason }) => part(self.now, &partner, room, reason),
            None => (),
        }
        let person = &self.people[place];
        if person.ended && person.steps.is_empty() {
            self.arrive(place);
        }
    }

    fn busy(&mut self) -> Option<usize> {
        let offset = self.rng.random_range(..self.people.len());
        let places = (0..self.people.len()).map(|place| (place + offset) % self.people.len());
        places.into_iter().find(|place| !self.people[*place].steps.is_empty())
    }

    /// The host hears what was told to it first, after what time has brought.
    fn hear(&mut self) {
        self.wake();
        let Some(event) = self.channel.pop_front() else { return };
        match &event {
            Event::Waits { parted: Some([one, other]), .. }
            | Event::Leaves { parted: Some([one, other]), .. }
            | Event::Ends { parted: Some([one, other]), .. } => {
                self.ledger.noted(self.now, *one, *other);
            }
            Event::Separates([by, of]) => self.ledger.reported(*by, *of),
            _ => (),
        }
        self.host.apply(self.now, event);
        self.notice_pairs();
    }

    fn wake(&mut self) {
        self.host.advance(self.now);
        self.notice_pairs();
    }

    /// Whoever was paired learns of it in this moment.
    fn notice_pairs(&mut self) {
        let made = Mode::ALL.map(|m| self.metrics.pairs[m].get());
        if std::mem::replace(&mut self.pairs, made.iter().sum()) == self.pairs {
            return;
        }
        for place in 0..self.people.len() {
            let person = &self.people[place];
            if person.waiting.is_some() && person.session.lock().state.seat().is_some() {
                self.look(place);
            }
        }
    }

    /// A client reads what it was sent, and its knowledge is held against both
    /// sides' states.
    fn look(&mut self, place: usize) {
        let person = &mut self.people[place];
        for message in person.view.read(&person.session) {
            if message.kind == "matched" {
                let waiting = person.waiting.take().expect("only who waits is paired");
                self.ledger.matched(self.now, person.session.person(), waiting, message);
            }
        }
        let person = &self.people[place];
        assert_eq!(person.session.lock().state.seat().is_some(), person.view.room.is_some());
        let Some(room) = person.view.room else { return };
        let partner = self.opposite(&person.session, room).expect("rule 1: it sits where it knows");
        let Some(back) = self.opposite(&partner, room) else {
            let place = self.places[&partner.person()];
            assert!(self.people[place].is_parting(room), "rule 1: a room of one");
            return;
        };
        assert!(Arc::ptr_eq(&back, &person.session), "rule 1: a room of three");
    }

    fn opposite(&self, session: &Session, room: RoomId) -> Option<Arc<Session>> {
        match session.lock().state.standing(room) {
            Standing::Here(seat) => seat.partner.here().cloned(),
            Standing::Former | Standing::Never => None,
        }
    }

    /// A signal into `room`, which the sender may have left long ago.
    fn type_in(&self, place: usize, room: RoomId) {
        let signal = Signal::new(room, Payload::Typing { active: true });
        let sender = &self.people[place].session;
        let services = Services {
            ice: &Ice::none(),
            metrics: &self.metrics,
            moderation: &self.moderation,
            limits: &AddressLimits::none(),
        };
        let sent = relay(sender, sender.lock(), &signal, self.now, &services);
        assert!(sent.is_ok(), "the sender had this room");
    }

    /// Mostly the room that the person is in, else the last one.
    fn some_room(&mut self, place: usize) -> Option<RoomId> {
        let view = &self.people[place].view;
        view.room.or(view.last_room)
    }

    fn wishes(&mut self) -> Preferences {
        let mode = if self.rng.random_ratio(1, 4) { Mode::Text } else { Mode::Video };
        let interests = self.some_of(&INTERESTS, 3);
        let languages = self.some_of(&LANGUAGES, 2);
        Preferences { mode, interests, languages, private: self.rng.random() }
    }

    /// Up to `most` of `names`, in their order; often none.
    fn some_of(&mut self, names: &[&str], most: usize) -> Vec<Box<str>> {
        let count = self.rng.random_range(0..=most);
        let mut chosen: Vec<_> =
            (0..count).map(|_| names[self.rng.random_range(..names.len())].into()).collect();
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    }
}
