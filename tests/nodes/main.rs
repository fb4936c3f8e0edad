//! Several nodes, their people and the network between them, in virtual time: a
//! million steps and deliveries, in which letters are lost, repeated, delayed and
//! reordered, nodes stop and are out of reach, and sessions move. `PASSERBY_SEED`
//! chooses another run; a failure shows the seed of its own. `PASSERBY_RUNS` asks
//! for more of them.

#![allow(unreachable_pub, reason = "a test's own modules")]

mod acts;
#[path = "../shared/archive.rs"]
mod archive;
mod coming;
mod desks;
mod frozen;
mod ledger;
mod network;
mod node;
mod person;
mod review;
mod rules;
#[path = "../shared/seed.rs"]
mod seed;
mod tally;
mod travel;
mod trouble;
mod view;
mod world;

use std::time::Duration;

use rand::RngExt;
use seed::seed_or;
use tally::Tally;
use world::World;

/// Steps of one run.
const TROUBLED: usize = 700;
const CALM: usize = 300;
/// For how long nothing is done at last: longer than the grace and any wait for
/// an answer.
const QUIET: Duration = Duration::from_secs(12);

/// When a pool has let go of tickets of nodes that it never knew.
const FORGOTTEN: Duration = Duration::from_secs(150);

/// One run; the same from the same seed.
fn run(seed: u64, tally: Tally) -> Tally {
    let mut world = World::new(seed, tally);
    world.tally.runs += 1;
    for _ in 0..2 {
        world.heal();
        operate(&mut world, TROUBLED / 2, false);
        world.heal();
        // Sometimes nobody says or does anything more.
        if world.rng.random_ratio(2, 3) {
            operate(&mut world, CALM / 2, true);
        }
        quiet(&mut world, QUIET);
    }
    if seed.is_multiple_of(8) {
        quiet(&mut world, FORGOTTEN);
        world.review_brokers();
    }
    world.tally.halves += world.ledger.halves();
    world.tally
}

fn operate(world: &mut World, steps: usize, calm: bool) {
    let pace = if calm { Duration::from_millis(10) } else { world.rules.pace };
    for _ in 0..steps {
        world.pass(pace);
        if !calm && world.rng.random_ratio(1, 40) {
            world.trouble();
        }
        if world.rng.random_ratio(if calm { 1 } else { 3 }, 4) {
            world.act(calm);
        }
        if calm {
            world.settle();
            world.review_waits();
        } else {
            dawdle(world);
        }
    }
}

/// Some of what nodes have still to do is done.
fn dawdle(world: &mut World) {
    let at = world.some_node();
    let busy = world.nodes[at].busy().filter(|_| !world.nodes[at].is_frozen());
    if let Some(session) = busy {
        world.nodes[at].proceed(world.now, session);
        world.look(at);
    }
    for at in 0..world.nodes.len() {
        if world.rng.random_ratio(2, 3) {
            world.hear(at);
        }
    }
    let slot = world.rng.random_range(..world.people.len());
    world.read(slot);
}

/// Everything under way arrives, and the grace of who doesn't come back ends.
fn quiet(world: &mut World, long: Duration) {
    let until = world.now + long;
    while world.now < until {
        world.pass(Duration::from_millis(80));
        world.settle();
        world.review_waits();
    }
    world.review();
}

fn simulate(first: u64, runs: u64) {
    let seed = seed_or(first);
    let alone = std::env::var("PASSERBY_SEED").is_ok();
    let more = std::env::var("PASSERBY_RUNS").map_or(1, |text| text.parse().expect("a number"));
    let runs = if alone { 1 } else { runs * more };
    let mut tally = Tally::default();
    for seed in seed..seed + runs {
        let before = std::mem::take(&mut tally);
        let shown = SeedShown(seed);
        tally = run(seed, before);
        std::mem::forget(shown);
    }
    if !alone {
        tally.assert_eventful();
    }
}

/// Shows the seed of a run that fails.
struct SeedShown(u64);

impl Drop for SeedShown {
    fn drop(&mut self) {
        println!("PASSERBY_SEED={}", self.0);
    }
}

#[test]
fn nobody_is_paired_twice_and_no_signal_crosses() {
    simulate(1_000_000, RUNS);
}

#[test]
fn rooms_that_a_failure_cut_in_half_end() {
    simulate(2_000_000, RUNS);
}

#[test]
fn a_node_that_stood_still_gives_way() {
    simulate(FROZEN, RUNS);
}

/// Seeds of runs that have failed once, with what was wrong: the memory of a person
/// was lost where it had gone to another node; a node that was back was not offered
/// what it had dropped; a wait seemed shorter than it was where an offer was late;
/// somebody was brought back into a room that was only promised; two copies of a
/// session had moved equally often; an older copy had waited for longer; someone on
/// the way for longer than its client was seen to be; and that nobody sat in a room
/// was heard when somebody did.
const ONCE_WRONG: [u64; 8] = [71228, 71403, 61330, 70653, 71711, 80462, 83267, 83408];

#[test]
fn what_was_wrong_once_is_right() {
    for seed in ONCE_WRONG {
        let shown = SeedShown(seed);
        run(seed, Tally::default());
        std::mem::forget(shown);
    }
}

const RUNS: u64 = 400;

/// From this seed on nodes stand still as well.
pub const FROZEN: u64 = 3_000_000;
