//! The monkey: it has two hands, which do one trick after the other.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::SeedableRng as _;
use rand::rngs::SmallRng;

use super::trick::{Trick, seconds};
use super::world::World;

/// More at once, and nothing would be left that people could use.
const HANDS: u64 = 2;

/// Lets it do what it likes for so long. What it holds then it puts back first.
pub fn let_loose(world: &World, seed: u64, trouble: Duration) {
    let until = Instant::now() + trouble;
    std::thread::scope(|scope| {
        for hand in 0..HANDS {
            let chance = SmallRng::seed_from_u64(seed ^ hand);
            scope.spawn(move || play(world, chance, until));
        }
    });
    world.say("the monkey is gone");
}

fn play(world: &World, mut chance: SmallRng, until: Instant) {
    loop {
        sleep(seconds(&mut chance, 0.5, 5.0));
        if Instant::now() >= until || world.is_wrong() {
            return;
        }
        // What the other hand holds is not to be had.
        while !world.suffer(Trick::draw(&mut chance)) {}
    }
}
