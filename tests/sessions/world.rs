//! The simulated service and whose turn it is.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use passerby::clock::Moment;
use passerby::guard::address::AddressLimits;
use passerby::ice::Ice;
use passerby::identity::Identity;
use passerby::ids::NodeId;
use passerby::ids::SessionId;
use passerby::matchmaking::host::{Event, Host};
use passerby::matchmaking::pool::Config;
use passerby::metrics::Metrics;
use passerby::moderation::Moderation;
use passerby::secret::Secret;
use passerby::session::handle::Session;
use passerby::session::services::Services;
use passerby::session::token::Token;
use passerby::session::token::TokenKey;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::archive;
use super::books::Books;
use super::client::Client;
use super::connection::Connection;
use super::tasks::{Keeper, Task};

/// How long a dropped connection keeps its session.
pub(crate) const GRACE: Duration = Duration::from_secs(15);

static NO_LIMITS: AddressLimits = AddressLimits::none();

/// A population and what it suffers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    pub(crate) clients: usize,
    /// How often a connected client's turn is trouble.
    pub(crate) trouble_permille: u32,
    /// How often the turn of one without a connection brings it back.
    pub(crate) return_permille: u32,
    /// How often a client whose partner is away sends more than is kept.
    pub(crate) flood_permille: u32,
    /// How often the process stops and the next one goes on, in steps.
    pub(crate) restart_every: u32,
}

pub(crate) struct World {
    pub(crate) weather: Weather,
    pub(crate) rng: Xoshiro256PlusPlus,
    pub(crate) now: Moment,
    pub(crate) ice: Arc<Ice>,
    pub(crate) moderation: Arc<Moderation>,
    pub(crate) key: TokenKey,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) host: Host,
    /// On their way to the host.
    pub(crate) events: VecDeque<Event>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) keepers: Vec<Keeper>,
    pub(crate) connections: BTreeMap<usize, Connection>,
    /// How many connections there have been.
    pub(crate) connected: usize,
    pub(crate) clients: Vec<Client>,
    pub(crate) books: Books,
}

impl World {
    pub(crate) fn new(seed: u64, weather: Weather) -> Self {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let metrics = Arc::new(Metrics::new());
        let ice = Arc::new(Ice::none());
        let nobody = nobody(&metrics);
        let mut world = Self {
            weather,
            now: Moment::from_micros(1_000_000_000),
            host: Host::new(config(), rng.random(), ice.clone(), metrics.clone()),
            rng,
            ice,
            moderation: archive::moderation(),
            key: TokenKey::new(NodeId::from_bits(1), &Secret::random()),
            metrics,
            events: VecDeque::new(),
            tasks: Vec::new(),
            keepers: Vec::new(),
            connections: BTreeMap::new(),
            connected: 0,
            clients: (0..weather.clients).map(|_| Client::new(nobody.clone())).collect(),
            books: Books::default(),
        };
        (0..weather.clients).for_each(|client| world.begin(client));
        world
    }

    /// Lets a little time pass and something happen.
    pub(crate) fn step(&mut self) {
        self.now = self.now + Duration::from_micros(self.rng.random_range(..10_000));
        if self.rng.random_range(..self.weather.restart_every) == 0 {
            return self.restart();
        }
        match self.rng.random_range(..100_u32) {
            0..22 => self.with_connection(|world, id| world.serve(id, false)),
            22..40 => {
                let count = self.rng.random_range(1..6);
                self.with_connection(|world, id| world.deliver(id, count));
            }
            40..60 => self.with_connection(Self::read_some),
            60..64 => self.with_connection(Self::disturb),
            64..74 => self.run_host(),
            74..80 if !self.tasks.is_empty() => {
                let place = self.rng.random_range(..self.tasks.len());
                self.go_on(place);
            }
            80..83 if !self.keepers.is_empty() => {
                let place = self.rng.random_range(..self.keepers.len());
                self.keep(place);
            }
            _ => {
                let client = self.rng.random_range(..self.clients.len());
                self.play(client);
            }
        }
    }

    fn with_connection(&mut self, act: impl FnOnce(&mut Self, usize)) {
        if self.connections.is_empty() {
            return;
        }
        let place = self.rng.random_range(..self.connections.len());
        let id = *self.connections.keys().nth(place).expect("there are as many");
        act(self, id);
    }

    pub(crate) fn services(&self) -> Services<'_> {
        Services {
            ice: &self.ice,
            metrics: &self.metrics,
            moderation: &self.moderation,
            limits: &NO_LIMITS,
        }
    }

    /// A dead connection is noticed; one on which nobody listens dies.
    fn disturb(&mut self, id: usize) {
        let client = self.connections[&id].client;
        if self.clients[client].connection != Some(id) && self.rng.random_range(..4_u32) == 0 {
            self.cut(id);
        }
        self.notice(id);
    }
}

/// Who meets again soon, or nobody would be left to meet.
pub(crate) fn config() -> Config {
    Config { rematch_wait: Duration::from_secs(1), ..Config::default() }
}

fn nobody(metrics: &Metrics) -> Arc<Session> {
    let token = Token::presented("nobody").hash();
    let id = SessionId::from_u128(u128::MAX);
    Session::new(id, token, Identity::of_session(id), metrics.kept_bytes.clone())
}
