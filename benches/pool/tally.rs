//! What steps took, added up, and the table of it.

use std::fmt;
use std::ops::{AddAssign, Sub};
use std::time::{Duration, Instant};

use passerby::matchmaking::pool::Pool;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A newcomer finds nobody.
    Waits,
    /// One who waits is gone.
    Leaves,
    /// A newcomer finds one who waits.
    Pairs,
    /// One who waits takes anyone from now on, since time has passed.
    Expires,
}

impl Step {
    pub const ALL: [Self; 4] = [Self::Waits, Self::Leaves, Self::Pairs, Self::Expires];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Waits => "join that waits",
            Self::Leaves => "leave",
            Self::Pairs => "join that pairs",
            Self::Expires => "expire",
        }
    }
}

/// Several steps together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub steps: u64,
    pub time: Duration,
    examined: u64,
}

impl Tally {
    /// Does and measures `work`, as one step. The clock's own time is in it, some
    /// 20 to 40 ns.
    pub fn of<R>(pool: &mut Pool<u64>, work: impl FnOnce(&mut Pool<u64>) -> R) -> (R, Self) {
        let examined = pool.examined();
        let started = Instant::now();
        let result = work(pool);
        let time = started.elapsed();
        (result, Self { steps: 1, time, examined: pool.examined() - examined })
    }

    /// Nothing where no step was done.
    fn a_step(self, total: impl FnOnce(Self) -> f64, decimals: usize) -> String {
        if self.steps == 0 {
            return "-".to_owned();
        }
        format!("{:.decimals$}", total(self) / self.steps as f64)
    }

    fn examined_a_step(self) -> String {
        self.a_step(|tally| tally.examined as f64, 2)
    }

    fn nanoseconds_a_step(self) -> String {
        self.a_step(|tally| tally.time.as_nanos() as f64, 0)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.steps += other.steps;
        self.time += other.time;
        self.examined += other.examined;
    }
}

impl Sub for Tally {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            steps: self.steps - earlier.steps,
            time: self.time - earlier.time,
            examined: self.examined - earlier.examined,
        }
    }
}

/// One for each of [`Step::ALL`].
pub type Tallies = [Tally; Step::ALL.len()];

/// All crowds, the sizes side by side.
pub struct Table {
    sizes: [usize; 2],
    rows: Vec<(&'static str, [Tallies; 2])>,
}

impl Table {
    pub fn new(sizes: [usize; 2]) -> Self {
        Self { sizes, rows: Vec::new() }
    }

    pub fn add(&mut self, crowd: &'static str, tallies: [Tallies; 2]) {
        self.rows.push((crowd, tallies));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [few, many] = self.sizes;
        writeln!(f, "{:45}{:>20}{:>24}", "", "tickets examined", "nanoseconds")?;
        writeln!(f, "{:45}{few:>10}{many:>10}{few:>14}{many:>10}", "a step, among so many:")?;
        for (crowd, [few, many]) in &self.rows {
            for step in Step::ALL {
                let (few, many) = (few[step as usize], many[step as usize]);
                write!(f, "{crowd:28}{:17}", step.name())?;
                write!(f, "{:>10}{:>10}", few.examined_a_step(), many.examined_a_step())?;
                write!(f, "{:>14}{:>10}", few.nanoseconds_a_step(), many.nanoseconds_a_step())?;
                writeln!(f)?;
            }
        }
        Ok(())
    }
}
