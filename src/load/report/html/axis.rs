//! Axes: where a value stands between the ends, and which values are named.

use super::units;

/// From the foot to the top of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    /// From zero to the value.
    Linear(f64),
    /// By powers, from the one value to the other; neither is zero.
    Log(f64, f64),
}

/// What the values of an axis are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Microseconds.
    Time,
    /// How many.
    Count,
    /// How many a second.
    PerSecond,
    /// Bytes.
    Bytes,
    /// Cores in use.
    Cores,
}

/// The steps between which values are named, in a decade.
const STEPS: [f64; 4] = [1.0, 2.0, 5.0, 10.0];
/// About so many values are named.
const TICKS: f64 = 4.0;

impl Scale {
    /// A linear scale that holds values up to `most`.
    pub(super) fn linear(most: f64, unit: Unit) -> Self {
        let step = step(most, unit);
        Self::Linear((most / step).ceil().max(1.0) * step)
    }

    /// A scale by powers where values differ much, else a linear one.
    pub(super) fn suited(least: f64, most: f64, unit: Unit) -> Self {
        if least.max(1.0) * 20.0 > most {
            return Self::linear(most, unit);
        }
        let below = 10_f64.powf(least.max(1.0).log10().floor());
        let low = if below * 5.0 <= least { below * 5.0 } else { below };
        let above = 10_f64.powf(most.log10().ceil());
        let high = if above / 5.0 >= most { above / 5.0 } else { above };
        Self::Log(low, high)
    }

    /// 0 at the foot, 1 at the top.
    pub(super) fn place(self, value: f64) -> f64 {
        let place = match self {
            Self::Linear(most) => value / most,
            Self::Log(low, high) => (value.max(low) / low).ln() / (high / low).ln(),
        };
        if place.is_finite() { place.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// The values that are named.
    pub(super) fn ticks(self, unit: Unit) -> Vec<f64> {
        match self {
            Self::Linear(most) => {
                let step = step(most, unit);
                let steps = (most / step).round() as u32;
                (0..=steps.min(12)).map(|at| f64::from(at) * step).collect()
            }
            Self::Log(low, high) => {
                let powers = low.log10().ceil() as i32..=high.log10().floor() as i32;
                powers.map(|power| 10_f64.powi(power)).collect()
            }
        }
    }
}

impl Unit {
    /// A value with its unit.
    pub(super) fn words(self, value: f64) -> String {
        match self {
            Self::Time => units::time(value),
            Self::Count => units::number(value),
            Self::PerSecond => format!("{}/s", units::number(value)),
            Self::Bytes => units::bytes(value),
            Self::Cores => units::number(value),
        }
    }

    /// A value that is named at an axis, where it is round.
    pub(super) fn short(self, value: f64) -> String {
        let text = match self {
            Self::PerSecond => units::number(value),
            unit => unit.words(value),
        };
        match text.split_once(' ') {
            Some((number, unit)) if number.contains('.') => {
                format!("{} {unit}", number.trim_end_matches('0').trim_end_matches('.'))
            }
            _ => text,
        }
    }
}

/// The distance of named values, so that about [`TICKS`] of them reach `most`.
fn step(most: f64, unit: Unit) -> f64 {
    let most = if most.is_finite() && most > 0.0 { most } else { 1.0 };
    let base = match unit {
        Unit::Bytes => 1024_f64.powf(most.log(1024.0).floor()),
        Unit::Time | Unit::Count | Unit::PerSecond | Unit::Cores => 1.0,
    };
    let rough = most / base / TICKS;
    let decade = 10_f64.powf(rough.log10().floor());
    let step = STEPS.iter().map(|step| step * decade).find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(decade * 10.0) * base;
    match unit {
        Unit::Count | Unit::Bytes => step.max(1.0),
        Unit::Time | Unit::PerSecond | Unit::Cores => step,
    }
}

/// Named moments of a run of `seconds`: the second, and its words.
pub(super) fn moments(seconds: f64) -> Vec<(f64, String)> {
    const STEPS: [f64; 14] = [
        1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 21600.0,
    ];
    let step = STEPS.iter().copied().find(|step| seconds / step <= 6.0);
    let step = step.unwrap_or(86400.0 * (seconds / 6.0 / 86400.0).ceil());
    let count = (seconds / step).floor().min(12.0) as u32;
    (0..=count).map(|at| f64::from(at) * step).map(|at| (at, units::length(at))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn linear_axes_end_at_round_values() {
        let Scale::Linear(most) = Scale::linear(873.0, Unit::Count) else { panic!("linear") };
        assert_eq!(most, 1000.0);
        assert_eq!(Scale::Linear(most).ticks(Unit::Count), [0.0, 500.0, 1000.0]);
        let mib = Scale::linear(300.0 * 1048576.0, Unit::Bytes).ticks(Unit::Bytes);
        assert_eq!(
            mib.into_iter().map(|v| Unit::Bytes.short(v)).collect::<Vec<_>>(),
            ["0 B", "100 MiB", "200 MiB", "300 MiB"]
        );
        assert_eq!(Scale::linear(0.0, Unit::Count), Scale::Linear(1.0));
    }

    #[test]
    fn values_that_differ_much_are_told_apart_by_powers() {
        assert_eq!(Scale::suited(120.0, 90_000.0, Unit::Time), Scale::Log(100.0, 100_000.0));
        assert_eq!(Scale::suited(700.0, 15_000.0, Unit::Time), Scale::Log(500.0, 20_000.0));
        assert!(matches!(Scale::suited(500.0, 900.0, Unit::Time), Scale::Linear(_)));
        assert_eq!(Scale::Log(100.0, 10_000.0).place(1000.0), 0.5);
    }

    #[test]
    fn moments_are_round() {
        let words =
            |seconds| moments(seconds).into_iter().map(|(_, words)| words).collect::<Vec<_>>();
        assert_eq!(words(120.0), ["0 s", "30 s", "60 s", "90 s", "2 min"]);
        assert_eq!(words(7200.0), ["0 s", "30 min", "1 h", "1 h 30 min", "2 h"]);
    }

    proptest! {
        #[test]
        fn all_values_have_a_place(least in 0.0..1e12_f64, more in 0.0..1e12_f64, bytes: bool) {
            let unit = if bytes { Unit::Bytes } else { Unit::Time };
            let most = least + more;
            for scale in [Scale::linear(most, unit), Scale::suited(least, most, unit)] {
                let (low, high) = (scale.place(least), scale.place(most));
                prop_assert!((0.0..=1.0).contains(&low) && low <= high && high <= 1.0);
                prop_assert!(scale.ticks(unit).len() <= 14, "{scale:?}");
            }
        }
    }
}
