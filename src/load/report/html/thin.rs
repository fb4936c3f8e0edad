//! Fewer points where there are more than a chart can show: a run of hours has
//! one a second.

/// What stands for several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// Their mean: of rates and gauges.
    Mean,
    /// The highest: of what must not get lost.
    Highest,
}

/// At most `most` values, each standing for as many as the others.
pub(super) fn thin(values: &[Option<f64>], most: usize, keep: Keep) -> Vec<Option<f64>> {
    let each = values.len().div_ceil(most.max(1)).max(1);
    values.chunks(each).map(|chunk| stand_in(chunk, keep)).collect()
}

fn stand_in(values: &[Option<f64>], keep: Keep) -> Option<f64> {
    let known = || values.iter().flatten().copied().filter(|value| value.is_finite());
    let count = known().count();
    match keep {
        Keep::Highest => known().reduce(f64::max),
        Keep::Mean => (count > 0).then(|| known().sum::<f64>() / count as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_or_the_mean_of_what_is_known() {
        let values = [Some(1.0), Some(3.0), None, Some(5.0), None, None, Some(f64::NAN)];
        assert_eq!(thin(&values, 4, Keep::Highest), [Some(3.0), Some(5.0), None, None]);
        assert_eq!(thin(&values, 4, Keep::Mean), [Some(2.0), Some(5.0), None, None]);
        assert_eq!(thin(&values[..2], 4, Keep::Mean), values[..2]);
        assert_eq!(thin(&[], 4, Keep::Mean), []);
    }
}
