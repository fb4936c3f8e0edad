//! A running relay, and those who may use it.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use passerby::guard::limiter::Allowance;
use passerby::metrics::Metrics;
use passerby::turn::{Account, Authority, Config, Limits, Relay};

/// How long anything may take that a test waits for. Machines are noisy: only a
/// failure takes as long.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// The realm of all credentials.
pub const REALM: &str = "passerby.test";

/// A relay on free ports of the loopback, both families.
pub struct Running {
    pub relay: Relay,
    pub metrics: Arc<Metrics>,
    pub book: Arc<Book>,
}

/// Knows every username of the form `<expiry>:<name>` whose name is no
/// `stranger`.
#[derive(Default)]
pub struct Book {
    expired: Mutex<HashSet<String>>,
    forgotten: Mutex<HashSet<String>>,
}

impl Book {
    /// From now on this username can't allocate.
    pub fn expire(&self, username: &str) {
        self.expired.lock().unwrap().insert(username.to_owned());
    }

    /// From now on this username is unknown.
    pub fn forget(&self, username: &str) {
        self.forgotten.lock().unwrap().insert(username.to_owned());
    }
}

impl Authority for Book {
    fn account(&self, username: &str) -> Option<Account> {
        let (_, name) = username.split_once(':').filter(|(_, name)| *name != "stranger")?;
        if self.forgotten.lock().unwrap().contains(username) {
            return None;
        }
        let expired = self.expired.lock().unwrap().contains(username);
        Some(Account { password: password(username), name: name.to_owned(), expired })
    }
}

/// What a username signs with.
pub fn password(username: &str) -> String {
    format!("secret-of-{}", username.len())
}

/// A configuration without much of a limit.
pub fn config() -> Config {
    Config {
        listen: vec!["127.0.0.1:0".parse().unwrap(), "[::1]:0".parse().unwrap()],
        tls_listen: vec![],
        tls: None,
        external: vec![],
        ports: 49152..=65535,
        realm: REALM.to_owned(),
        allow_peers: vec![],
        limits: Limits {
            allocations: 1000,
            per_session: 1000,
            bytes_per_second: 100_000_000,
            unauthenticated: Allowance { burst: 10_000, every: Duration::from_millis(1) },
        },
        workers: 2,
    }
}

impl Running {
    /// Starts one with a changed configuration.
    pub fn start(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config();
        change(&mut config);
        let (metrics, book) = (Arc::new(Metrics::new()), Arc::new(Book::default()));
        let relay = Relay::start(config, book.clone(), metrics.clone()).unwrap();
        Self { relay, metrics, book }
    }

    /// Where it listens on IPv4.
    pub fn v4(&self) -> SocketAddr {
        self.relay.addresses()[0]
    }

    /// Where it listens on IPv6.
    pub fn v6(&self) -> SocketAddr {
        self.relay.addresses()[1]
    }

    /// The value of a series.
    pub fn metric(&self, series: &str) -> u64 {
        let text = self.metrics.render().unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("passerby_{series} ")));
        line.unwrap_or_else(|| panic!("{series} is not there")).parse().unwrap()
    }

    /// How often it refused for this reason.
    pub fn refused(&self, reason: &str) -> u64 {
        self.metric(&format!("turn_refused_total{{reason=\"{reason}\"}}"))
    }

    /// The allocations that stand, of all transports.
    pub fn standing(&self) -> u64 {
        let of = |transport| self.metric(&format!("turn_allocations{{transport=\"{transport}\"}}"));
        ["udp", "tcp", "tls"].map(of).iter().sum()
    }
}

/// Waits for a condition.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
