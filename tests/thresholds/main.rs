//! Whom reports alone keep out, in thousands of seeded runs of services in virtual
//! time: honest people, abusers, and twenty who want to have somebody kept out.
//! `PASSERBY_SEED` chooses other runs. Each test prints what it counted; the figures
//! stand in `docs/moderation.md`.

#![allow(unreachable_pub, reason = "a test's own modules")]

mod abusers;
mod collusion;
#[path = "../shared/seed.rs"]
mod seed;
mod world;

use world::World;

/// The seed from which those of the runs follow.
const SEED: u64 = 20_261_126;

/// How many runs each test makes, `PASSERBY_RUNS` times.
const RUNS: u64 = 250;

/// Services of the same age, one a run. Ten runs share a past of a day.
fn worlds(days: f64) -> impl Iterator<Item = World> {
    let seed = seed::seed_or(SEED);
    println!("PASSERBY_SEED={seed}");
    let times = std::env::var("PASSERBY_RUNS").map_or(1, |times| times.parse().expect("a number"));
    (0..RUNS * times / 10).flat_map(move |past: u64| {
        let world = World::new(seed.wrapping_add(past), days);
        (0..10).map(move |run| world.fork(run))
    })
}
