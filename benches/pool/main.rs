//! What a step of the pool costs among a thousand who wait and among a million:
//! the time it takes, and how many tickets it examines.
//!
//! Each crowd is built once for all its steps, and only when a step of it is
//! asked for. `cargo bench --bench pool -- language` measures what has the word
//! in its name, `--help` tells the rest. As a test, without `--bench`, it does
//! each step once, among few.

#![allow(unreachable_pub)] // A crate of its own, which nobody else reads.

mod crowd;
mod roster;
mod tally;
mod wishes;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use tikv_jemallocator::Jemalloc;

use crowd::Crowd;
use tally::{Step, Table, Tallies};
use wishes::Wishes;

/// As the service has it.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// Measured time a benchmark; what keeps the crowd steady takes several times as long.
const MEASURED: Duration = Duration::from_millis(400);
const WARM_UP: Duration = Duration::from_millis(100);

fn main() {
    let mut criterion = Criterion::default()
        .without_plots()
        .warm_up_time(WARM_UP)
        .measurement_time(MEASURED)
        .configure_from_args();
    let sizes = sizes();
    let mut table = Table::new(sizes);
    for wishes in Wishes::ALL {
        let tallies = sizes.map(|size| measure(&mut criterion, wishes, size));
        table.add(wishes.name(), tallies);
    }
    criterion.final_summary();
    print!("\n{table}");
}

fn sizes() -> [usize; 2] {
    let told = |flag: &str| std::env::args().any(|argument| argument == flag);
    if told("--bench") && !told("--test") { [1_000, 1_000_000] } else { [100, 1_000] }
}

fn measure(criterion: &mut Criterion, wishes: Wishes, size: usize) -> Tallies {
    let mut crowd = None;
    let mut tallies = Tallies::default();
    let mut group = criterion.benchmark_group(wishes.name());
    for step in Step::ALL {
        group.bench_function(BenchmarkId::new(step.name(), size), |bencher| {
            let crowd = crowd.get_or_insert_with(|| Crowd::new(wishes, size));
            bencher.iter_custom(|count| crowd.measure(step, count));
            tallies = crowd.tallies();
        });
    }
    group.finish();
    tallies
}
