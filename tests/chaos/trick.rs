//! What the monkey may do.

use std::fmt;
use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::SmallRng;

/// Nodes, and servers of NATS.
pub const THREE: usize = 3;

/// One bad thing.
#[derive(Clone, Copy, Debug)]
pub enum Trick {
    /// A node is killed, and comes again after a while.
    Kill(usize, Duration),
    /// A node is asked to stop, and another one takes its place.
    Drain(usize),
    /// A node stands still, and wakes up when others have long given it up.
    Freeze(usize, Duration),
    /// One NATS server is killed, and comes again with what it stored.
    KillNats(usize, Duration),
    /// All of them are, and come again with nothing.
    LoseNats(Duration),
    /// The database is stopped, and comes again.
    StopPostgres(Duration),
}

impl Trick {
    /// Some are more fun than others.
    pub fn draw(chance: &mut SmallRng) -> Self {
        let which = chance.random_range(0..THREE);
        match chance.random_range(0..14) {
            0..4 => Self::Kill(which, seconds(chance, 0.0, 3.0)),
            4..7 => Self::Drain(which),
            7..10 => Self::Freeze(which, seconds(chance, 1.0, 12.0)),
            10..12 => Self::KillNats(which, seconds(chance, 1.0, 5.0)),
            12 => Self::LoseNats(seconds(chance, 0.0, 5.0)),
            _ => Self::StopPostgres(seconds(chance, 1.0, 5.0)),
        }
    }
}

/// A time between these.
pub fn seconds(chance: &mut SmallRng, least: f64, most: f64) -> Duration {
    Duration::from_secs_f64(chance.random_range(least..most))
}

impl fmt::Display for Trick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(node, away) => write!(f, "node {node} is killed, for {away:.1?}"),
            Self::Drain(node) => write!(f, "node {node} is replaced"),
            Self::Freeze(node, still) => write!(f, "node {node} stands still for {still:.1?}"),
            Self::KillNats(server, away) => write!(f, "NATS {server} is killed, for {away:.1?}"),
            Self::LoseNats(away) => write!(f, "all NATS is lost, for {away:.1?}"),
            Self::StopPostgres(away) => write!(f, "PostgreSQL is stopped, for {away:.1?}"),
        }
    }
}
