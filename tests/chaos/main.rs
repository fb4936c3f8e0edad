//! A service of three nodes on three NATS servers and one PostgreSQL, people who use
//! it, and a monkey that kills, stops and freezes what it finds.
//!
//! What the people are told is held against the protocol all the while; afterwards
//! the service has to be whole again by itself. `PASSERBY_CHAOS_SECONDS` says how long
//! the monkey is about, and `PASSERBY_SEED` what it does: the same tricks at the same
//! pace. What they meet is up to the machine.

#![allow(unreachable_pub)]

#[path = "../service/client.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod client;
#[path = "../service/folder.rs"]
mod folder;
#[path = "../service/memory.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod memory;
#[path = "../shared/mix.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod mix;
mod monkey;
#[path = "../shared/nats.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod nats;
#[path = "../service/nodes.rs"]
mod nodes;
mod peace;
mod place;
#[path = "../shared/postgres.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod postgres;
#[path = "../shared/seed.rs"]
mod seed;
#[path = "../service/server.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod server;
mod trick;
mod world;

use std::time::Duration;

use world::World;

/// How long the monkey is about, unless it is told.
const SECONDS: u64 = 20;

#[tokio::test]
#[ignore = "no two runs are the same, and it takes minutes: make chaos"]
async fn nothing_that_is_killed_breaks_a_promise() {
    let seed = seed::seed_or(rand::random());
    let seconds = std::env::var("PASSERBY_CHAOS_SECONDS");
    let seconds = seconds.map_or(SECONDS, |text| text.parse().expect("whole seconds"));
    println!("PASSERBY_CHAOS_SECONDS={seconds} PASSERBY_SEED={seed}");
    let world = World::start(seed);
    world.is_whole().await;
    let trouble = Duration::from_secs(seconds);
    let world = tokio::task::spawn_blocking(move || {
        monkey::let_loose(&world, seed, trouble);
        world
    });
    peace::review(world.await.unwrap()).await;
    world::nothing_is_left();
}
