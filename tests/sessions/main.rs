//! A million steps of clients that drop, come back, reload and take each other
//! over, in virtual time. Books of their own say what each is owed (rule 6);
//! `PASSERBY_SEED` repeats a run.

#![allow(unreachable_pub, reason = "a test's own modules")]

#[path = "../shared/archive.rs"]
mod archive;
mod book;
mod books;
mod client;
mod connection;
mod owed;
mod restart;
mod resume;
mod say;
#[path = "../shared/seed.rs"]
mod seed;
mod server;
mod settle;
mod tally;
mod tasks;
mod world;

use seed::seed_or;
use world::{Weather, World};

/// How often everything comes to rest and is compared.
const SETTLE_EVERY: usize = 5_000;

/// How often each kind of thing happens in a run.
const AT_LEAST: usize = 5;

const CALM: Weather = Weather {
    clients: 24,
    trouble_permille: 20,
    return_permille: 200,
    flood_permille: 300,
    restart_every: 20_000,
};
const STORM: Weather = Weather {
    clients: 10,
    trouble_permille: 250,
    return_permille: 300,
    flood_permille: 300,
    restart_every: 2_000,
};
/// Two people who can't get rid of each other.
const PAIR: Weather = Weather {
    clients: 3,
    trouble_permille: 100,
    return_permille: 60,
    flood_permille: 300,
    restart_every: 5_000,
};

/// Says how to repeat the run if it fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to repeat it: PASSERBY_SEED={}", self.0);
        }
    }
}

fn run(default: u64, weather: Weather, steps: usize) {
    let seed = Seed(seed_or(default));
    let mut world = World::new(seed.0, weather);
    for step in 1..=steps {
        world.step();
        if step % SETTLE_EVERY == 0 {
            world.settle();
        }
    }
    world.finish();
    world.check_variety(AT_LEAST);
}

#[test]
fn rule_6_holds_for_a_crowd_with_little_trouble() {
    run(0x5e55_0001, CALM, 1_000_000);
}

#[test]
fn rule_6_holds_in_a_storm() {
    run(0x5e55_0002, STORM, 1_000_000);
}

#[test]
fn rule_6_holds_for_a_few_who_meet_again_and_again() {
    run(0x5e55_0003, PAIR, 1_000_000);
}
