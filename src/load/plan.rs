//! What a crew is to do: the flags in a form that can be handed to a process.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::{LoadFlags, PeopleFlags};
use crate::protocol::Mode;

/// The scenarios that people play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Scenario {
    Idle,
    Pair,
    Relay,
    Churn,
    Call,
    Mix,
    Storm,
    Soak,
}

impl Scenario {
    /// Its name on the command line.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Pair => "pair",
            Self::Relay => "relay",
            Self::Churn => "churn",
            Self::Call => "call",
            Self::Mix => "mix",
            Self::Storm => "storm",
            Self::Soak => "soak",
        }
    }
}

/// What some people do, from when on and where.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) scenario: Scenario,
    /// Tells this run's people from those of others.
    pub(super) run: u32,
    pub(super) seed: u64,
    /// The first person of this crew.
    pub(super) first: u32,
    /// How many there are in it.
    pub(super) count: u32,
    /// How many there are in all crews.
    pub(super) total: u32,
    pub(super) targets: Vec<Place>,
    /// None: as the system likes.
    pub(super) sources: Vec<IpAddr>,
    /// When it begins, in microseconds since 1970.
    pub(super) start_us: u64,
    pub(super) connect_rate: u32,
    pub(super) settings: Settings,
}

/// Where people connect.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) url: String,
    pub(super) addresses: Vec<std::net::SocketAddr>,
}

/// How people behave.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) rate: Option<f64>,
    pub(super) window: u32,
    pub(super) mode: Option<Mode>,
    pub(super) stay: Duration,
    pub(super) interests: f64,
    pub(super) text: f64,
    pub(super) skip: f64,
    pub(super) drop: f64,
    pub(super) storm: Duration,
}

impl From<&PeopleFlags> for Settings {
    fn from(flags: &PeopleFlags) -> Self {
        Self {
            rate: flags.rate,
            window: flags.window.get(),
            mode: flags.mode,
            stay: flags.stay_ms,
            interests: flags.interests.0,
            text: flags.text.0,
            skip: flags.skip.0,
            drop: flags.drop.0,
            storm: flags.storm_ms.max(Duration::from_millis(100)),
        }
    }
}

impl Plan {
    /// The plan for all people in one crew.
    pub(super) fn new(
        scenario: Scenario,
        flags: &LoadFlags,
        targets: Vec<Place>,
        start_us: u64,
        seed: u64,
    ) -> Self {
        Self {
            scenario,
            run: rand::random(),
            seed,
            first: 0,
            count: flags.connections.get(),
            total: flags.connections.get(),
            targets,
            sources: flags.sources(),
            start_us,
            connect_rate: flags.connect_rate.get(),
            settings: Settings::from(&flags.people),
        }
    }

    /// When this person is to connect: all crews in turn, at the rate together.
    pub(super) fn connect_us(&self, person: u32) -> u64 {
        self.start_us + u64::from(person) * 1_000_000 / u64::from(self.connect_rate)
    }

    /// When all should be connected: what they do together begins here.
    pub(super) fn gate_us(&self) -> u64 {
        self.connect_us(self.total) + 500_000
    }

    /// The same in so many crews, as even as can be.
    pub(super) fn split(&self, crews: u32) -> Vec<Self> {
        let crews = crews.clamp(1, self.total.max(1));
        let bound = |crew: u32| {
            let share = u64::from(self.total) * u64::from(crew) / u64::from(crews);
            u32::try_from(share).expect("at most all")
        };
        let part = |crew| {
            let (first, next) = (bound(crew), bound(crew + 1));
            Self { first, count: next - first, ..self.clone() }
        };
        (0..crews).map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::config::{Cli, Command, LoadCommand};

    #[test]
    fn crews_share_the_people_out() {
        let cli = Cli::try_parse_from(["passerby", "load", "idle", "--connections", "10"]).unwrap();
        let Command::Load(LoadCommand::Idle(flags)) = cli.command else { panic!("idle") };
        let plan = Plan::new(Scenario::Idle, &flags, Vec::new(), 0, 1);
        let shares = |crews| plan.split(crews).iter().map(|plan| plan.count).collect::<Vec<_>>();
        assert_eq!(shares(3), [3, 3, 4]);
        assert_eq!(shares(1), [10]);
        assert_eq!(shares(99).len(), 10, "nobody is without people");
        assert_eq!(plan.split(3)[2].first, 6);
        assert_eq!(plan.connect_us(1000), 1_000_000);
    }
}
