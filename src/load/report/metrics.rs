//! What can be read from the server's own metrics: sums over labels, and the
//! percentiles of a histogram's buckets.

use std::collections::BTreeMap;

/// The series of `/metrics`, by name and labels.
pub(super) type Series = BTreeMap<String, f64>;

/// The sum of a metric over its labels; `None` where it is not there.
pub(super) fn sum(series: &Series, name: &str) -> Option<f64> {
    family(series, name).map(|(_, value)| value).reduce(|a, b| a + b)
}

/// A histogram at one moment: how many were at most so long, by upper bound in
/// seconds, summed over all labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Buckets(Vec<(f64, f64)>);

impl Buckets {
    /// The histogram of that name; `None` where it is not there.
    pub(super) fn read(series: &Series, name: &str) -> Option<Self> {
        let mut buckets: Vec<(f64, f64)> = Vec::new();
        for (labels, count) in family(series, &format!("{name}_bucket")) {
            let bound = bound(labels)?;
            match buckets.iter_mut().find(|(known, _)| *known == bound) {
                Some((_, sum)) => *sum += count,
                None => buckets.push((bound, count)),
            }
        }
        buckets.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        (!buckets.is_empty()).then_some(Self(buckets))
    }

    /// What came in since an earlier moment. All of it, where there is less than
    /// then: the server has begun anew.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        let before = |bound: f64| earlier.0.iter().find(|(known, _)| *known == bound);
        let since = |(bound, count): &(f64, f64)| {
            (*bound, count - before(*bound).map_or(0.0, |(_, before)| *before))
        };
        let since = Self(self.0.iter().map(since).collect());
        if since.0.iter().any(|(_, count)| *count < 0.0) { self.clone() } else { since }
    }

    /// How many there are.
    pub(super) fn count(&self) -> f64 {
        self.0.last().map_or(0.0, |(_, count)| *count)
    }

    /// A quantile in seconds, by a straight line within its bucket as Prometheus'
    /// `histogram_quantile` has it; `None` of nothing.
    pub(super) fn quantile(&self, quantile: f64) -> Option<f64> {
        let rank = quantile * self.count();
        let at = self.0.iter().position(|(_, count)| *count > 0.0 && *count >= rank)?;
        let (low, below) = at.checked_sub(1).map_or((0.0, 0.0), |before| self.0[before]);
        let (high, within) = self.0[at];
        // Of what is beyond the last bound, only the bound is known.
        if high.is_infinite() {
            return Some(low);
        }
        Some(low + (high - low) * ((rank - below) / (within - below)).clamp(0.0, 1.0))
    }
}

/// The labels and values of a metric.
fn family<'a>(series: &'a Series, name: &'a str) -> impl Iterator<Item = (&'a str, f64)> {
    let from_name =
        series.range(name.to_owned()..).take_while(move |(key, _)| key.starts_with(name));
    from_name.filter_map(move |(key, value)| match key[name.len()..].chars().next() {
        None | Some('{') => Some((&key[name.len()..], *value)),
        // Another metric whose name begins alike.
        Some(_) => None,
    })
}

/// The upper bound of a bucket, of its labels.
fn bound(labels: &str) -> Option<f64> {
    let (_, rest) = labels.split_once("le=\"")?;
    let (bound, _) = rest.split_once('"')?;
    if bound == "+Inf" { Some(f64::INFINITY) } else { bound.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(lines: &[(&str, f64)]) -> Series {
        lines.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }

    #[test]
    fn a_metric_is_summed_over_its_labels_and_no_others() {
        let series = series(&[
            ("passerby_waiting{mode=\"text\"}", 2.0),
            ("passerby_waiting{mode=\"video\"}", 3.0),
            ("passerby_waiting_longest", 7.0),
            ("passerby_rooms", 9.0),
        ]);
        assert_eq!(sum(&series, "passerby_waiting"), Some(5.0));
        assert_eq!(sum(&series, "passerby_rooms"), Some(9.0));
        assert_eq!(sum(&series, "passerby_room"), None);
    }

    #[test]
    fn percentiles_are_of_what_came_in_between() {
        let at = |counts: [f64; 3]| {
            let [a, b, c] = counts;
            let series = series(&[
                ("wait_bucket{by=\"any\",le=\"0.1\"}", a),
                ("wait_bucket{by=\"interest\",le=\"0.1\"}", a),
                ("wait_bucket{by=\"any\",le=\"0.2\"}", b),
                ("wait_bucket{by=\"any\",le=\"+Inf\"}", c),
            ]);
            Buckets::read(&series, "wait").unwrap()
        };
        let (before, after) = (at([1.0, 5.0, 5.0]), at([1.0, 15.0, 16.0]));
        let between = after.since(&before);
        assert_eq!((between.count(), between.quantile(0.99)), (11.0, Some(0.2)));
        let median = between.quantile(0.5).unwrap();
        assert!((median - 0.155).abs() < 1e-9, "{median}");
        assert_eq!(before.since(&after), before, "the server began anew");
        assert_eq!(before.since(&before).quantile(0.5), None);
    }
}
