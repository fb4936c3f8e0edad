//! A line without axes, beside a figure.

use super::charts::Seconds;
use super::thin::thin;

/// A tile is not wide.
const POINTS: usize = 60;

/// The line; nothing where less than two values are known.
pub(super) fn sparkline(seconds: &Seconds) -> String {
    let values: Vec<f64> = thin(&seconds.values, POINTS, seconds.keep)
        .into_iter()
        .map(|value| value.unwrap_or(0.0))
        .collect();
    let most = values.iter().copied().fold(0.0, f64::max);
    if values.len() < 2 || most <= 0.0 {
        return String::new();
    }
    let last = (values.len() - 1) as f64;
    let points = values.iter().enumerate().map(|(at, value)| {
        format!("{:.1} {:.1}", at as f64 / last * 100.0, 29.0 - value / most * 27.0)
    });
    let points = points.collect::<Vec<_>>().join("L");
    let class = seconds.class;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"spark {class}\" viewBox=\"0 0 100 30\" \
         preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <path class=\"fill\" d=\"M0 30L{points}L100 30Z\"/>\
         <path class=\"line\" d=\"M{points}\"/></svg>"
    )
}
