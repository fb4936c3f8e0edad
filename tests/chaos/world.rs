//! All that the monkey finds.

use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::mix::Mix;
use super::nats::NatsCluster;
use super::place::Place;
use super::postgres::PostgresServer;
use super::server::{DEADLINE, get};
use super::trick::{THREE, Trick};

/// How many people there are.
pub const PEOPLE: u32 = 120;
/// Longer than anybody lets the monkey play: the test ends them by a signal.
const FOR_EVER: &str = "86400";
/// How nodes run. A short grace, so that some sessions outlive a node that stands
/// still, and some don't.
const FLAGS: [&str; 8] = [
    "--secret",
    "the same on all nodes",
    "--grace-ms",
    "6000",
    "--drain-ms",
    "2000",
    "--rematch-wait-ms",
    "0",
];

/// The service, what it stands on, and who uses it. In the order in which they end.
pub struct World {
    pub people: Mix,
    pub places: [Mutex<Place>; THREE],
    nats: Mutex<NatsCluster>,
    postgres: Mutex<PostgresServer>,
    begun: Instant,
}

impl World {
    /// Starts all of it. People with the same seed do the same.
    pub fn start(seed: u64) -> Self {
        let (nats, postgres) = (NatsCluster::start(), PostgresServer::start());
        let url = format!("postgres://postgres@{}/{}", postgres.address(), postgres.database());
        let shared = ["--cluster-url", &nats.url(), "--database-url", &url];
        let flags = [&FLAGS[..], &shared].concat();
        let places: [_; THREE] = std::array::from_fn(|number| Place::start(number, &flags));
        let (people, seed) = (PEOPLE.to_string(), seed.to_string());
        let load = ["--connections", &people, "--seconds", FOR_EVER, "--stay-ms", "2000"];
        let load = [&load[..], &["--seed", &seed]].concat();
        let people = Mix::start(places.iter().map(Place::address), &load);
        Self {
            people,
            places: places.map(Mutex::new),
            nats: Mutex::new(nats),
            postgres: Mutex::new(postgres),
            begun: Instant::now(),
        }
    }

    /// Says what happens, and when, by the clock of the people's report.
    pub fn say(&self, what: &str) {
        println!("{:7.1} s  {what}", self.begun.elapsed().as_secs_f64());
    }

    /// Whether the test has failed already.
    pub fn is_wrong(&self) -> bool {
        let mut places = self.places.iter().filter_map(|place| place.try_lock().ok());
        places.any(|place| !place.wrong.is_empty())
    }

    /// Has this done to it, and put right again. Says whether it could be.
    pub fn suffer(&self, trick: Trick) -> bool {
        match trick {
            Trick::Kill(node, away) => {
                self.with(&self.places[node], trick, |place| place.kill(away))
            }
            Trick::Drain(node) => self.with(&self.places[node], trick, Place::replace),
            Trick::Freeze(node, still) => {
                self.with(&self.places[node], trick, |place| place.freeze(still))
            }
            Trick::KillNats(server, away) => self.with(&self.nats, trick, |nats| {
                nats.servers[server].kill();
                sleep(away);
                nats.servers[server].run();
            }),
            Trick::LoseNats(away) => self.with(&self.nats, trick, |nats| {
                nats.lose();
                sleep(away);
                nats.run_again();
            }),
            Trick::StopPostgres(away) => self.with(&self.postgres, trick, |postgres| {
                postgres.stop();
                sleep(away);
                postgres.run();
            }),
        }
    }

    fn with<T>(&self, victim: &Mutex<T>, trick: Trick, act: impl FnOnce(&mut T)) -> bool {
        let Ok(mut victim) = victim.try_lock() else { return false };
        self.say(&trick.to_string());
        act(&mut victim);
        self.say(&format!("  over: {trick}"));
        true
    }

    /// Waits until all nodes are ready and know each other.
    #[expect(clippy::await_holding_lock, reason = "the monkey is not there")]
    pub async fn is_whole(&self) {
        for place in &self.places {
            let place = place.lock().unwrap();
            let node = place.node();
            node.metric_becomes("passerby_cluster_nodes", THREE as f64).await;
            node.metric_becomes("passerby_cluster_reached", 1.0).await;
            let begun = Instant::now();
            while get(node.nodes()[0].ops, "/readyz").await.0 != 200 {
                assert!(begun.elapsed() < DEADLINE, "it is not ready");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// What a metric is on all nodes together.
    #[expect(clippy::await_holding_lock, reason = "the monkey is not there")]
    pub async fn metric(&self, series: &str) -> f64 {
        let mut sum = 0.0;
        for place in &self.places {
            sum += place.lock().unwrap().node().metric(series).await;
        }
        sum
    }
}

/// Asserts that no process is left that this one started.
pub fn nothing_is_left() {
    let me = std::process::id().to_string();
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let stats = all.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    // PID (NAME) STATE PARENT ...
    let parent = |stat: &str| Some(stat.rsplit_once(") ")?.1.split(' ').nth(1)?.to_owned());
    let left: Vec<_> = stats.filter(|stat| parent(stat).as_ref() == Some(&me)).collect();
    assert!(left.is_empty(), "{left:?}");
}
