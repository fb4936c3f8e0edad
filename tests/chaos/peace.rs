//! When the monkey is gone: the service is to be whole again, by itself.

use std::process::Command;
use std::time::{Duration, Instant};

use super::place::Place;
use super::server::DEADLINE;
use super::world::{PEOPLE, World};

/// How long nothing happens before people are counted: longer than a session is kept
/// without its connection, and than people wait to try again.
const PEACE: Duration = Duration::from_secs(12);
/// Of all people those whose connection just dropped, as people's do.
const AWAY: u32 = PEOPLE / 10;

/// Asserts that the service came out of it as it should.
pub async fn review(world: World) {
    alive(&world);
    world.is_whole().await;
    let pairs = world.metric("passerby_pairs_total").await;
    tokio::time::sleep(PEACE).await;
    // Twice as many as there are people: they stay for seconds.
    let paired = grows(&world, "passerby_pairs_total", pairs + f64::from(PEOPLE)).await;
    let there = grows(&world, "passerby_connections", f64::from(PEOPLE - AWAY)).await;
    world.is_whole().await;
    world.say("there was peace");
    end(world, [paired, there].into_iter().flatten().collect());
}

/// Waits until a metric of all nodes together is so large; what is wrong where it is
/// not.
async fn grows(world: &World, series: &str, least: f64) -> Option<String> {
    let begun = Instant::now();
    loop {
        let now = world.metric(series).await;
        if now >= least || begun.elapsed() >= DEADLINE {
            world.say(&format!("{series} is {now}, at least {least} is due"));
            return (now < least).then(|| format!("{series} is {now}, not {least}"));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Says what is wrong with nodes first: without them all else is as well.
fn alive(world: &World) {
    let mut wrong = Vec::new();
    for place in &world.places {
        let mut place = place.lock().unwrap();
        place.look_at_it();
        wrong.append(&mut place.wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Sends people home, then ends the nodes.
fn end(world: World, mut wrong: Vec<String>) {
    let World { people, places, .. } = world;
    let pid = people.pid().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success());
    let people = people.end();
    let places = places.into_iter().map(|place| place.into_inner().unwrap());
    wrong.extend(places.flat_map(Place::close));
    println!("{} {}", people.counts(), people.errors());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    people.assert_fine();
}
