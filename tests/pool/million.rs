//! A million operations of a busy service in virtual time. All that the pool
//! does is checked by bookkeeping of its own; `PASSERBY_SEED` repeats a run.

use super::seed::seed_or;
use super::world::World;

const OPERATIONS: usize = 1_000_000;
/// How often all who wait are compared pair by pair.
const CHECK_EVERY: usize = 4_000;

/// Says how to repeat the run if it fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to repeat it: PASSERBY_SEED={}", self.0);
        }
    }
}

#[test]
fn a_million_operations_break_no_rule() {
    let seed = Seed(seed_or(0x9a55_e2b1));
    let mut world = World::new(seed.0);
    for operation in 1..=OPERATIONS {
        world.step();
        if operation % CHECK_EVERY == 0 {
            world.check_all();
        }
    }
    world.check_all();
    world.check_variety();
}
