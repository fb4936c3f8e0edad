//! The seed of a simulated run.

/// The seed of a run: `PASSERBY_SEED`, or `default`.
pub fn seed_or(default: u64) -> u64 {
    std::env::var("PASSERBY_SEED").map_or(default, |text| text.parse().expect("a whole number"))
}
